"""What a program is made of: source text, imports and their order."""

from pathlib import Path

import pytest

from scarlet.compiler import front
from scarlet.compiler.errors import Place, Report, source_line
from scarlet.compiler.imports import Imports, check_places
from scarlet.compiler.sources import demand_text

SOURCES = {
    "round.py": "import other\n",
    "other.py": "import round\n",
    "late.py": "print(1)\nimport plain\n",
    "maybe.py": "if len('a') > 1:\n    import plain\n",
    "lazy.py": "def f() -> None:\n    import plain\n",
    "typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import late\nimport plain\n",
    "plain.py": "x = 1\n",
    "bundle/__init__.py": "from .one import f\nfrom . import two\n",
    "bundle/one.py": "from .two import N\nfrom .inner.deep import D\ndef f() -> int:\n    return N + D\n",
    "bundle/two.py": "N = 2\n",
    "bundle/inner/__init__.py": "",
    "bundle/inner/deep.py": "from ..two import N\nfrom bundle import two\nD = N\n",
}


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Imports:
    folder = tmp_path_factory.mktemp("sources")
    for name, text in SOURCES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    names = {front.module_name(folder / name, folder): folder / name for name in SOURCES}
    sources = [front.BuildSource(str(path), name, None, str(folder)) for name, path in names.items()]
    options = front._options(folder, names, None)
    return Imports(dict(front._checked_by_mypy(sources, options, None).files))


def order_of(imports: Imports, name: str) -> Imports:
    found = Imports(imports.trees)
    found.visit(name)
    return found


def misplaced(imports: Imports, name: str, *known: str) -> list[tuple[int, str]]:
    report = Report()
    check_places(imports.trees, name, name + ".py", frozenset(known), report)
    return [(error.place.line, error.message) for error in report.errors if error.place is not None]


def test_relative_imports_run_in_the_order_of_python(imports: Imports) -> None:
    found = order_of(imports, "bundle")
    assert found.order == ["bundle.two", "bundle.inner", "bundle.inner.deep", "bundle.one", "bundle"]
    assert not found.report.errors


def test_an_import_cycle_is_refused_where_it_closes(imports: Imports) -> None:
    errors = order_of(imports, "round").report.errors
    assert [(Path(error.place.file).name, error.place.line) for error in errors if error.place] == [("other.py", 1)]
    assert "cycle" in errors[0].message and errors[0].advice


def test_imports_that_python_runs_at_another_time_are_refused(imports: Imports) -> None:
    assert [line for line, _ in misplaced(imports, "late")] == [2]
    assert [line for line, _ in misplaced(imports, "maybe", "plain")] == [2]
    assert [line for line, _ in misplaced(imports, "lazy")] == [2]


def test_imports_for_types_and_of_what_has_run_are_not(imports: Imports) -> None:
    assert not misplaced(imports, "typed")
    assert not misplaced(imports, "lazy", "plain")
    assert order_of(imports, "typed").order == ["plain", "typed"]


def test_sources_that_python_reads_otherwise_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    report = Report()
    source.write_bytes(b"x = 1\ny = '\0'\n")
    demand_text(source, report)
    source.write_text('a = "\\ud800"\nb = r"\\ud800"\nc = "\\\\ud800"  # \\ud800\nd = f"\\U0000DFFF"\n')
    demand_text(source, report)
    assert [error.place.line for error in report.errors if error.place] == [2, 1, 4]


@pytest.mark.parametrize("data", [b"a\n\x0c\n\x1cb = '\x85'\n", b"\xef\xbb\xbfa\r\n\r\nb = ''\r\n", b"# coding: latin-1\n#\nb = '\xe9'\n"])
def test_an_error_shows_the_line_that_python_counts(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "source.py"
    source.write_bytes(data if b"\x85" not in data else data.replace(b"\x85", b"\xc2\x85"))
    assert source_line(Place(str(source), 3)).strip("\x1c").startswith("b = ")
