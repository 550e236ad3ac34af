"""The system calls of tiny."""

from typing import Final

from executor.declare import Count, Fd, InBuffer, syscall
from objects.object import Rights
from objects.process import ExitStatus
from objects.task import Task
from scarlet.kernel.memory.user import UserBytes
from scarlet.lang import Errno, i32, i64, u32
from scarlet.lang.errno import ERANGE

FIRST: Final = 97
LETTERS: Final = 26


@syscall(1)
def write(task: Task, stream: Fd, text: InBuffer, size: Count) -> i64:
    """Bytes written; EBADF if the stream is not open for writing, EFAULT if the text cannot be read."""
    return i64(task.handles.stream(int(stream), Rights.WRITE).write(UserBytes(task.space, text, size)))


@syscall(2)
def exit_(task: Task, status: i32) -> None:
    """The program ends."""
    task.process.end(ExitStatus(int(status) & 0xFF))


@syscall(3)
def whoami(task: Task) -> i32:
    """The number of the process."""
    return i32(task.process.pid)


@syscall(4)
def letter(task: Task, index: u32) -> u32:
    """The letter at that place of the alphabet, `a` being 0; ERANGE behind `z`."""
    if index >= LETTERS:
        raise Errno(ERANGE, "the alphabet has 26 letters")
    return u32(FIRST + index)
