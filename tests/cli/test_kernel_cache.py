"""An unchanged tree is found to be unchanged, and a change is seen, whatever the clocks say."""

import os
from pathlib import Path

import pytest

from scarlet.cli import kernel


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("scarlet/boot.py", "scarlet/cli/main.py", "scarlet/machine/hosted/run.py", "objects/pipe.py", "scripts/requirements.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first\n")
    monkeypatch.setattr(kernel, "ROOT", tmp_path)
    monkeypatch.setattr(kernel, "NOT_COMPILED", (tmp_path / "scarlet" / "cli", tmp_path / "scarlet" / "machine" / "hosted"))
    return tmp_path


def test_touching_a_file_changes_nothing(checkout: Path) -> None:
    before = kernel.key()
    os.utime(checkout / "objects" / "pipe.py", (0, 0))
    assert kernel.key() == before


@pytest.mark.parametrize("name", ["scarlet/boot.py", "objects/pipe.py", "objects/new.py", "scripts/requirements.txt"])
def test_a_changed_or_new_source_changes_the_key(checkout: Path, name: str) -> None:
    before = kernel.key()
    (checkout / name).write_text("second\n")
    assert kernel.key() != before


@pytest.mark.parametrize("name", ["scarlet/cli/main.py", "scarlet/machine/hosted/run.py", "objects/notes.txt"])
def test_what_is_not_compiled_does_not_count(checkout: Path, name: str) -> None:
    before = kernel.key()
    (checkout / name).write_text("second\n")
    assert kernel.key() == before
