"""Several texts in one piece of user memory, each ended by a NUL: arguments, environments, the words of a mount."""

from typing import Final

from abi_modules.native.failures import Failure
from abi_modules.native.status import Status
from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_bytes
from scarlet.lang import usize

MAX_STRINGS_BYTES: Final = 1 << 21
"""Arguments and environment of a program together, as on Linux."""


def read_strings(task: Task, address: UserPtr, size: usize) -> list[bytes]:
    """The texts. TOO_LARGE, BAD_ADDRESS; INVALID_ARGUMENT when the last one does not end."""
    if size > MAX_STRINGS_BYTES:
        raise Failure(Status.TOO_LARGE, "more than 2 MiB of texts")
    return split_strings(load_bytes(task.space, address, int(size)))


def split_strings(data: bytes) -> list[bytes]:
    """The texts in some bytes. INVALID_ARGUMENT when the last one does not end."""
    if len(data) == 0:
        return []
    if data[-1] != 0:
        raise Failure(Status.INVALID_ARGUMENT, "the last text does not end in a NUL")
    return data[:-1].split(b"\0")
