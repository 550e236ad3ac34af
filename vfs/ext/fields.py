"""Numbers in bytes: little-endian as everything of ext4, big-endian as everything of its journal."""

from scarlet.kernel.memory.words import get16, get32, put16, put32

__all__ = ["get16", "get32", "get_be32", "put16", "put32", "put_be32"]


def get_be32(data: bytearray, at: int) -> int:
    """Four bytes, the most significant first."""
    return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]


def put_be32(data: bytearray, at: int, value: int) -> None:
    """Store four bytes, the most significant first."""
    data[at] = value >> 24
    data[at + 1] = value >> 16 & 0xFF
    data[at + 2] = value >> 8 & 0xFF
    data[at + 3] = value & 0xFF
