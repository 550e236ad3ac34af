"""`python -m tests.kernel.shortage [NAME...]`: every allocation of a script of system calls fails, one in each repetition.

A case is a few calls of a Linux program on a hosted machine (tests/abi/support.py). It is made once for each step that could fail
(tests/executor/faults.py: taking a frame, making an object, growing a container), and that step does; what cannot be refused
(Thread.must_succeed) is no step. A call may answer ENOMEM then and do nothing else: no other exception, no signal, no lost frame, no
object that stays, no child, no timer. What the case has opened, mapped and made is put away in between as a program would.
"""

import gc
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

from net.unix import start as unix
from objects.processes import processes
from objects.task import current_task
from objects.wait import Selector, WaitOptions, Which, wait_for_child
from scarlet.kernel import log, timer
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.user import store_bytes
from scarlet.kernel.thread import current_thread
from scarlet.lang import u64
from scarlet.lang.errno import Errno
from tests.abi.support import AT_FDCWD, HEAP_BASE, MEMORY_BASE, STACK_BASE, STACK_SIZE, Program, linux
from tests.executor.faults import Faults, watched_destructors
from tests.objects import support

O_RDWR, O_CREAT, O_NONBLOCK, O_DIRECTORY = 2, 0o100, 0o4000, 0o200000
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS = 1, 2, 0x10, 0x20
PAGE = 4096
ANYWHERE_HIGH = 0x10_0000_0000
KINDS = ("objects.", "vfs.", "net.", "executor.", "abi_modules.", "scarlet.kernel.")
PASSING = ("Errno", "Interrupted", "MemoryError", "Line", "RestartBlock", "Entry")
"""Objects that say nothing: errors, lines of the log, what the program's own state keeps, the places of names that are gone."""

Act = Callable[[Program], None]


class Shortage(Faults):
    """Faults, but for what must succeed."""

    def _maybe(self, frame: FrameType, what: str) -> None:
        if current_thread().must_succeed or what == "insert in insert" and frame.f_back is not None and _has_room(frame):
            return
        super()._maybe(frame, what)


def _has_room(frame: FrameType) -> bool:
    """Has AreaList.make_room been called for this area?"""
    above: FrameType | None = frame
    while above is not None and above.f_code.co_name != "_move":
        above = above.f_back
    return above is not None


def anonymous(p: Program, size: int, flags: int = MAP_PRIVATE) -> int:
    return p.call(222, 0, size, 3, flags | MAP_ANONYMOUS, -1, 0)


def opened(p: Program, path: int, flags: int = O_RDWR | O_CREAT) -> int:
    return p.call(56, AT_FDCWD, path, flags, 0o644)


class Names:
    """Strings and buffers that are in user memory before anything fails."""

    def __init__(self, program: Program) -> None:
        store_bytes(program.task.space, u64(STACK_BASE + STACK_SIZE - 8192), bytes(8192))  # where handlers put their frames
        self.a, self.b, self.c = program.put(b"/a"), program.put(b"/b"), program.put(b"/dir/c")
        self.directory, self.new = program.put(b"/dir"), program.put(b"/new")
        self.here = program.put(b".")
        self.buffer = program.room(4096)
        self.pair = program.room(64)
        self.address = program.put(b"\x01\x00/socket\0".ljust(110, b"\0"))
        self.action = program.put((0x1234).to_bytes(8, "little") + bytes(24))
        self.all = program.put(b"\xff" * 8)
        self.moment = program.put((0).to_bytes(8, "little") + (1000).to_bytes(8, "little"))
        self.timer = program.put(bytes(8) + (500_000).to_bytes(8, "little") + bytes(8) + (500_000).to_bytes(8, "little"))
        self.limit = program.put((100).to_bytes(8, "little") * 2)
        self.poll = program.room(64)
        self.vector = program.put(self.buffer.to_bytes(8, "little") + (16).to_bytes(8, "little"))
        rights = (20).to_bytes(8, "little") + (1).to_bytes(4, "little") * 2
        self.control = program.put(rights + bytes(12))
        words = [0, 0, self.vector, 1, self.control, 24, 0]
        self.message = program.put(b"".join(word.to_bytes(8, "little") for word in words))
        words = [0, 0, self.vector, 1, self.buffer, 64, 0]
        self.receiver = program.put(b"".join(word.to_bytes(8, "little") for word in words))


