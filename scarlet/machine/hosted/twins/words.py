"""Numbers in a bytearray, the hosted twin. A place outside is an IndexError, as on the bare machine."""

import struct

_u16 = struct.Struct("<H")
_u32 = struct.Struct("<I")


def load16(data: bytearray, at: int) -> int:
    """Two bytes."""
    _require(data, at, 2)
    value: int = _u16.unpack_from(data, at)[0]
    return value


def load32(data: bytearray, at: int) -> int:
    """Four bytes."""
    _require(data, at, 4)
    value: int = _u32.unpack_from(data, at)[0]
    return value


def store16(data: bytearray, at: int, value: int) -> None:
    """The low 16 bits of a number."""
    _require(data, at, 2)
    _u16.pack_into(data, at, value & 0xFFFF)


def store32(data: bytearray, at: int, value: int) -> None:
    """The low 32 bits."""
    _require(data, at, 4)
    _u32.pack_into(data, at, value & 0xFFFFFFFF)


def _require(data: bytearray, at: int, size: int) -> None:
    if at < 0 or len(data) - at < size:
        raise IndexError("a number outside of its bytes")
