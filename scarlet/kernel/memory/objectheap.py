"""How much of the kernel's memory its own objects take, and what of it can be given back."""

from scarlet.machine import heap


def objects_in_use() -> int:
    """Live objects of this kernel; 0 where the world does not count them."""
    return heap.objects_in_use()


def bytes_in_use() -> int:
    """The bytes they take, rounded up to their size classes."""
    return heap.bytes_in_use()


def trim() -> int:
    """Give pages in which no object lives back to the frame allocator: how many there were."""
    return heap.trim()
