"""When dirty pages are written: after five seconds, when there are too many of them, or when somebody asks.

A kernel thread does it. It sleeps as long as nothing is dirty, and is made when something is for the first time. Above a tenth of the
memory that files may have, it does not wait for the five seconds; above a fifth, whoever writes has to help (`throttle`), so that
a program cannot make pages dirty faster than the disk takes them. (proc_sys_vm(5): dirty_background_ratio, dirty_ratio,
dirty_expire_centisecs)

The list of dirty caches keeps them alive. Whatever else a file system has to bring to the disk from time to time (a journal), it gives as
a `Periodic`.
"""

from typing import TYPE_CHECKING, Final

from objects.block import BlockDevice
from scarlet.kernel import clock, log, scheduler
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory import frames
from scarlet.kernel.thread import Thread, current_thread
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import Errno
from vfs.pagecache.page import totals

if TYPE_CHECKING:
    from vfs.pagecache.cache import PageCache

EXPIRE_NS: Final = 5_000_000_000
RETRY_NS: Final = 100_000_000
BACKGROUND_SHARE: Final = 10
LIMIT_SHARE: Final = 5
FEWEST: Final = 64
"""Pages that may be dirty however small the memory is."""


class Periodic:
    """What wants to be written back from time to time. Derive from it; register it once there is something to write."""

    def write_back_old(self) -> None:
        """Five seconds after it was registered, or earlier: bring it to the disk. May sleep; Errno is logged."""
        raise NotImplementedError("Periodic.write_back_old")


class _Entry:
    """A Periodic and its time."""

    def __init__(self, periodic: Periodic, due_ns: int) -> None:
        self.periodic = periodic
        self.due_ns = due_ns


_dirty: Final[list["PageCache"]] = []
"""Those with dirty pages, or pages on their way, since `dirty_since_ns`; the oldest first."""
_periodic: Final[list[_Entry]] = []
_wanted: Final = WaitQueue()
_threads: Final[list["Writer"]] = []


class Writer(Thread):
    """The thread."""

    def __init__(self) -> None:
        super().__init__(0, b"writeback")
        self.busy = False
        """Is it awake? Then it looks at everything again before it sleeps."""

    def run(self) -> None:
        self.must_succeed = True  # others wait for it to get memory
        scheduler.arrived()
        while True:
            self.busy = True
            due_ns = _write_due()
            self.busy = False
            _wanted.wait(due_ns, interruptible=False)


# --- what caches say ---


def joined(cache: "PageCache") -> None:
    """A cache has its first dirty page."""
    cache.dirty_since_ns = clock.monotonic_ns()
    _dirty.append(cache)
    cache.backing.dirtied()
    _see_to_it(alone=len(_dirty) + len(_periodic) == 1)


def left(cache: "PageCache") -> None:
    """A cache has nothing to write any more."""
    for index in range(len(_dirty)):
        if _dirty[index] is cache:
            _dirty.pop(index)
            cache.backing.cleaned()
            return


def register(periodic: Periodic) -> None:
    """Call it in five seconds, once."""
    _periodic.append(_Entry(periodic, clock.monotonic_ns() + EXPIRE_NS))
    _see_to_it(alone=len(_dirty) + len(_periodic) == 1)


def hurry(cache: "PageCache") -> None:
    """This cache is to be written now, by the thread."""
    cache.dirty_since_ns = -EXPIRE_NS
    _see_to_it(alone=True)


def throttle(cache: "PageCache") -> None:
    """Somebody made pages dirty: if there are too many, have them written, or help. May sleep."""
    if totals.dirty < FEWEST:
        return
    available = frames.free_frames() + totals.cached
    if totals.dirty > max(available // BACKGROUND_SHARE, FEWEST):
        _see_to_it(alone=True)
    limit = max(available // LIMIT_SHARE, FEWEST)
    if totals.dirty <= limit:
        return
    going = write(cache)
    while going and totals.dirty > limit and len(_dirty) > 0 and current_thread().disk_depth == 0:
        going = write(_dirty[0])


# --- writing ---


def write(cache: "PageCache") -> bool:
    """Write what is dirty now in one file, and wait. Errors go where they belong: to the file. False: all failed, and is still dirty."""
    before = len(cache.dirty)
    try:
        cache.sync()
    except Errno as failure:
        log.warn(f"write-back failed: {failure}")
        return len(cache.dirty) < before
    return True


def write_everything() -> None:
    """The same for all files."""
    for cache in list(_dirty):
        write(cache)


def write_device(device: BlockDevice) -> None:
    """The same for the files on one device."""
    for cache in list(_dirty):
        if cache.backing.device is device:
            write(cache)


def write_periodic() -> None:
    """Do what is registered, whether it is due or not."""
    while len(_periodic) > 0:
        _do(_periodic.pop(0).periodic)


def _do(periodic: Periodic) -> None:
    try:
        periodic.write_back_old()
    except Errno as failure:
        log.warn(f"write-back failed: {failure}")
    except MemoryError:
        log.warn("write-back failed: out of memory")


def _write_due() -> int:
    """Write until nothing is due: when the next thing is. What could not even be begun, for lack of memory, is tried again soon."""
    try:
        while True:
            found, failed = _write_what_is_due()
            if failed > 0:
                return clock.deadline_after(RETRY_NS)
            if found == 0:
                return _next_due_ns()
    except MemoryError:
        return clock.deadline_after(RETRY_NS)


def _write_what_is_due() -> tuple[int, int]:
    """How many things were due, and how many of them are as they were before."""
    failed = 0
    now = clock.monotonic_ns()
    available = frames.free_frames() + totals.cached
    pressed = totals.dirty > max(available // BACKGROUND_SHARE, FEWEST)
    due = [cache for cache in _dirty if pressed or cache.dirty_since_ns + EXPIRE_NS <= now]
    jobs = [entry for entry in _periodic if entry.due_ns <= now]
    for cache in due:
        if not write(cache):
            failed += 1
        cache.dirty_since_ns = clock.monotonic_ns()
    for job in jobs:
        if job in _periodic:
            _periodic.remove(job)
            _do(job.periodic)
    return (len(due) + len(jobs), failed)


def _next_due_ns() -> int:
    due = NEVER
    for cache in _dirty:
        due = min(due, cache.dirty_since_ns + EXPIRE_NS)
    for entry in _periodic:
        due = min(due, entry.due_ns)
    return due


def _see_to_it(*, alone: bool) -> None:
    """Let the thread look at what is due, now or when it wakes by itself. `alone`: it may not know of anything yet."""
    if len(_threads) == 0:
        writer = Writer()
        _threads.append(writer)
        writer.start()
        scheduler.make_runnable(writer)
    elif alone and not _threads[0].busy:
        _wanted.wake_one()
