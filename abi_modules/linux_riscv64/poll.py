"""Waiting for events on descriptors: poll(2) and select(2) in their ppoll and pselect6 forms.

Both make a list of interests and leave the waiting to objects/event.py. The time that is left is given back through the timeout, as Linux
does it; the signal mask holds for the time of the call.
"""

from typing import Final

from abi_modules.linux_riscv64.declare import InFdSet, InPollFds, InSignalSet, InTimespec
from abi_modules.linux_riscv64.structures import load_timespec_ns, store_timespec_ns
from executor.declare import Address, syscall
from objects.event import Interest, poll_many
from objects.limits import Resource
from objects.object import KernelObject, PollEvents, Rights
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.framebytes import FrameBytes, frame_bytes
from scarlet.kernel.memory.user import UserBytes, UserPtr, load_bytes, load_u64, store_bytes
from scarlet.kernel.signals import SignalSet
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang import Errno, i32, isize, u32, u64, usize
from scarlet.lang.errno import EINVAL

SIGNAL_SET_SIZE: Final = 8
NO_WAIT: Final = 0
POLLFD_SIZE: Final = 8
DESCRIPTOR: Final = u64(0x7FFFFFFF)
NEGATIVE_FD: Final = u64(0x80000000)
REQUEST: Final = u64(0x0000FFFFFFFFFFFF)
"""fd and events; revents are above them."""
EVENTS_SHIFT: Final = 32
REVENTS_SHIFT: Final = 48


def _deadline(task: Task, timeout: UserPtr) -> int:
    """The monotonic time at which a wait ends; NEVER without a timeout, NO_WAIT for one of 0. EFAULT, EINVAL."""
    if timeout == 0:
        return NEVER
    ns = load_timespec_ns(task, timeout)
    return clock.deadline_after(ns) if ns > 0 else NO_WAIT


def _store_rest(task: Task, timeout: UserPtr, deadline_ns: int) -> None:
    """Tell how much of the timeout is left. A timeout that cannot be written is no error, as on Linux."""
    if timeout != 0:
        rest = max(deadline_ns - clock.monotonic_ns(), 0) if deadline_ns != NO_WAIT else 0
        try:
            store_timespec_ns(task, timeout, rest)
        except Errno:
            return


def _set_mask(task: Task, mask: UserPtr, size: u64) -> None:
    if mask != 0:
        if size != SIGNAL_SET_SIZE:
            raise Errno(EINVAL, "a signal set has eight bytes")
        task.suspend_mask(SignalSet(load_u64(task.space, mask)))


# --- ppoll ------------------------------------------------------------------------------------------------------------------


@syscall(73)
def ppoll(task: Task, fds: InPollFds, nfds: u32, tmo_p: InTimespec, sigmask: InSignalSet, sigsetsize: usize) -> isize:
    """ppoll(2): EINVAL for more descriptors than RLIMIT_NOFILE; POLLNVAL for one that is not open."""
    deadline_ns = _deadline(task, tmo_p)
    _set_mask(task, sigmask, sigsetsize)
    count = int(nfds)
    if count > task.process.limits.soft(Resource.OPEN_FILES):
        raise Errno(EINVAL, "more descriptors than may be open")
    if count == 0:
        poll_many([], deadline_ns)
        _store_rest(task, tmo_p, deadline_ns)
        return isize(0)
    size = count * POLLFD_SIZE
    target = UserBytes(task.space, fds, u64(size))
    entries = frame_bytes(size)
    target.to_physical(0, entries.pa, size)
    found = _look(task, entries, count)
    if found == 0 and deadline_ns != NO_WAIT:
        try:
            found = _wait(task, entries, count, deadline_ns)
        finally:
            _store_rest(task, tmo_p, deadline_ns)
    else:
        _store_rest(task, tmo_p, deadline_ns)
    target.from_physical(0, entries.pa, size)
    return isize(found)


def _look(task: Task, entries: FrameBytes, count: int) -> int:
    """Store what is true now into every struct pollfd { int fd; short events, revents; }: how many have something."""
    found = 0
    for offset in range(0, count * POLLFD_SIZE, POLLFD_SIZE):
        word = entries.load_u64(offset)
        revents = PollEvents.NONE
        if word & NEGATIVE_FD == 0:
            object = _pollable(task, int(word & DESCRIPTOR))
            revents = PollEvents.NVAL
            if object is not None:
                revents = object.poll(None) & (_events(word) | PollEvents.ERR | PollEvents.HUP)
            if revents != PollEvents.NONE:
                found += 1
        entries.store_u64(offset, word & REQUEST | u64(int(revents)) << REVENTS_SHIFT)
    return found


def _wait(task: Task, entries: FrameBytes, count: int, deadline_ns: int) -> int:
    """Wait for the first event, after nothing was found: every descriptor is open or negative."""
    interests: list[Interest] = []
    offsets: list[int] = []
    for offset in range(0, count * POLLFD_SIZE, POLLFD_SIZE):
        word = entries.load_u64(offset)
        if word & NEGATIVE_FD == 0:
            interests.append(Interest(task.handles.object(int(word & DESCRIPTOR)), _events(word)))
            offsets.append(offset)
    found = poll_many(interests, deadline_ns)
    for number in range(len(interests)):
        word = entries.load_u64(offsets[number])
        entries.store_u64(offsets[number], word & REQUEST | u64(int(interests[number].found)) << REVENTS_SHIFT)
    return found


