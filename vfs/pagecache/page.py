"""One page of a file in memory.

    filling     the disk is giving its content; nobody reads it yet
    dirty       it has content that the disk lacks
    writing     the disk is taking its content; it may be read and written meanwhile, and become dirty again
    gone        it was taken out of the cache: cut off, given back, or it could not be read (then `error` says why)

A page owns its frame: whoever holds the page may use the frame, also when the page is gone. Programs that have it mapped hold references
to the frame. So a page that nobody has mapped has a frame with one reference.
"""

import weakref
from typing import TYPE_CHECKING, Final

from scarlet.kernel.memory import frames

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 1 << PAGE_SHIFT
PAGE_MASK: Final = PAGE_SIZE - 1


class Totals:
    """Pages of all caches: /proc/meminfo, and what write-back and reclaim decide by."""

    def __init__(self) -> None:
        self.cached = 0
        self.dirty = 0
        self.writing = 0


totals: Final = Totals()


class Page:
    """Page `index` of a file."""

    def __init__(self, cache: "weakref.ref[PageCache]", index: int) -> None:
        self.cache = cache
        self.index = index
        self.frame = 0
        """The page has a reference to it. Given once the object is there, so that no frame is lost when there is no memory for that."""
        self.filling = False
        self.dirty = False
        self.writing = False
        self.gone = False
        self.error = 0
        self.pending = 0
        """While filling: transfers that have still to be finished."""
        self.place = -1
        """Where it stands on the clock (reclaim.py)."""
        self.fresh = True
        """Nobody has read it yet."""
        self.used = False
        """Read again since reclaim last looked at it."""
        self.ahead = False
        """Whoever comes to read this page is to start reading what lies behind: it is not wanted yet, but soon."""

    def __del__(self) -> None:
        frames.unref(self.frame)

    def mapped(self) -> bool:
        """Has a program got it in its memory, or a device a transfer to it?"""
        return frames.references(self.frame) > 1


def pages_of(size: int) -> int:
    """Pages that hold `size` bytes."""
    return (size + PAGE_MASK) >> PAGE_SHIFT
