"""Standard output and standard error of a Linux program, unbuffered (write(2))."""

from typing import Final

from scarlet.lang import i64, u64
from scarlet.lang.raw import linux_call, payload, unchecked_cast
from scarlet.machine import power
from scarlet.runtime.bytes import Bytes

SYS_WRITE: Final = 64
EINTR: Final = 4
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


def write_all(descriptor: u64, data: bytes) -> None:
    """Write every byte; when that is impossible the program ends."""
    position = payload(unchecked_cast(Bytes, data)).address
    left = i64(len(data))
    while left > 0:
        done = linux_call(SYS_WRITE, descriptor, position, u64(left))
        if done < 0 and done != -EINTR:
            power.exit(LOST_OUTPUT)
        if done > 0:
            position = u64(position + u64(done))
            left = i64(left - done)
