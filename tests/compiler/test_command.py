"""python -m scarlet.compiler with arguments that cannot be what they should: one line on standard error, status 1."""

from pathlib import Path

import pytest

from scarlet.compiler.__main__ import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text("print(1)\n")
    (tmp_path / "1-2.py").write_text("print(1)\n")
    (tmp_path / "text").write_text("print(1)\n")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "loop.py").symlink_to("loop.py")
    return tmp_path


@pytest.mark.parametrize(
    "line, wanted",
    [
        ("missing.py", "missing.py: there is no such file"),
        ("loop.py", "loop.py: there is no such file"),
        ("folder.py", "folder.py: this is a folder"),
        ("text", "text: the name of a Python module"),
        ("1-2.py", "1-2.py: the name of a Python module"),
        ("good.py -o folder.py", "-o folder.py: this is a folder"),
        ("good.py --programs -o text", "-o text: this is a file"),
        ("good.py --root folder.py", "--root folder.py: no checkout"),
        ("good.py --root good.py", "--root good.py: no checkout"),
        ("good.py --module name", "--module name: NAME=FILE is wanted"),
        ("good.py --module name=missing.py", "missing.py: there is no such file"),
    ],
)
def test_unusable_arguments_are_told_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str], line: str, wanted: str) -> None:
    assert main(line.split()) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"error: {wanted}")
