"""What makes builds fast must not change what they give: caches, and the sharing of work between processes."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scarlet.compiler import Options, build, native
from scarlet.compiler.emit import processes, program
from scarlet.compiler.emit.fingerprint import Fingerprints
from scarlet.compiler.emit.records import Records
from scarlet.compiler.emit.texts import Text
from scarlet.compiler.front import _options, check
from scarlet.compiler.program import Program
from tests.compiler import edits

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "lowering_program.py"


def c_text(folder: Path, program: Path = PROGRAM) -> dict[str, str]:
    return build([program], Options(folder=folder, stop="c", dump_c=True)).c


def test_two_processes_write_the_same_c_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone = c_text(tmp_path / "alone")
    monkeypatch.setattr(processes, "WORTH", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert c_text(tmp_path / "shared") == alone
    prints = [{path.name for path in tmp_path.glob(f"{name}/*/texts/*")} for name in ("alone", "shared")]
    assert prints[0] == prints[1] != set(), "fingerprints follow from who makes them"
    assert c_text(tmp_path / "alone") == alone


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


PART = """
from typing import Final
LIMIT: Final = 5
class Held:
    def __init__(self, size: int) -> None:
        self.size = size
class Shape:
    def __init__(self, held: Held) -> None:
        self.held = held
    def area(self) -> int:
        return self.held.size
    def grow(self) -> None:
        self.held.size += 1
class Square(Shape):
    def area(self) -> int:
        return self.held.size ** 2
def scaled(number: int) -> int:
    return number * LIMIT
def large(number: int) -> int:
    total = 0
    for each in range(number):
        total += scaled(each) + scaled(total) + len(str(each))
    print(total, number)
    return total
def level(number: int) -> int:
    if number < 10:
        return 1 if number < 5 else 2
    if number < 30:
        return 3 if number < 20 else 4
    return 5 if number < 50 else 6
"""
USER = """
from edited_part import Held, Shape, Square, large, level, scaled
def total(shapes: list[Shape]) -> int:
    return sum([shape.area() for shape in shapes])
def nested(shape: Shape) -> int:
    held = shape.held
    shape.grow()
    print("grown")
    return held.size
print(total([Shape(Held(1)), Square(Held(2))]), nested(Shape(Held(3))), scaled(4), large(5), level(6))
"""
EDITS = {
    "nothing": (PART, False),
    "the body of a large function": (PART.replace("len(str(each))", "len(str(each)) + 1"), False),
    "a copied function": (PART.replace("number * LIMIT", "number * LIMIT + 1"), True),
    "the line of a copied function": (PART.replace("def scaled", "\n\ndef scaled"), True),
    "a signature": (PART.replace("def large(number: int)", "def large(number: int, more: int = 2)"), True),
    "a layout": (PART.replace("self.held = held", "self.name = str(held.size)\n        self.held = held"), True),
    "a function that begins to raise": (
        PART.replace("return 5 if number", "if number > 90:\n        raise ValueError\n    return 5 if number"),
        True,
    ),
    "an end that runs code": (PART.replace("class Shape:", "    def __del__(self) -> None:\n        print(self.size)\nclass Shape:"), True),
    "a field that changes": (PART.replace("self.held.size += 1", "self.held = Held(self.held.size + 1)"), True),
    "a method with one implementation": (
        PART.replace("    def area(self) -> int:\n        return self.held.size ** 2\n", "    pass\n"),
        True,
    ),
}
"""Edits of a module, and whether they show in the C file of one that uses it."""


def edited(folder: Path, cache: Path, text: str) -> dict[str, str]:
    """The C of a program of which one module has this text."""
    part, program = folder / "edited_part.py", folder / "program.py"
    part.write_text(f'"""Edited again and again."""\n{text}')
    program.write_text(f'"""Never edited."""\n{USER}')
    return build([program], Options(folder=cache, modules={"edited_part": part}, stop="c", dump_c=True)).c


def test_an_edited_program_s_c_is_that_of_a_build_without_caches(tmp_path: Path) -> None:
    """Nothing of one build may stay for the next, whatever the order of the edits, and a file is written again only if it changes."""
    texts = [text for text, _shows in EDITS.values()]
    cold = [edited(tmp_path, tmp_path / "cold0", texts[0])]
    for number, text in enumerate(texts[1:], 1):
        shutil.copytree(tmp_path / "cold0" / "library", tmp_path / f"cold{number}" / "library")  # mypy's, of Python's own modules
        cold.append(edited(tmp_path, tmp_path / f"cold{number}", text))
    warm = [edited(tmp_path, tmp_path / "warm", text) for text in texts]
    assert warm == cold
    assert [edited(tmp_path, tmp_path / "warm", text) for text in texts[2::3]] == cold[2::3]
    shown = [text["program.c"] != cold[0]["program.c"] for text in cold]
    assert dict(zip(EDITS, shown)) == {name: shows for name, (_text, shows) in EDITS.items()}
    assert all(text["edited_part.c"] != cold[0]["edited_part.c"] for text in cold[1:])


def test_fingerprints_that_leave_out_copied_functions_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, _shows = EDITS["a copied function"]
    cold = edited(tmp_path, tmp_path / "cold", text)
    monkeypatch.setattr(Fingerprints, "_is_copied", lambda self, function: False)
    edited(tmp_path, tmp_path / "warm", PART)
    assert edited(tmp_path, tmp_path / "warm", text) != cold


def test_random_edits_leave_nothing_stale(tmp_path: Path) -> None:
    assert edits.differences(tmp_path, count=2, seed=7) == []


def test_only_files_that_change_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(tmp_path, tmp_path / "build", PART)
    written: list[str] = []
    honest = program.emit_module

    def emit_module(whole: Program, records: Records, module: str, contents: program.Contents) -> str:
        written.append(module)
        return honest(whole, records, module, contents)

    monkeypatch.setattr(program, "emit_module", emit_module)
    edited(tmp_path, tmp_path / "build", EDITS["the body of a large function"][0])
    assert written == ["edited_part"]
    written.clear()
    edited(tmp_path, tmp_path / "build", PART)
    assert not written


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
        texts = {name: Text.of(text) for name, text in files.items()}
        objects = native.compile_files(texts, tmp_path / "out", optimisation, lambda _name, done, total: told.append((done, total)))
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
