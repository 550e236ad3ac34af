"""Fetching what a system call points to: paths, strings and argv."""

from typing import Final

from abi_modules.xv6_riscv64.limits import MAX_ARGUMENT_BYTES, MAX_ARGUMENTS, MAX_PATH
from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_u64, read_cstring
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG

POINTER_BYTES: Final = 8


def read_path(task: Task, path: UserPtr) -> bytes:
    """The path at that address. EFAULT; ENAMETOOLONG from 128 bytes on."""
    return read_cstring(task.space, path, MAX_PATH)


def read_arguments(task: Task, argv: UserPtr) -> list[bytes]:
    """The strings of a null-terminated array of pointers. EFAULT; E2BIG for more than 31; ENAMETOOLONG for one that fills a page."""
    strings: list[bytes] = []
    for index in range(MAX_ARGUMENTS):
        pointer = load_u64(task.space, u64(argv + u64(POINTER_BYTES * index)))
        if pointer == 0:
            return strings
        strings.append(read_cstring(task.space, pointer, MAX_ARGUMENT_BYTES))
    raise Errno(E2BIG, "more than 31 arguments")
