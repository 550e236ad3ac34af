"""Numbers in a bytearray, the least significant byte first: one check and one load or store."""

from scarlet.lang import i64, raw, u16, u32, u64
from scarlet.lang.raw import inline, noinline, unchecked_cast, unlikely
from scarlet.runtime.bytearray import ByteArray


@inline
def load16(data: bytearray, at: int) -> int:
    return int(raw.load16(_place(data, at, 2)))


@inline
def load32(data: bytearray, at: int) -> int:
    return int(raw.load32(_place(data, at, 4)))


@inline
def store16(data: bytearray, at: int, value: int) -> None:
    raw.store16(_place(data, at, 2), u16(value))


@inline
def store32(data: bytearray, at: int, value: int) -> None:
    raw.store32(_place(data, at, 4), u32(value))


@inline
def _place(data: bytearray, at: int, size: int) -> u64:
    """The address of `size` bytes."""
    owner = unchecked_cast(ByteArray, data)
    if unlikely(at < 0 or i64(owner.count_bytes() - at) < size):
        raise _outside()
    return u64(owner.start().address + u64(at))


@noinline
def _outside() -> IndexError:
    return IndexError("a number outside of its bytes")
