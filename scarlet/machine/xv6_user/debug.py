"""Standard output and standard error of an xv6 program: descriptors 1 and 2, unbuffered. Output that cannot be written is lost."""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import linux_call, payload, unchecked_cast
from scarlet.runtime.bytes import Bytes

SYS_WRITE: Final = 16
STANDARD_OUTPUT: Final = 1
STANDARD_ERROR: Final = 2


def write(data: bytes) -> None:
    """To standard output."""
    linux_call(SYS_WRITE, STANDARD_OUTPUT, payload(unchecked_cast(Bytes, data)).address, u64(len(data)))


def write_error(data: bytes) -> None:
    """To standard error."""
    linux_call(SYS_WRITE, STANDARD_ERROR, payload(unchecked_cast(Bytes, data)).address, u64(len(data)))
