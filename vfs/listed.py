"""The names of a directory in an order that holds while it changes.

Each name has a cursor, a number that is larger than all before it and never used again. So whoever lists goes on behind the last cursor he
was given, whatever was added or removed meanwhile, and sees no name twice.
"""

from typing import TypeVar


class Listed:
    """A name in such an order."""

    def __init__(self, name: bytes, cursor: int) -> None:
        self.name = name
        self.cursor = cursor


L = TypeVar("L", bound=Listed)


def position_after(order: list[L], cursor: int) -> int:
    """The first position whose cursor is above the given one: they ascend, so halving finds it."""
    low = 0
    high = len(order)
    while low < high:
        middle = (low + high) // 2
        if order[middle].cursor <= cursor:
            low = middle + 1
        else:
            high = middle
    return low
