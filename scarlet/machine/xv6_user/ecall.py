"""xv6's system calls as they are: a number and words in, a word out; and the addresses of what they read and fill in.

The number is in a7, the arguments are in a0 to a2, the result is in a0: -1 for every failure.
"""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, linux_call, load8, load64, mmio_read8, mmio_write8, payload, symbol, unchecked_cast
from scarlet.runtime.bytearray import ByteArray
from scarlet.runtime.bytes import Bytes

WORD_BYTES: Final = 8


def ecall(number: int, a0: u64 = 0, a1: u64 = 0, a2: u64 = 0) -> int:
    """Make the call; the instruction is the same as for Linux's."""
    return linux_call(u64(number), a0, a1, a2)


def address_of(data: bytes) -> u64:
    """Where the bytes lie, for as long as somebody holds them."""
    return payload(unchecked_cast(Bytes, data)).address


def address_of_array(data: bytearray) -> u64:
    """Where its bytes lie, until it changes its size."""
    return unchecked_cast(ByteArray, data).start().address


def arguments() -> list[bytes]:
    """What the program was started with, its own name first. The entry code keeps sp, argc and argv in scarlet_start."""
    start: Ptr[u64] = Ptr(symbol("scarlet_start"))
    argv = start[2]
    return [_string(load64(u64(argv + u64(WORD_BYTES * index)))) for index in range(i64(start[1]))]


def load_byte(address: u64) -> int:
    """The byte at an address, for programs that try out what memory there is: the access really happens."""
    return int(mmio_read8(address))


def store_byte(address: u64, value: int) -> None:
    """Change the byte at an address, likewise."""
    mmio_write8(address, value)


def _string(address: u64) -> bytes:
    """The bytes before a NUL."""
    text = bytearray()
    byte = load8(address)
    while byte != 0:
        text.append(int(byte))
        address = u64(address + 1)
        byte = load8(address)
    return bytes(text)
