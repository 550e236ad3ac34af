"""Linux system calls as a program makes them, without a program: registers in, a0 out, on a hosted machine of its own.

    def test_getpid() -> None:
        def body(program: Program) -> None:
            assert program.call(GETPID) == 1
        linux(body)

`program.call(number, *arguments)` takes integers and bytes (bytes are put into user memory with a NUL behind them,
and the pointer is passed) and gives a0 as a signed number, after signals have been looked at as on every return to
user mode.
"""

from collections.abc import Callable

from abi_modules.linux_riscv64 import futex
from abi_modules.linux_riscv64.abi import LinuxAbi
from abi_modules.linux_riscv64.vdso import vdso
from executor import unknown
from objects.abi import Abi
from objects.observer import Observer
from objects.process import Process
from objects.task import Task
from objects.view import View
from scarlet.kernel import clock
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import i64, u64
from tests.objects import support
from tests.vfs.support import Tree

MEMORY_BASE = 0x100000
MEMORY_SIZE = 0x40000
STACK_BASE = 0x200000
STACK_SIZE = 0x10000
HEAP_BASE = 0x300000
SIGRETURN = 0x5000
"""Where handlers are told to return to."""
ANYWHERE = Protection.READ | Protection.WRITE

AT_FDCWD = -100


class Program:
    """A task that makes system calls, with 256 KiB of memory and a stack."""

    def __init__(self, task: Task, tree: Tree) -> None:
        self.task = task
        self.tree = tree
        self.next = MEMORY_BASE

    def map(self) -> None:
        """Give it its memory."""
        space = self.task.space
        space.map_area(u64(MEMORY_BASE), u64(MEMORY_SIZE), ANYWHERE, fixed=True)
        space.map_area(u64(STACK_BASE), u64(STACK_SIZE), ANYWHERE, fixed=True)
        space.start_break(HEAP_BASE)
        self.task.frame.sp = u64(STACK_BASE + STACK_SIZE)

    def room(self, size: int) -> int:
        """An address with so much memory behind it, 16-byte aligned."""
        place = self.next
        self.next += (size + 15) // 16 * 16
        assert self.next <= MEMORY_BASE + MEMORY_SIZE, "the test needs more memory"
        return place

    def put(self, data: bytes) -> int:
        """The address of these bytes, now in user memory."""
        place = self.room(len(data) + 1)
        store_bytes(self.task.space, u64(place), data)
        return place

    def get(self, address: int, count: int) -> bytes:
        return load_bytes(self.task.space, u64(address), count)

    def word(self, address: int) -> int:
        """A signed 32-bit word."""
        return int.from_bytes(self.get(address, 4), "little", signed=True)

    def long(self, address: int) -> int:
        """A signed 64-bit word."""
        return int.from_bytes(self.get(address, 8), "little", signed=True)

    def raw(self, number: int, *arguments: int | bytes) -> None:
        """Make the call and stop before signals are looked at."""
        values = [self.put(item + b"\0") if isinstance(item, bytes) else item for item in arguments]
        frame = self.task.frame
        for index, value in enumerate(values + [0] * (6 - len(values))):
            frame.set(10 + index, u64(value))
        frame.a7 = u64(number)
        self.task.on_syscall()

    def call(self, number: int, *arguments: int | bytes) -> int:
        """Make the call; a0 as the program finds it."""
        self.raw(number, *arguments)
        support.to_user(self.task)
        return int(i64(self.task.frame.a0))

    def fork(self, body: "Callable[[Program], None]") -> Process:
        """A child process that runs the function with a copy of the memory."""
        tree = self.tree

        def child_body(child: Task) -> None:
            program = Program(child, tree)
            program.next = self.next
            body(program)

        return support.spawn(self.task, child_body)


def linux(body: Callable[[Program], None], observer: Observer | None = None) -> None:
    """Run the function as a Linux process with an empty root directory; afterwards no frame may be missing."""

    def as_linux(task: Task) -> None:
        process = task.process
        before: tuple[Abi, View] = (process.abi, process.view)
        tree = Tree()
        process.abi = LinuxAbi(u64(SIGRETURN))
        process.observer = observer
        process.view = tree.view
        task.refresh()
        program = Program(task, tree)
        program.map()
        try:
            body(program)
        finally:
            process.handles.close_all()
            process.abi, process.view = before
            task.refresh()
            process.executable = None
            process.observer = None
            task.space.unmap(u64(0), u64(1 << 38))
            forget_globals()

    forget_globals()
    support.run(as_linux)


def forget_globals() -> None:
    """What the ABI module keeps for the life of a machine."""
    vdso.pager = None
    clock._watchers.clear()
    unknown.calls.clear()
    futex._waiters.clear()
