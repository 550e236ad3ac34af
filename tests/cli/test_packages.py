"""Fetching packages, with a stand-in for apt."""

from pathlib import Path

import pytest

from scarlet.cli import packages

APT = """#!/bin/sh
# Answers what packages.py asks, and notes each call that is made while nobody holds the lock.
flock -n "$SCARLET_CACHE/debian/lock" echo "$*" >> "$SCARLET_CACHE/unguarded"
case "$*" in
*indextargets*) echo "trixie mirror" ;;
*madison*) echo "$3 | 1.0 | mirror" ;;
*depends*) echo "  Depends: $3-1.0" ;;
*download*) echo content > "${3%%=*}_1.0_riscv64.deb" ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("apt-get", "apt-cache"):
        (programs / name).write_text(APT)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("SCARLET_CACHE", str(tmp_path))
    return tmp_path


def test_one_fetches_at_a_time(folder: Path) -> None:
    assert packages.fetch("something", quiet=True).read_text() == "content\n"
    assert packages.fetch_dependency("meta").name == "meta-1.0_1.0_riscv64.deb"
    assert (folder / "unguarded").read_text() == ""


def test_what_is_in_the_cache_needs_no_apt(folder: Path) -> None:
    packages.fetch("something", quiet=True)
    for name in ("apt-get", "apt-cache"):
        (folder / "bin" / name).unlink()
    assert packages.fetch("something", quiet=True).read_text() == "content\n"
