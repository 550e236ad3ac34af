"""Processes whose programs are Python functions, each test on a hosted machine of its own.

    def body(task: Task) -> None: ...
    run(body)

Each function runs as a process's only task; it may block, fork (spawn) and be signalled. `to_user(task)` is what happens at the end of
every system call. run() ends when process 1's function returns, and checks that nothing is left of all the others.
"""

import gc
from collections.abc import Callable
from io import BytesIO

from objects.abi import Abi
from objects.first import enter_first_task, make_first_process
from objects.fork import ForkOptions, fork, start
from objects.inode import FileSystem, Inode, InodeType, Metadata
from objects.process import ExitStatus, Process
from objects.processes import processes
from objects.restart import Interrupted, restarts
from objects.task import Task
from objects.view import Location, Mount, MountFlags, MountTable, View
from objects.wait import ChildEvent, Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel import scheduler, timer
from scarlet.kernel.memory import frames, pagetable
from scarlet.kernel.memory.buffer import Buffer, KernelBytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.signals import SignalAction, SignalInfo
from scarlet.lang.errno import Errno, errno_name
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import layout, world
from scarlet.machine.hosted.run import Machine

Body = Callable[[Task], None]
MEMORY = 16 << 20


class Ended(Exception):
    """The task is not to return to user mode."""


class TestAbi(Abi):
    """Signal handlers are Python functions by address; every event is written down."""

    __test__ = False

    def __init__(self) -> None:
        super().__init__("test")
        self.handlers: dict[int, Callable[[Task, SignalInfo], None]] = {}
        self.log: list[str] = []
        self.restarted: list[bool] = []

    def fork(self) -> "TestAbi":
        copy = TestAbi()
        copy.handlers = self.handlers
        copy.log = self.log
        return copy

    def deliver_signal(self, task: Task, info: SignalInfo, action: SignalAction) -> None:
        self.handlers[int(action.handler)](task, info)

    def restart(self, task: Task, action: SignalAction | None) -> None:
        self.restarted.append(restarts(task.restart, action))

    def trace_signal(self, task: Task, info: SignalInfo) -> None:
        self.log.append(f"{task.process.pid} signal {info.number}")

    def trace_stop(self, task: Task, signal: int) -> None:
        self.log.append(f"{task.process.pid} stopped {signal}")

    def trace_exit(self, task: Task, status: ExitStatus) -> None:
        self.log.append(f"{task.process.pid} exit {status.code} {status.signal}")


class Script(Task):
    """A task that runs a Python function instead of user code."""

    body: Body

    def run(self) -> None:
        scheduler.arrived()
        self._script()
        self.finish()
        del self.body
        scheduler.exit_current()

    def _script(self) -> None:
        try:
            to_user(self)
            self.body(self)
            self.must_succeed = True  # as exit(2)
            self.process.end(ExitStatus(0))
        except Ended:
            pass
        except Interrupted:
            if not self.exiting:
                raise


def to_user(task: Task) -> None:
    """What happens between a system call and user code."""
    while task.pending_work:
        task.pending_work = False
        task.before_user()
        if task.exiting:
            raise Ended


def spawn(parent: Task, body: Body, options: ForkOptions | None = None) -> Process:
    """A child process that runs the function."""
    child = fork(parent, options or ForkOptions())
    child.__class__ = Script
    assert isinstance(child, Script)
    child.body = body
    child.start()  # again: fork started it as a Task
    start(child)
    return child.process


def exit_with(task: Task, code: int) -> None:
    """_exit(2) of the whole process."""
    task.process.end(ExitStatus(code))
    to_user(task)


def wait(task: Task, pid: int = 0, options: WaitOptions = WaitOptions.EXITED) -> ChildEvent:
    """Wait for one child, or for any."""
    selector = Selector(Which.PROCESS, pid) if pid else Selector(Which.ANY)
    event = wait_for_child(task, selector, options)
    assert event is not None
    return event


