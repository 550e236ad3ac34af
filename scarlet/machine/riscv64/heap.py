"""What the object heap holds, for /proc/scarlet/memory, and what it can give back."""

from scarlet.runtime import heap


def objects_in_use() -> int:
    """Live objects, those of a page and more not included."""
    return int(heap.total_objects_in_use())


def bytes_in_use() -> int:
    """Bytes of all live objects, rounded up to their size classes."""
    return int(heap.bytes_in_use())


def trim() -> int:
    """Give pages in which no object lives back to the frame allocator: how many there were."""
    return int(heap.trim())
