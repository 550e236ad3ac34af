"""Memory that is kept only because nobody needs it elsewhere, beside the pages of files: inodes for the next path, metadata of disks.

It consists of objects, so programs get it back in two steps: whoever has such objects lets go of them, and the object heap returns the
pages in which nothing lives any more. That is done where a thread can wait for memory (reclaim.relieve), never in the middle of an
allocation: what dies then may be what is being changed.
"""

import weakref
from typing import Final

from scarlet.kernel.memory import objectheap


class Spare:
    """Who has some. Derive from it and override `shed`; `offer` it once it is made."""

    def shed(self) -> bool:
        """Let go of what is only kept for later: was there something? Does not sleep, and leaves alone what a sleeping thread relies on."""
        raise NotImplementedError("Spare.shed")


_known: Final[list[weakref.ref[Spare]]] = []


def offer(spare: Spare) -> None:
    """It is asked from now on, as long as it lives."""
    for index in range(len(_known)):
        if _known[index]() is None:
            _known[index] = weakref.ref(spare)
            return
    _known.append(weakref.ref(spare))


def shed_all() -> bool:
    """Have everybody let go of what they have: did they have something?"""
    found = False
    for reference in list(_known):
        spare = reference()
        if spare is not None and spare.shed():
            found = True
    if found:
        objectheap.trim()
    return found


def trim() -> bool:
    """Give pages of the heap back in which nothing lives: were there some?"""
    return objectheap.trim() > 0
