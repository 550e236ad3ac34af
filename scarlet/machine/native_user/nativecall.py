"""Calls of the native ABI: a number and six words go in, a status and a word come out. (abi_modules/native/abi.py)

What a call reads or fills is given to it by address: the bytes object must stay alive until the call returns, which it does as a parameter
of whoever makes the call (scarlet/user/calls.py).
"""

from scarlet.lang import u64
from scarlet.lang.raw import native_call, unchecked_cast
from scarlet.runtime.buffer import Buffer


def ecall(number: int, a0: int = 0, a1: int = 0, a2: int = 0, a3: int = 0, a4: int = 0, a5: int = 0) -> tuple[int, int]:
    """The status and the value."""
    answer = native_call(u64(number), u64(a0), u64(a1), u64(a2), u64(a3), u64(a4), u64(a5))
    return (answer[0], int(answer[1]))


def address_of(data: bytes) -> int:
    """Where the first byte is."""
    return int(unchecked_cast(Buffer, data).start().address)


def address_of_array(data: bytearray) -> int:
    """Where the first byte is, until the size changes."""
    return int(unchecked_cast(Buffer, data).start().address)
