"""Fetching arguments that a system call points to: paths, strings and arrays of strings."""

from typing import Final

from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_u64, read_cstring
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG, ENAMETOOLONG

PATH_MAX: Final = 4096
"""Bytes of a path including its final null (limits.h)."""

MAX_STRING: Final = 32 * 4096
"""Bytes of one argument or environment string including its null (execve(2): MAX_ARG_STRLEN)."""


def read_path(task: Task, path: UserPtr) -> bytes:
    """The path at that address, without its null. EFAULT; ENAMETOOLONG from PATH_MAX bytes on."""
    return read_cstring(task.space, path, PATH_MAX)


def read_strings(task: Task, array: UserPtr, room: int) -> list[bytes]:
    """The strings of a null-terminated array of pointers (argv, envp); a null array is an empty one, as Linux has it.

    EFAULT; E2BIG when they and their pointers need more than `room` bytes, or one is longer than MAX_STRING.
    """
    strings: list[bytes] = []
    address: u64 = array
    while array != 0:
        pointer = load_u64(task.space, address)
        if pointer == 0:
            break
        text = _read_argument(task, pointer)
        room -= len(text) + 1 + 8
        if room < 0:
            raise Errno(E2BIG, "more arguments and environment than the stack limit allows")
        strings.append(text)
        address = u64(address + 8)
    return strings


def strings_size(strings: list[bytes]) -> int:
    """What read_strings counts for these."""
    return sum(len(text) + 1 + 8 for text in strings)


def _read_argument(task: Task, pointer: u64) -> bytes:
    try:
        return read_cstring(task.space, pointer, MAX_STRING)
    except Errno as error:
        if error.code == ENAMETOOLONG:
            raise Errno(E2BIG, "one string is longer than MAX_ARG_STRLEN") from None
        raise
