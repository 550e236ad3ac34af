"""The object heap's page source. CPython has a heap of its own: this exists so that boot code is the same in both worlds."""


class FrameSource:
    """Where pages come from once the kernel has its frame allocator: addresses are physical. Derive from it."""

    def allocate(self, order: int) -> int:
        """2**order pages in a row, aligned to their size. MemoryError when there are none."""
        raise NotImplementedError("FrameSource.allocate")

    def free(self, pa: int, order: int) -> None:
        """Take them back."""
        raise NotImplementedError("FrameSource.free")


def use_frames(source: FrameSource) -> None:
    """From now on take pages from the frame allocator."""


def allocate_pages(count: int) -> int:
    raise MemoryError("hosted objects live in CPython's heap")


def free_pages(pa: int, count: int) -> None:
    raise MemoryError("hosted objects live in CPython's heap")


def early_end() -> int:
    """The physical address up to which the heap took memory before use_frames; 0 when it took none."""
    return 0
