"""The changes as the program makes them, under Linux; what changes_on_disk accepts and what it does not."""

import subprocess
from itertools import islice
from pathlib import Path

import pytest

from tests import programs
from tests.powercut.changes import BLOCK, State, changes, changes_on_disk, names

SEED = 7


def folder_after(count: int) -> dict[str, bytes]:
    state = State()
    for change in islice(changes(SEED), count):
        state.apply(change)
    return {name: content for name in names() if (content := state.content(name)) is not None}


def test_the_program_makes_the_changes_that_are_expected(tmp_path: Path) -> None:
    command = ["qemu-riscv64", programs.build("powerload"), str(SEED), str(tmp_path / "f"), "80"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.split(b"\n")[-2] == b"done 80"
    found = {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir() if path.is_file() and not path.is_symlink()}
    assert {name: content for name, content in found.items() if name in names()} == folder_after(80)


def test_the_number_of_changes_is_found() -> None:
    assert changes_on_disk(SEED, 20, folder_after(25)) in (24, 25), "the last may count as being on its way"
    assert changes_on_disk(SEED, 25, folder_after(25)) == 25
    assert changes_on_disk(SEED, 0, {}) == 0


def test_what_was_told_of_and_is_not_there_is_lost() -> None:
    assert changes_on_disk(SEED, 26, folder_after(20)) is None


@pytest.mark.parametrize("name", ["log", "places", "f03"])
def test_one_wrong_byte_is_noticed(name: str) -> None:
    found = folder_after(60)
    found[name] = found[name][:-5] + b"X" + found[name][-4:]
    assert changes_on_disk(SEED, 60, found) is None


def test_the_change_on_the_way_may_be_half_done() -> None:
    for count, change in enumerate(islice(changes(SEED), 60)):
        found = folder_after(count)
        if change.kind == "append":
            found["log"] = found.get("log", b"") + bytes(BLOCK)
            assert changes_on_disk(SEED, count, found) == count
            found["log"] += bytes(BLOCK)
            assert changes_on_disk(SEED, count, found) is None
