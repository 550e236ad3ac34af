"""Where print goes: standard output, unbuffered, and standard error. Their slots are 0, 1 and 2, as in every system's programs."""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import native_call, payload, unchecked_cast
from scarlet.machine import power
from scarlet.runtime.bytes import Bytes

STREAM_WRITE: Final = 201
STANDARD_OUTPUT: Final = 1
STANDARD_ERROR: Final = 2
LOST_OUTPUT: Final = 120
"""The exit status when output cannot be written, CPython's too."""


def write(data: bytes) -> None:
    """To standard output."""
    write_all(STANDARD_OUTPUT, data)


def write_error(data: bytes) -> None:
    """To standard error."""
    write_all(STANDARD_ERROR, data)


def write_all(slot: u64, data: bytes) -> None:
    """Write every byte; when that is impossible the program ends."""
    position = payload(unchecked_cast(Bytes, data)).address
    left = i64(len(data))
    while left > 0:
        answer = native_call(STREAM_WRITE, slot, position, u64(left))
        if answer[0] != 0:
            power.exit(LOST_OUTPUT)
        position = u64(position + answer[1])
        left = i64(left - i64(answer[1]))
