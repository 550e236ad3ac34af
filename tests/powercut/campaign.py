"""Rounds of writing and cutting. A disk lives through several, so that what the kernel's own replay made of it is written to again."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.powercut import images
from tests.powercut.changes import changes_on_disk
from tests.powercut.machine import Boots, Cut

ROUNDS_PER_DISK = 8
CUT_WHILE_BOOTING = 0.15
LATEST_BOOT_CUT_S = 0.6
MOST_CHANGES = 60
LONGEST_PAUSE_S = 0.03


def run(rounds: int, seed: int, scratch: Path, tell: Callable[[str], None]) -> None:
    """So many cuts; AssertionError with the round's number, and its disk left in the folder, when something is lost or not sound."""
    boots = Boots(scratch)
    chance = random.Random(seed)
    disk, copy = scratch / "disk.img", scratch / "copy.img"
    known: dict[str, tuple[int, int]] = {}
    for number in range(rounds):
        if number % ROUNDS_PER_DISK == 0:
            images.make(disk)
            known.clear()
        folder = f"r{number}"
        load_seed = chance.randrange(1 << 32)
        cut = _cut(chance)
        try:
            told = boots.load(disk, load_seed, f"/home/{folder}", cut)
            images.after_replay(disk, copy)
            made = _require(copy, folder, load_seed, told, scratch)
            for before, (its_seed, at_least) in known.items():
                _require(copy, before, its_seed, at_least, scratch)
        except AssertionError as error:
            raise AssertionError(f"round {number} of seed {seed} ({cut}): {error}") from error
        known[folder] = (load_seed, made)
        tell(f"round {number + 1}: {told} changes told of, {made} made")


def _cut(chance: random.Random) -> Cut:
    if chance.random() < CUT_WHILE_BOOTING:
        return Cut(None, chance.uniform(0.05, LATEST_BOOT_CUT_S))
    return Cut(chance.randint(1, MOST_CHANGES), chance.uniform(0, LONGEST_PAUSE_S))


def _require(image: Path, folder: str, seed: int, told: int, scratch: Path) -> int:
    """How many changes are on the disk; AssertionError when that cannot be said, or fewer are than were told of."""
    found = images.folder(image, f"/home/{folder}", scratch)
    made = changes_on_disk(seed, told, found)
    if made is None:
        raise AssertionError(f"{folder}: after {told} changes something is lost or wrong; found {sorted(found)}")
    return made
