"""xv6 system calls as a program makes them, without a program: registers in, a0 out, on a hosted machine of its own.

    def test_getpid() -> None:
        def body(program: Program) -> None:
            assert program.call(GETPID) == 1
        xv6(body)

As tests/abi/support.py does for Linux. A call that was interrupted starts again, as it would in the program.
"""

from collections.abc import Callable

from abi_modules.xv6_riscv64.abi import Xv6Abi
from abi_modules.xv6_riscv64.limits import CEILINGS
from executor import unknown
from objects.abi import Abi
from objects.limits import Limits
from objects.process import Process
from objects.task import Task
from objects.view import View
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import i64, u64
from tests.objects import support
from tests.vfs.support import Tree

FORK, EXIT, WAIT, PIPE, READ, KILL, EXEC, FSTAT, CHDIR, DUP, GETPID = range(1, 12)
SBRK, SLEEP, UPTIME, OPEN, WRITE, MKNOD, UNLINK, LINK, MKDIR, CLOSE = range(12, 22)
O_RDONLY, O_WRONLY, O_RDWR, O_CREATE, O_TRUNC = 0, 1, 2, 0x200, 0x400
SIZE = 0x80000
"""The memory a program begins with; data is put into its upper half."""
MIDDLE = 0x40000
READ_WRITE = Protection.READ | Protection.WRITE


class Program:
    """A task that makes system calls."""

    def __init__(self, task: Task, tree: Tree, place: int = MIDDLE) -> None:
        self.task = task
        self.tree = tree
        self.next = place

    def put(self, data: bytes) -> int:
        """The address of these bytes, now in user memory."""
        place = self.room(len(data))
        store_bytes(self.task.space, u64(place), data)
        return place

    def room(self, size: int) -> int:
        """An address with so much memory behind it."""
        place = self.next
        self.next += (size + 15) // 16 * 16
        assert self.next <= SIZE, "the test needs more memory"
        return place

    def get(self, address: int, count: int) -> bytes:
        return load_bytes(self.task.space, u64(address), count)

    def word(self, address: int) -> int:
        return int.from_bytes(self.get(address, 4), "little", signed=True)

    def call(self, number: int, *arguments: int | bytes) -> int:
        """Make the call, again when it was interrupted; a0 as the program finds it. Bytes are passed by their address, with a NUL."""
        values = [self.put(item + b"\0") if isinstance(item, bytes) else item for item in arguments]
        frame = self.task.frame
        for index, value in enumerate(values + [0] * (6 - len(values))):
            frame.set(10 + index, u64(value))
        frame.a7 = u64(number)
        start = frame.pc
        while frame.pc == start:
            self.task.on_syscall()
            support.to_user(self.task)
        return int(i64(frame.a0))

    def fork(self, body: "Callable[[Program], None]") -> Process:
        """A child process that runs the function with a copy of the memory."""
        tree, place = self.tree, self.next
        return support.spawn(self.task, lambda child: body(Program(child, tree, place)))


def xv6(body: Callable[[Program], None]) -> None:
    """Run the function as an xv6 process with an empty root directory; afterwards no frame may be missing."""

    def as_xv6(task: Task) -> None:
        process = task.process
        before: tuple[Abi, View, Limits] = (process.abi, process.view, process.limits)
        tree = Tree()
        process.abi = Xv6Abi(SIZE)
        process.view = tree.view
        process.limits = process.limits.under(CEILINGS)
        task.refresh()
        process.apply_limits()
        task.space.map_area(u64(0), u64(SIZE), READ_WRITE, fixed=True)
        try:
            body(Program(task, tree))
        finally:
            process.handles.close_all()
            process.abi, process.view, process.limits = before
            task.refresh()
            process.apply_limits()
            process.executable = None
            task.space.unmap(u64(0), u64(1 << 38))
            unknown.calls.clear()

    support.run(as_xv6)
