"""What the generated pack() and parse() of @struct classes call (scarlet/compiler/lower/structs.py)."""

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, memcpy, payload, unchecked_cast
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.bytes import Bytes, zeros


def fields_at(data: Buffer, offset: int, size: int, message: str) -> u64:
    """The address of the `size` bytes at `offset`; ValueError unless they are there."""
    if offset < 0 or data.count_bytes() - offset < size:
        raise ValueError(message)
    return (data.start() + offset).address


def write_bytes(address: u64, data: bytes, size: int, name: str) -> None:
    """A bytes field: shorter values are padded with zeros (which are there already), longer ones are refused."""
    if len(data) > size:
        raise OverflowError(f"{name}: {len(data)} bytes in a field of {size}")
    memcpy(Ptr(address), payload(unchecked_cast(Bytes, data)), u64(len(data)))


def read_bytes(address: u64, size: int) -> bytes:
    """A new bytes object of memory."""
    result = zeros(size)
    memcpy(payload(unchecked_cast(Bytes, result)), Ptr(address), u64(size))
    return result
