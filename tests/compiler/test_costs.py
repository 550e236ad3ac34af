"""What makes builds fast must not change what they give: caches, and the sharing of work between processes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scarlet.compiler import Options, build, native
from scarlet.compiler.emit import processes
from scarlet.compiler.front import _options, check

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "lowering_program.py"


def c_text(folder: Path, program: Path = PROGRAM) -> dict[str, str]:
    return build([program], Options(folder=folder, stop="c", dump_c=True)).c


def test_two_processes_write_the_same_c_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = c_text(tmp_path)
    monkeypatch.setattr(processes, "WORTH", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert c_text(tmp_path) == alone


def test_what_the_library_s_cache_gives_is_compiled_to_the_same_c(tmp_path: Path) -> None:
    cold = c_text(tmp_path)
    assert list(tmp_path.glob("library/*/builtins.*")), "nothing was cached"
    assert c_text(tmp_path) == cold


def test_a_module_of_ours_is_never_taken_from_the_cache(tmp_path: Path) -> None:
    source = tmp_path / "program.py"
    source.write_text('"""A program."""\n\nprint(1)\n')
    check([source], "linux-user", cache=tmp_path / "cache")
    assert not [
        path for path in (tmp_path / "cache").rglob("*") if path.name.startswith(("program.", "scarlet")) or path.parent.name == "scarlet"
    ]
    checked = check([source], "linux-user", cache=tmp_path / "cache")
    assert all(module.tree.defs for module in checked.modules if module.name == "program" or module.name == "scarlet.runtime.list")


def test_edits_after_another_give_the_c_of_a_new_process(tmp_path: Path) -> None:
    """A body, a signature, a field, a constant, a new instance of a generic class, a subclass, a function that begins to raise: nothing of
    one build may stay for the next."""
    base = """
from typing import Final
LIMIT: Final = 5
class Shape:
    def __init__(self, size: int) -> None:
        self.size = size
    def area(self) -> int:
        return self.size
def total(shapes: list[Shape]) -> int:
    return sum([shape.area() for shape in shapes if shape.size < LIMIT])
print(total([Shape(1), Shape(2)]))
"""
    edits = [
        base,
        base.replace("return self.size", "return self.size * self.size"),
        base.replace("def area(self)", "def area(self, scale: int = 2)").replace("return self.size", "return self.size * scale"),
        base.replace("self.size = size", "self.size = size\n        self.name = str(size)"),
        base.replace("LIMIT: Final = 5", "LIMIT: Final = 50"),
        base + "\nprint(len({1: Shape(1)}))\n",
        base + "\nclass Square(Shape):\n    def area(self) -> int:\n        return self.size ** 2\nprint(total([Square(3)]))\n",
        base.replace("return self.size\n", "if self.size < 0:\n            raise ValueError('negative')\n        return self.size\n"),
    ]
    program = tmp_path / "edited.py"

    def compiled(number: int) -> dict[str, str]:
        program.write_text(f'"""Edited again and again."""\n{edits[number]}')
        return c_text(tmp_path / "build", program)

    forwards = [compiled(number) for number in range(len(edits))]
    backwards = [compiled(number) for number in reversed(range(len(edits)))]
    assert forwards == backwards[::-1]
    assert [text != forwards[0] for text in forwards] == [False] + [True] * (len(edits) - 1)


def test_a_failure_in_another_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(items: list[str]) -> dict[str, str]:
        if "b" in items:
            raise KeyError("no such thing")
        return dict.fromkeys(items, "")

    monkeypatch.setattr(processes, "WORTH", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(RuntimeError, match="no such thing"):
        processes.shared(work, {"a": 2, "b": 1})


def test_the_heaviest_items_are_shared_out_first() -> None:
    assert processes._parts({"a": 9, "b": 1, "c": 5, "d": 4}, 2) == [["a", "b"], ["c", "d"]]


def test_every_name_that_may_be_ours_is_kept_out_of_the_cache(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "module.py").touch()
    options = _options(tmp_path, ["given.main"], tmp_path / "cache")
    for name in ("package", "package.part.deep", "module", "given.main"):
        assert options.clone_for_module(name).cache_dir == os.devnull
    assert options.clone_for_module("typing").cache_dir == str(tmp_path / "cache")


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Runs compile_files with a stand-in for the C compiler; gives the files that it was called for, in order."""
    log = tmp_path / "log"
    fake = tmp_path / "zig"
    fake.write_text(f'#!/bin/sh\nwhile [ "$1" != -c ]; do shift; done\necho "$2" >> {log}\ncp "$2" "$4"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(native, "zig", lambda: str(fake))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    def run(files: dict[str, str], optimisation: str = "-O1") -> list[str]:
        log.write_text("")
        told: list[tuple[int, int]] = []
        objects = native.compile_files(files, tmp_path / "out", optimisation, lambda _name, done, total: told.append((done, total)))
        assert [path.read_text() for path in objects] == list(files.values())
        names = [Path(line).name for line in log.read_text().split()]
        assert told == [(number, len(names)) for number in range(1, len(names) + 1)]
        return names

    return run


def test_only_changed_c_files_are_compiled_the_longest_first(compiled: Callable[..., list[str]]) -> None:
    files = {"a.c": "a", "b.c": "bbb", "c.c": "cc"}
    assert compiled(files) == ["b.c", "c.c", "a.c"]
    assert compiled(files) == []
    assert compiled(files | {"c.c": "other"}) == ["c.c"]
    assert compiled(files) == []


def test_other_flags_or_tools_mean_other_objects(compiled: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert compiled({"a.c": "a"}) == ["a.c"]
    assert compiled({"a.c": "a"}, "-O2") == ["a.c"]
    monkeypatch.setattr(native, "version", lambda _package: "another")
    assert compiled({"a.c": "a"}) == ["a.c"]
