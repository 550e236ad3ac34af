"""Native calls as a program makes them, through the very functions of the user library, on a hosted machine of its own.

    def test_pipe() -> None:
        def body(program: Program) -> None:
            ends = calls.pipe_make(HandleFlags.NONE)
            calls.stream_write(ends.second, b"x")
        native(body)

scarlet.machine.nativecall has a twin in CPython that hands every call to a function: here it puts what was lent to the call into user
memory, makes the call with the registers of the task that runs, and takes the answer back, after events have been looked at as on every
return to user mode.
"""

from collections.abc import Callable

from abi_modules.native.abi import NativeAbi
from abi_modules.native.status import Status
from executor import unknown
from objects.abi import Abi
from objects.process import Process
from objects.task import Task, current_task
from objects.view import View
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import u64
from scarlet.machine import nativecall
from scarlet.user.errors import StatusError
from tests.objects import support
from tests.vfs.support import Tree

MEMORY_BASE = 0x100000
MEMORY_SIZE = 0x100000
CALL_PC = 0x5000
ANYWHERE = Protection.READ | Protection.WRITE


class Program:
    """A task that makes native calls, with 1 MiB of memory that each call uses anew."""

    def __init__(self, task: Task, tree: Tree) -> None:
        self.task = task
        self.tree = tree

    def map(self) -> None:
        """Give it its memory."""
        self.task.space.map_area(u64(MEMORY_BASE), u64(MEMORY_SIZE), ANYWHERE, fixed=True)

    def child(self, body: "Callable[[Program], None]") -> Process:
        """A child process that runs the function with a copy of everything (native programs cannot ask for that)."""
        tree = self.tree
        return support.spawn(self.task, lambda task: body(Program(task, tree)))


def kernel(number: int, arguments: tuple[int, ...]) -> tuple[int, int]:
    """Make a call with what the twin lent it."""
    task = current_task()
    frame = task.frame
    place = MEMORY_BASE
    filled: list[tuple[int, bytearray]] = []
    for index, value in enumerate(arguments):
        if value in nativecall._lent:
            data = nativecall.lent(value)
            store_bytes(task.space, u64(place), bytes(data))
            if isinstance(data, bytearray):
                filled.append((place, data))
            value = place
            place += (len(data) + 31) // 16 * 16
            assert place <= MEMORY_BASE + MEMORY_SIZE, "the test needs more memory"
        frame.set(10 + index, u64(value))
    frame.a7 = u64(number)
    frame.pc = u64(CALL_PC)
    while frame.pc == CALL_PC:
        task.on_syscall()
        support.to_user(task)
    for address, buffer in filled:
        buffer[:] = load_bytes(task.space, u64(address), len(buffer))
    return int(frame.a0), int(frame.a1)


def raw(task: Task, number: int, *arguments: int) -> tuple[int, int]:
    """A call with any registers: status and value."""
    nativecall._lent.clear()
    return kernel(number, (tuple(arguments) + (0,) * 6)[:6])


def refused(call: Callable[[], object]) -> Status:
    """The status of a call that must fail."""
    try:
        call()
    except StatusError as error:
        return error.status
    raise AssertionError("the call succeeded")


def native(body: Callable[[Program], None]) -> None:
    """Run the function as a native process with an empty root directory; afterwards no frame may be missing."""

    def as_native(task: Task) -> None:
        process = task.process
        before: tuple[Abi, View] = (process.abi, process.view)
        tree = Tree()
        process.abi = NativeAbi()
        process.view = tree.view
        task.refresh()
        program = Program(task, tree)
        program.map()
        nativecall.kernel = kernel
        try:
            body(program)
        finally:
            nativecall.kernel = nativecall._nobody
            process.handles.close_all()
            process.abi, process.view = before
            task.refresh()
            process.executable = None
            process.observer = None
            task.space.unmap(u64(0), u64(1 << 38))
            unknown.calls.clear()

    unknown.calls.clear()
    support.run(as_native)