def files(p: Program, n: Names) -> None:
    fd = opened(p, n.a)
    if fd < 0:
        return
    p.call(64, fd, n.buffer, 3000)
    p.call(68, fd, n.buffer, 100, 10_000)
    p.call(67, fd, n.buffer, 4096, 0)
    p.call(46, fd, 5000)
    p.call(23, fd)
    p.call(25, fd, 4, O_NONBLOCK)
    p.call(80, fd, n.buffer)
    p.call(57, fd)


def names(p: Program, n: Names) -> None:
    p.call(34, AT_FDCWD, n.directory, 0o755)
    fd = opened(p, n.c)
    p.call(57, fd)
    p.call(37, AT_FDCWD, n.c, AT_FDCWD, n.a, 0)
    p.call(36, n.a, AT_FDCWD, n.b)
    p.call(78, AT_FDCWD, n.b, n.buffer, 100)
    p.call(276, AT_FDCWD, n.c, AT_FDCWD, n.new, 0)
    p.call(276, AT_FDCWD, n.new, AT_FDCWD, n.a, 0)
    p.call(79, AT_FDCWD, n.b, n.buffer, 0)
    p.call(35, AT_FDCWD, n.b, 0)
    p.call(35, AT_FDCWD, n.directory, 0x200)


def directories(p: Program, n: Names) -> None:
    fd = p.call(56, AT_FDCWD, n.here, O_DIRECTORY, 0)
    p.call(61, fd, n.buffer, 4096)
    p.call(57, fd)
    p.call(17, n.buffer, 4096)
    p.call(49, n.here)
    p.call(43, n.here, n.buffer)


def pipes(p: Program, n: Names) -> None:
    if p.call(59, n.pair, O_NONBLOCK) != 0:
        return
    r, w = p.word(n.pair), p.word(n.pair + 4)
    p.call(64, w, n.buffer, 4000)
    p.call(63, r, n.buffer, 100)
    p.call(66, w, n.vector, 1)
    p.call(65, r, n.vector, 1)
    p.call(25, w, 1031, 1 << 17)
    p.call(57, r)


def fifos(p: Program, n: Names) -> None:
    p.call(33, AT_FDCWD, n.a, 0o010644, 0)
    fd = p.call(56, AT_FDCWD, n.a, O_RDWR | O_NONBLOCK, 0)
    p.call(64, fd, n.buffer, 10)


def memory(p: Program, n: Names) -> None:
    at = anonymous(p, 16 * PAGE)
    if at < 0:
        return
    p.call(63, 0, at, 0)
    p.call(64, 0, at, 0)
    p.call(226, at + 4 * PAGE, PAGE, 1)
    p.call(233, at, 8 * PAGE, 4)
    p.call(215, at + 8 * PAGE, PAGE)
    p.call(216, at, 4 * PAGE, 40 * PAGE, 1, 0)
    p.call(215, at, 16 * PAGE)


def touched(p: Program, n: Names) -> None:
    """Pages that are stored into by the kernel for the program."""
    at = anonymous(p, 4 * PAGE)
    if at < 0:
        return
    p.call(17, at, 100)
    p.call(160, at + PAGE)
    p.call(216, at, 2 * PAGE, 8 * PAGE, 3, ANYWHERE_HIGH)
    p.call(17, at + 3 * PAGE, 100)
    p.call(214, HEAP_BASE + 3 * PAGE)
    p.call(17, HEAP_BASE + PAGE, 100)
    p.call(214, HEAP_BASE)


def shared_memory(p: Program, n: Names) -> None:
    at = anonymous(p, 4 * PAGE, MAP_SHARED)
    if at < 0:
        return
    p.call(17, at, 100)
    p.call(17, at + PAGE, 100)
    p.call(226, at, PAGE, 1)


