"""The object heap's page source. CPython has a heap of its own: this exists so that boot code is the same in both worlds."""

from typing import Callable


def allocate_pages(count: int) -> int:
    raise MemoryError("hosted objects live in CPython's heap")


def free_pages(pa: int, count: int) -> None:
    raise MemoryError("hosted objects live in CPython's heap")


def use_frames(allocate: Callable[[int], int], free: Callable[[int, int], None]) -> None:
    """From now on take pages from the frame allocator: allocate(count) gives a physical address, free(pa, count) takes it back."""


def early_end() -> int:
    """The physical address up to which the heap took memory before use_frames; 0 when it took none."""
    return 0