def _events(word: u64) -> PollEvents:
    return PollEvents(int(word >> EVENTS_SHIFT & u64(0xFFFF)))


def _pollable(task: Task, fd: int) -> KernelObject | None:
    """None when the descriptor is not open, or only a place."""
    if not task.handles.is_open(fd):
        return None
    handle = task.handles.handle(fd)
    return handle.object if handle.rights & Rights.POLL else None


# --- pselect6 ---------------------------------------------------------------------------------------------------------------

READ_SET: Final = PollEvents.IN | PollEvents.RDNORM | PollEvents.RDBAND | PollEvents.HUP | PollEvents.ERR | PollEvents.NVAL
WRITE_SET: Final = PollEvents.OUT | PollEvents.WRNORM | PollEvents.WRBAND | PollEvents.ERR | PollEvents.NVAL
EXCEPT_SET: Final = PollEvents.PRI | PollEvents.NVAL
SMALLEST_TABLE: Final = 64
"""Linux: NR_OPEN_DEFAULT"""


class FdSet:
    """A fd_set of `count` descriptors in user memory: bit n of the bytes is descriptor n."""

    def __init__(self, task: Task, address: UserPtr, count: int) -> None:
        self.address = address
        self.size = (count + 63) // 64 * 8
        self.wanted: bytes = load_bytes(task.space, address, self.size) if address != 0 and count > 0 else bytes(self.size)
        self.found = bytearray(self.size)

    def wants(self, fd: int) -> bool:
        """Is the bit of a descriptor set?"""
        return self.wanted[fd >> 3] >> (fd & 7) & 1 != 0

    def find(self, fd: int) -> None:
        """Set the bit of a descriptor in the result."""
        self.found[fd >> 3] |= 1 << (fd & 7)

    def store(self, task: Task) -> None:
        """Replace the set by the result. EFAULT."""
        if self.address != 0 and self.size > 0:
            store_bytes(task.space, self.address, bytes(self.found))


@syscall(72)
def pselect6(task: Task, nfds: i32, readfds: InFdSet, writefds: InFdSet, exceptfds: InFdSet, timeout: InTimespec, sig: Address) -> isize:
    """pselect(2): EBADF for a descriptor that is not open. sig points to (pointer to the mask, its size)."""
    deadline_ns = _deadline(task, timeout)
    if nfds < 0:
        raise Errno(EINVAL, "a negative number of descriptors")
    if sig != 0:
        _set_mask(task, UserPtr(load_u64(task.space, sig)), load_u64(task.space, UserPtr(u64(sig + 8))))
    count = int(nfds)
    if count > task.handles.limit:
        count = min(count, _table_size(task))
    reading = FdSet(task, readfds, count)
    writing = FdSet(task, writefds, count)
    excepting = FdSet(task, exceptfds, count)
    interests: list[Interest] = []
    descriptors: list[int] = []
    for fd in range(count):
        events = PollEvents.NONE
        if reading.wants(fd):
            events |= READ_SET
        if writing.wants(fd):
            events |= WRITE_SET
        if excepting.wants(fd):
            events |= EXCEPT_SET
        if events != PollEvents.NONE:
            interests.append(_interest(task, fd, events))
            descriptors.append(fd)
    try:
        poll_many(interests, deadline_ns)
    finally:
        _store_rest(task, timeout, deadline_ns)
    total = 0
    for number in range(len(interests)):
        found = interests[number].found
        fd = descriptors[number]
        total += _report(reading, fd, found & READ_SET)
        total += _report(writing, fd, found & WRITE_SET)
        total += _report(excepting, fd, found & EXCEPT_SET)
    reading.store(task)
    writing.store(task)
    excepting.store(task)
    return isize(total)


class MerePlace(KernelObject):
    """What stands for a descriptor that is open and can never be waited for: one of O_PATH. All sets report it."""

    def poll(self, waiter: Waiter | None) -> PollEvents:
        return PollEvents.NVAL


def _interest(task: Task, fd: int, events: PollEvents) -> Interest:
    """In exactly these events: a hang-up is nothing to who asks for exceptions alone. EBADF."""
    handle = task.handles.handle(fd)
    interest = Interest(handle.object if handle.rights & Rights.POLL else MerePlace(), events)
    interest.wanted = events
    return interest


def _table_size(task: Task) -> int:
    """How many descriptors are looked at: a limit that was lowered closes none that is open above it."""
    used = task.handles.slots()
    highest = used[-1] if len(used) > 0 else 0
    return max(task.handles.limit, highest + 1, SMALLEST_TABLE)


def _report(set: FdSet, fd: int, found: PollEvents) -> int:
    """Set the bit if the set wants the descriptor and something was found; 1 if so."""
    if found == PollEvents.NONE or not set.wants(fd):
        return 0
    set.find(fd)
    return 1