def mapped_file(p: Program, n: Names) -> None:
    fd = opened(p, n.a)
    p.call(64, fd, n.buffer, 4000)
    for flags in (MAP_PRIVATE, MAP_SHARED):
        at = p.call(222, 0, 2 * PAGE, 3, flags, fd, 0)
        if at > 0:
            p.call(17, at, 100)
            p.call(227, at, PAGE, 4)
            p.call(215, at, PAGE)


def signals(p: Program, n: Names) -> None:
    p.call(135, 0, n.all, 0, 8)
    p.call(134, 34, n.action, 0, 8)
    p.call(138, 1, 34, n.buffer)
    p.call(129, 1, 10)
    p.call(137, n.all, n.buffer, n.moment, 8)
    p.call(136, n.buffer, 8)


def timers(p: Program, n: Names) -> None:
    p.call(103, 0, n.timer, 0)
    p.call(101, n.moment, 0)
    p.call(115, 1, 0, n.moment, 0)
    p.call(102, 0, n.buffer)


def polling(p: Program, n: Names) -> None:
    if p.call(59, n.pair, 0) != 0:
        return
    p.call(73, n.poll, 1, n.moment, 0, 8)
    p.call(72, 8, 0, 0, 0, n.moment, 0)


def streams(p: Program, n: Names) -> None:
    if p.call(199, 1, 1 | O_NONBLOCK, 0, n.pair) != 0:
        return
    a, b = p.word(n.pair), p.word(n.pair + 4)
    p.call(64, a, n.buffer, 100)
    p.call(63, b, n.buffer, 50)
    p.call(211, a, n.message, 0)
    p.call(212, b, n.receiver, 0)
    p.call(210, a, 2)


def listeners(p: Program, n: Names) -> None:
    a = p.call(198, 1, 1 | O_NONBLOCK, 0)
    p.call(200, a, n.address, 20)
    p.call(201, a, 5)
    b = p.call(198, 1, 1 | O_NONBLOCK, 0)
    p.call(203, b, n.address, 20)
    c = p.call(202, a, 0, 0)
    p.call(64, b, n.buffer, 10)
    p.call(63, c, n.buffer, 10)


def datagrams(p: Program, n: Names) -> None:
    if p.call(199, 1, 2 | O_NONBLOCK, 0, n.pair) != 0:
        return
    a, b = p.word(n.pair), p.word(n.pair + 4)
    p.call(64, a, n.buffer, 100)
    p.call(211, a, n.message, 0)
    p.call(64, a, n.buffer, 0)
    p.call(63, b, n.buffer, 100)


def forks(p: Program, n: Names) -> None:
    child = support.spawn(p.task, lambda task: None)
    wait_for_child(p.task, Selector(Which.PROCESS, child.pid), WaitOptions.EXITED)


def waits(p: Program, n: Names) -> None:
    p.call(260, -1, n.buffer, 0, n.buffer + 100)


def child(p: Program, n: Names) -> None:
    support.spawn(p.task, lambda task: None)


def settings(p: Program, n: Names) -> None:
    p.call(261, 0, 0, n.limit, n.buffer)
    p.call(261, 0, 7, 0, n.buffer)
    p.call(167, 15, n.a)
    p.call(167, 16, n.buffer)
    p.call(179, n.buffer)
    p.call(165, 0, n.buffer)
    p.call(159, 0, 0)
    p.call(278, n.buffer, 100, 0)
    p.call(279, n.a, 0)


def groups(p: Program, n: Names) -> None:
    p.call(154, 0, 0)
    p.call(155, 0)


def locks(p: Program, n: Names) -> None:
    fd = opened(p, n.a)
    p.call(32, fd, 2)
    p.call(25, fd, 6, n.buffer + 2048)
    p.call(32, fd, 8)


def nothing(p: Program, n: Names) -> None:
    pass


class Case:
    """`before` is done without faults, `act` with them."""

    def __init__(self, act: "Callable[[Program, Names], None]", before: "Callable[[Program, Names], None]" = nothing) -> None:
        self.act = act
        self.before = before


CASES = {
    act.__name__: Case(act)
    for act in (
        files, names, directories, pipes, fifos, memory, touched, shared_memory, mapped_file, signals, timers, polling, streams, listeners,
        datagrams, forks, settings, groups, locks,
    )
} | {"waits": Case(waits, child)}  # fmt: skip


