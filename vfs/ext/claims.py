"""Blocks that were chosen for parts of a file that are being written: nobody else gets them, and the disk does not know of them yet.

They become the file's with an operation when the data is in them, or are nobody's again when the part is cut off. Blocks of a file are
counted from 0. Choosing needs the volume's mutex; nothing else here sleeps.
"""

from typing import Final

from vfs.ext.allocator import Allocator

NONE_AHEAD: Final = 1 << 52
"""More than any file has."""


class Claim:
    """`count` blocks from `start` on, for those of the file from `first` on."""

    def __init__(self, first: int, count: int, start: int) -> None:
        self.first = first
        self.count = count
        self.start = start

    @property
    def end(self) -> int:
        """Where the part ends."""
        return self.first + self.count


class Claims:
    """Those of one file."""

    def __init__(self, allocator: Allocator) -> None:
        self._allocator = allocator
        self._claims: list[Claim] = []

    def at(self, block: int) -> Claim | None:
        """The claim for a block."""
        for claim in self._claims:
            if claim.first <= block < claim.end:
                return claim
        return None

    def within(self, first: int, end: int) -> list[Claim]:
        """Those that have a part in a range."""
        return [claim for claim in self._claims if claim.first < end and claim.end > first]

    def ahead(self, block: int) -> int:
        """Blocks from one on up to the next that is claimed."""
        distance = NONE_AHEAD
        for claim in self._claims:
            if claim.first > block:
                distance = min(distance, claim.first - block)
        return distance

    def add(self, first: int, wanted: int, goal: int) -> int:
        """Choose blocks for a hole: for how much of it. ENOSPC."""
        run = self._allocator.claim(goal, wanted)
        self._claims.append(Claim(first, run.count, run.start))
        return run.count

    def settle(self, claim: Claim, first: int, end: int) -> None:
        """The blocks of a claim that lie in a range are the file's now: what lies outside of it remains."""
        low = max(claim.first, first)
        high = min(claim.end, end)
        self._allocator.unclaim(claim.start + low - claim.first, high - low)
        self._claims.remove(claim)
        if claim.first < low:
            self._claims.append(Claim(claim.first, low - claim.first, claim.start))
        if high < claim.end:
            self._claims.append(Claim(high, claim.end - high, claim.start + high - claim.first))

    def drop(self, first: int, end: int) -> None:
        """Those that lie in a range are not needed after all."""
        kept: list[Claim] = []
        for claim in self._claims:
            if first <= claim.first and claim.end <= end:
                self._allocator.unclaim(claim.start, claim.count)
            else:
                kept.append(claim)
        self._claims = kept
