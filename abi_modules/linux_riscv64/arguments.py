"""Fetching arguments that a system call points to: paths, strings and arrays of strings."""

from typing import Final

from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_u64, read_cstring
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG, EFAULT, ENAMETOOLONG

PATH_MAX: Final = 4096
"""Bytes of a path including its final null (limits.h)."""

MAX_STRING: Final = 32 * 4096
"""Bytes of one argument or environment string including its null (execve(2): MAX_ARG_STRLEN)."""


def read_path(task: Task, path: UserPtr) -> bytes:
    """The path at that address, without its null. EFAULT; ENAMETOOLONG from PATH_MAX bytes on."""
    name = read_cstring(task.space, path, PATH_MAX)
    if len(name) >= PATH_MAX:
        raise Errno(ENAMETOOLONG, "longer than PATH_MAX")
    return name


def read_string(task: Task, text: UserPtr, limit: int) -> bytes:
    """At most `limit` bytes of the string at that address, without its null. EFAULT."""
    return read_cstring(task.space, text, limit)


def read_strings(task: Task, array: UserPtr, budget: int) -> list[bytes]:
    """The strings of a null-terminated array of pointers (argv, envp); a null array is an empty one, as Linux has it.

    EFAULT; E2BIG when they and their pointers need more than `budget` bytes, or one is longer than MAX_STRING.
    """
    strings: list[bytes] = []
    if array == 0:
        return strings
    used = 0
    address = array
    while True:
        pointer = load_u64(task.space, address)
        if pointer == 0:
            return strings
        text = read_cstring(task.space, UserPtr(pointer), MAX_STRING)
        if len(text) >= MAX_STRING:
            raise Errno(E2BIG, "one string is longer than MAX_ARG_STRLEN")
        used += len(text) + 1 + 8
        if used > budget:
            raise Errno(E2BIG, "more arguments and environment than the stack limit allows")
        strings.append(text)
        if address > u64(0xFFFFFFFFFFFFFFF0):
            raise Errno(EFAULT)
        address = UserPtr(u64(address + 8))
