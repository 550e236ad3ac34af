"""What the object heap holds, for /proc/scarlet/memory."""

from scarlet.runtime import heap


def objects_in_use() -> int:
    """Live objects, those of a page and more not included."""
    return int(heap.total_objects_in_use())


def bytes_in_use() -> int:
    """Bytes of all live objects, rounded up to their size classes."""
    return int(heap.bytes_in_use())
