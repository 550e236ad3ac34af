"""Numbers in bytes: little-endian as everything of ext4, big-endian as everything of its journal."""


def get16(data: bytearray, at: int) -> int:
    """Two bytes."""
    return data[at] | data[at + 1] << 8


def get32(data: bytearray, at: int) -> int:
    """Four bytes."""
    return data[at] | data[at + 1] << 8 | data[at + 2] << 16 | data[at + 3] << 24


def put16(data: bytearray, at: int, value: int) -> None:
    """Store two bytes; what does not fit is a bug: ValueError."""
    data[at] = value & 0xFF
    data[at + 1] = value >> 8


def put32(data: bytearray, at: int, value: int) -> None:
    """Store four bytes."""
    data[at] = value & 0xFF
    data[at + 1] = value >> 8 & 0xFF
    data[at + 2] = value >> 16 & 0xFF
    data[at + 3] = value >> 24


def get_be32(data: bytearray, at: int) -> int:
    """Four bytes, the most significant first."""
    return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]


def put_be32(data: bytearray, at: int, value: int) -> None:
    """Store four bytes, the most significant first."""
    data[at] = value >> 24
    data[at + 1] = value >> 16 & 0xFF
    data[at + 2] = value >> 8 & 0xFF
    data[at + 3] = value & 0xFF