def alive() -> Counter[str]:
    """Objects of the kernel, by class."""
    gc.collect()
    found: Counter[str] = Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        if kind.__module__.startswith(KINDS) and kind.__name__ not in PASSING:
            found[f"{kind.__module__}.{kind.__name__}"] += 1
    return found


def put_away(p: Program) -> None:
    """Close, unmap, remove and wait, without faults."""
    process = p.task.process
    process.handles.close_all()
    if process.timers is not None:
        process.end_timers()
    space = p.task.space
    for area in space.areas.within(0, 1 << 38):
        if not MEMORY_BASE <= area.start < STACK_BASE + STACK_SIZE:
            space.unmap(u64(area.start), u64(area.length))
    p.call(214, HEAP_BASE)
    clear(p, b"/")
    try:
        while wait_for_child(p.task, Selector(Which.ANY), WaitOptions.EXITED) is not None:
            pass
    except Errno:
        pass
    p.task.mask = u64(0)
    p.task.pending.remove(u64(-1 & (1 << 64) - 1))
    process.pending.remove(u64(-1 & (1 << 64) - 1))
    process.actions.reset_handlers()
    support.pause(2)


def clear(p: Program, path: bytes) -> None:
    for name in p.tree.names(path):
        if name in (b".", b".."):
            continue
        full = path.rstrip(b"/") + b"/" + name
        try:
            p.tree.unlink(full)
        except Errno:
            clear(p, full)
            p.tree.rmdir(full)


def state() -> dict[str, int]:
    return {
        "frames": frames.free_frames(), "processes": len(processes), "timers": len(timer._heap),
        "areas": len(current_task().space.areas.items), "mapped": current_task().space.mapped_pages,
        "resident": current_task().space.resident_pages,
    }  # fmt: skip


def run_case(name: str, *, every: int = 1, first: int = 0, only: str = "", quiet: bool = True) -> list[str]:
    """Fail every step of a case (or each n-th from one on, or those of one kind); what was found."""
    case = CASES[name]
    found: list[str] = []

    def body(p: Program) -> None:
        unix.start()
        n = Names(p)
        for _ in range(2):
            case.before(p, n)
            case.act(p, n)
            put_away(p)
        before, objects = state(), alive()
        step = first
        kinds: list[str] = []
        faults = failed = Shortage()
        with watched_destructors(lambda: faults) as problems:
            while True:
                while kinds and only and step < len(kinds) and kinds[step] != only:
                    step += 1
                faults = failed = Shortage(step if kinds or not only else -1)
                case.before(p, n)
                lines = log._written
                try:
                    with faults:
                        case.act(p, n)
                except MemoryError:
                    pass  # in the test's own hands
                except BaseException as problem:
                    found.append(f"{name}, {faults}: {type(problem).__name__}: {problem}")
                    return
                put_away(p)
                faults = Shortage()  # once more without, so that what is kept for the next time is as before
                case.before(p, n)
                case.act(p, n)
                put_away(p)
                found.extend(f"{name}, {failed}: {line.text}" for line in log.lines(lines) if "fail" in line.text or "killed" in line.text)
                after, left = state(), alive()
                if after != before or left - objects:
                    changed = {key: (before[key], after[key]) for key in after if after[key] != before[key]}
                    found.append(f"{name}, {failed}: {changed} {dict(left - objects)}")
                    before, objects = after, left
                if problems:
                    found.extend(f"{name}, {failed}: {problem}" for problem in problems)
                    problems.clear()
                if not kinds and only:
                    kinds = failed.kinds
                    continue
                if step >= failed.steps:
                    break
                step += every
        if not quiet:
            print(f"{name}: {step} steps")

    try:
        linux(body)
    except BaseException as problem:
        found.append(f"{name}: {type(problem).__name__}: {problem}")
    return found


def main() -> int:
    found: list[str] = []
    for name in sys.argv[1:] or CASES:
        found += run_case(name, quiet=False)
        print("\n".join(found), flush=True)
        if found:
            print(f"-- {len(found)} findings so far")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
