"""Named counters, shown in /proc/scarlet/memory and /proc/scarlet/calls.

A counter is created once, at module level, beside the code that counts; adding to it is a load, an add and a store. Counters only grow:
what is in use now is a function of its owner (frames.free_frames and the like).
"""

from typing import Final


class Counter:
    """A named number of events since boot."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.value = 0
        _all.append(self)

    def add(self, amount: int = 1) -> None:
        self.value += amount


_all: Final[list[Counter]] = []


def all_counters() -> list[Counter]:
    """Every counter, in the order of creation."""
    return list(_all)