def pause(times: int = 1) -> None:
    """Let every other runnable task run."""
    for _ in range(times):
        scheduler.yield_now()


def run(body: Body, *, memory: int = MEMORY) -> None:
    """Run the function as process 1 of a fresh machine. Whatever it raises comes out."""
    failures: list[BaseException] = []

    def init_body(task: Task) -> None:
        try:
            warm_up(task)
            before = frames.free_frames()
            body(task)
            assert [process.pid for process in processes.all()] == [1], "processes are left"
            scheduler.yield_now()
            assert frames.free_frames() == before, "frames are left"
        except BaseException as problem:
            failures.append(problem)
        world.current.power_off(0)

    def boot() -> None:
        frames.init([MemoryRange(layout.RAM_BASE, memory)], [MemoryRange(layout.RAM_BASE, 1 << 20)])
        pagetable.init()
        scheduler.prepare()
        init = make_first_process(AddressSpace(), test_view(), TestAbi())
        task = Script(1, init)
        task.body = init_body
        enter_first_task(init, task)
        task.start()
        scheduler.make_runnable(task)
        scheduler.start()

    reset()
    gc.disable()  # what ends must go without a collector
    Machine(memory, stdout=BytesIO(), log=BytesIO()).run(boot)
    gc.enable()
    if failures:
        raise failures[0]


def warm_up(task: Task) -> None:
    """Let caches that stay fill before frames are counted."""
    spawn(task, lambda child: None)
    wait(task)


def reset() -> None:
    """Forget the machine before this one."""
    scheduler._harts.clear()
    timer._heap.clear()
    for process in processes.all():
        process.threads.clear()
        process.children.clear()
        process.group.members.clear()
    processes._processes.clear()
    processes._tasks.clear()


class PlainInode(Inode):
    """A regular file in a bytearray."""

    def __init__(self, filesystem: FileSystem, number: int, type: InodeType = InodeType.REGULAR) -> None:
        super().__init__(filesystem, number, type)
        self.data = bytearray()

    def metadata(self) -> Metadata:
        return Metadata(self.type, 0o644, self.number, size=len(self.data))

    def parent(self) -> Inode:
        return self

    def read_at(self, buffer: Buffer, offset: int) -> int:
        data = bytes(self.data[offset : offset + buffer.length])
        buffer.write(0, data)
        return len(data)

    def write_at(self, buffer: Buffer, offset: int) -> int:
        self.data.extend(bytes(max(offset - len(self.data), 0)))
        self.data[offset : offset + buffer.length] = buffer.read(0, buffer.length)
        return buffer.length

    def truncate(self, size: int) -> None:
        del self.data[size:]
        self.data.extend(bytes(size - len(self.data)))


def test_view() -> View:
    """A view with nothing in it."""
    filesystem = FileSystem(b"test", 1)
    root = PlainInode(filesystem, 1, InodeType.DIRECTORY)
    mount = Mount(filesystem, root, None, MountFlags.NONE, b"test")
    place = Location(mount, root)
    return View(place, place, MountTable(mount))


test_view.__test__ = False  # type: ignore[attr-defined]


def location(task: Task, inode: Inode) -> Location:
    """A place for a file in the task's view."""
    return Location(task.view.root.mount, inode, task.view.root.inode, b"file")


def data(content: bytes) -> Buffer:
    """A buffer with something to write."""
    return KernelBytes(bytearray(content))


def read(source: "object", count: int) -> bytes:
    """What an object's read gives."""
    buffer = KernelBytes(bytearray(count))
    done = source.read(buffer)  # type: ignore[attr-defined]
    return bytes(buffer.data[:done])


def outcome(action: Callable[[], object]) -> str:
    """The name of the errno a call fails with, "ok" when it succeeds."""
    try:
        action()
    except Errno as error:
        return errno_name(error.code)
    return "ok"
