"""Futexes: sleeping on a word of user memory, between processes that share it (futex(2), get_robust_list(2)).

A waiter is known by the place of its word: the physical address for shared memory, (root page table, address) for
private memory. The word is compared and the waiter entered without anything running in between. Priority-inheriting
operations are ENOSYS.

When a task ends, locks of its robust list that it still holds are marked FUTEX_OWNER_DIED and one waiter of each is woken.
"""

from enum import IntEnum
from typing import Annotated, Final, TypeAlias

from abi_modules.linux_riscv64.state import LinuxState, RestartBlock, state_of
from abi_modules.linux_riscv64.structures import load_timespec_ns
from executor.declare import Address, syscall
from objects.processes import processes
from objects.restart import Interrupted, Restart
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.area import Access
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import check_range, compare_exchange_u32, load_u32, load_u64, store_u32, store_u64
from scarlet.kernel.waitqueue import WaitQueue, WakeReason
from scarlet.lang import Errno, i32, i64, u32, u64, usize
from scarlet.lang.errno import EAGAIN, EINVAL, ENOSYS, EPERM, ESRCH, ETIMEDOUT

Place: TypeAlias = tuple[int, int]
"""Root page table and virtual address, or 0 and physical address."""

FUTEX_PRIVATE_FLAG: Final = 128
FUTEX_CLOCK_REALTIME: Final = 256
EVERYONE: Final = 0xFFFFFFFF
FUTEX_WAITERS: Final = 0x80000000
FUTEX_OWNER_DIED: Final = 0x40000000
FUTEX_TID_MASK: Final = 0x3FFFFFFF
ROBUST_LIST_HEAD_BYTES: Final = 24
ROBUST_LIST_LIMIT: Final = 2048


class FutexOperation(IntEnum):
    """futex(2), with FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME written as part of the number"""

    FUTEX_WAIT = 0
    FUTEX_WAKE = 1
    FUTEX_REQUEUE = 3
    FUTEX_CMP_REQUEUE = 4
    FUTEX_WAKE_OP = 5
    FUTEX_WAIT_BITSET = 9
    FUTEX_WAKE_BITSET = 10
    FUTEX_WAIT_PRIVATE = 128
    FUTEX_WAKE_PRIVATE = 129
    FUTEX_REQUEUE_PRIVATE = 131
    FUTEX_CMP_REQUEUE_PRIVATE = 132
    FUTEX_WAKE_OP_PRIVATE = 133
    FUTEX_WAIT_BITSET_PRIVATE = 137
    FUTEX_WAKE_BITSET_PRIVATE = 138


class FutexWaiter:
    """One task that sleeps on a word."""

    def __init__(self, place: Place, bitset: int) -> None:
        self.place = place
        self.bitset = bitset
        self.queue = WaitQueue()
        self.woken = False


_waiters: Final[dict[Place, list[FutexWaiter]]] = {}
"""In the order they came; no empty lists."""


def _place(space: AddressSpace, address: u64, *, private: bool) -> Place:
    """EINVAL unless aligned, EFAULT unless readable."""
    if address & 3 != 0:
        raise Errno(EINVAL, "the word is not aligned")
    start = check_range(address, u64(4))
    physical = space.translate(start, Access.READ)
    area = space.find(start)
    if private or area is None or not area.shared:
        return (space.root, start)
    return (0, physical)


def _leave(waiter: FutexWaiter) -> None:
    waiting = _waiters[waiter.place]
    for index in range(len(waiting)):
        if waiting[index] is waiter:
            waiting.pop(index)
            break
    if not waiting:
        del _waiters[waiter.place]


def _wake(place: Place, count: int, bitset: int) -> int:
    """Wake up to `count` waiters whose bits meet; how many it were."""
    woken = 0
    for waiter in list(_waiters.get(place, [])):
        if woken >= count:
            break
        if waiter.bitset & bitset != 0:
            _leave(waiter)
            waiter.woken = True
            waiter.queue.wake_all()
            woken += 1
    return woken


def _requeue(source: Place, target: Place, count: int) -> int:
    """Let up to `count` waiters wait elsewhere; how many it were."""
    moved = 0
    for waiter in list(_waiters.get(source, [])):
        if moved >= count:
            break
        _leave(waiter)
        waiter.place = target
        _waiters.setdefault(target, []).append(waiter)
        moved += 1
    return moved


# --- waiting ----------------------------------------------------------------------------------------------------------------


class FutexRest(RestartBlock):
    """A wait with a deadline, to be gone on with."""

    def __init__(self, address: u64, private: bool, expected: int, deadline_ns: int, bitset: int) -> None:
        self.address = address
        self.private = private
        self.expected = expected
        self.deadline_ns = deadline_ns
        self.bitset = bitset

    def resume(self, task: Task) -> int:
        return _wait(task, self.address, self.private, self.expected, self.deadline_ns, self.bitset)


def _wait(task: Task, address: u64, private: bool, expected: int, deadline_ns: int, bitset: int) -> int:
    if bitset == 0:
        raise Errno(EINVAL, "an empty bit set")
    place = _place(task.space, address, private=private)
    if load_u32(task.space, address) != expected:
        raise Errno(EAGAIN, "the word has another value")
    waiter = FutexWaiter(place, bitset)
    _waiters.setdefault(place, []).append(waiter)
    reason = waiter.queue.wait(deadline_ns)
    if waiter.woken:
        return 0
    _leave(waiter)
    if reason is WakeReason.TIMEOUT:
        raise Errno(ETIMEDOUT)
    if deadline_ns == NEVER:
        raise Interrupted(Restart.UNLESS_HANDLER_FORBIDS)
    state_of(task).restart_block = FutexRest(address, private, expected, deadline_ns, bitset)
    raise Interrupted(Restart.WITH_BLOCK)


def _deadline(task: Task, timeout: u64, *, relative: bool, realtime: bool) -> int:
    """Null waits for ever; FUTEX_WAIT's is relative, FUTEX_WAIT_BITSET's a time of the monotonic or the real-time clock."""
    if timeout == 0:
        return NEVER
    ns = load_timespec_ns(task, timeout)
    if relative:
        return clock.deadline_after(ns)
    return ns - clock.realtime_offset_ns() if realtime else ns


# --- the call ---------------------------------------------------------------------------------------------------------------


@syscall(98)
def futex(
    task: Task, uaddr: Address, futex_op: Annotated[i32, FutexOperation], val: u32, timeout: Address, uaddr2: Address, val3: u32
) -> i32:
    """futex(2): WAIT, WAKE, their BITSET forms, REQUEUE, CMP_REQUEUE, WAKE_OP, private and shared; ENOSYS for the
    priority-inheriting ones.
    """
    private = futex_op & FUTEX_PRIVATE_FLAG != 0
    realtime = futex_op & FUTEX_CLOCK_REALTIME != 0
    operation = int(futex_op) & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
    if realtime and operation not in (FutexOperation.FUTEX_WAIT, FutexOperation.FUTEX_WAIT_BITSET):
        raise Errno(ENOSYS, "FUTEX_CLOCK_REALTIME is for waiting")
    match operation:
        case FutexOperation.FUTEX_WAIT:
            deadline = _deadline(task, timeout, relative=True, realtime=realtime)
            return i32(_wait(task, uaddr, private, int(val), deadline, EVERYONE))
        case FutexOperation.FUTEX_WAIT_BITSET:
            deadline = _deadline(task, timeout, relative=False, realtime=realtime)
            return i32(_wait(task, uaddr, private, int(val), deadline, int(val3)))
        case FutexOperation.FUTEX_WAKE:
            return i32(_wake(_place(task.space, uaddr, private=private), _at_least_one(val), EVERYONE))
        case FutexOperation.FUTEX_WAKE_BITSET:
            if val3 == 0:
                raise Errno(EINVAL, "an empty bit set")
            return i32(_wake(_place(task.space, uaddr, private=private), _at_least_one(val), int(val3)))
        case FutexOperation.FUTEX_REQUEUE | FutexOperation.FUTEX_CMP_REQUEUE:
            return i32(_requeue_call(task, uaddr, uaddr2, operation, int(i32(val)), int(i32(u32(timeout))), int(val3), private=private))
        case FutexOperation.FUTEX_WAKE_OP:
            return i32(_wake_operation(task, uaddr, uaddr2, int(val), int(i32(u32(timeout))), val3, private=private))
        case _:
            raise Errno(ENOSYS, "this operation is not supported")


def _at_least_one(count: u32) -> int:
    """FUTEX_WAKE with 0 wakes one, as it always has on Linux."""
    return max(int(i32(count)), 1)


def _requeue_call(task: Task, address: u64, target: u64, operation: int, wake: int, move: int, expected: int, *, private: bool) -> int:
    if wake < 0 or move < 0:
        raise Errno(EINVAL, "negative count")
    source = _place(task.space, address, private=private)
    other = _place(task.space, target, private=private)
    if operation == FutexOperation.FUTEX_CMP_REQUEUE and load_u32(task.space, address) != expected:
        raise Errno(EAGAIN, "the word has another value")
    woken = _wake(source, wake, EVERYONE)
    return woken + _requeue(source, other, move)


def _wake_operation(task: Task, address: u64, target: u64, wake: int, wake_other: int, encoded: u32, *, private: bool) -> int:
    """Change the second word, wake at the first, and at the second if its old value compares as asked (futex(2), FUTEX_WAKE_OP)."""
    first = _place(task.space, address, private=private)
    second = _place(task.space, target, private=private)
    operand = _sign_extend_12(int(encoded) >> 12 & 0xFFF)
    if encoded >> 31 != 0:
        if not 0 <= operand <= 31:
            raise Errno(EINVAL, "a shift of more than 31")
        operand = 1 << operand
    old = load_u32(task.space, target)
    while True:
        new = _combined(int(encoded) >> 28 & 7, old, operand)
        seen = compare_exchange_u32(task.space, target, old, new)
        if seen == old:
            break
        old = seen
    woken = _wake(first, wake, EVERYONE)
    if _compares(int(encoded) >> 24 & 15, i32(old), _sign_extend_12(int(encoded) & 0xFFF)):
        woken += _wake(second, wake_other, EVERYONE)
    return woken


def _sign_extend_12(value: int) -> int:
    return value - ((value & 0x800) << 1)


def _combined(operation: int, old: int, operand: int) -> int:
    match operation:
        case 0:
            return u32(operand)
        case 1:
            return u32(old + operand)
        case 2:
            return u32(old | operand)
        case 3:
            return u32(old & ~operand)
        case 4:
            return u32(old ^ operand)
        case _:
            raise Errno(ENOSYS, "no such operation")


def _compares(comparison: int, old: int, operand: int) -> bool:
    match comparison:
        case 0:
            return old == operand
        case 1:
            return old != operand
        case 2:
            return old < operand
        case 3:
            return old <= operand
        case 4:
            return old > operand
        case 5:
            return old >= operand
        case _:
            raise Errno(ENOSYS, "no such comparison")


# --- the end of a task --------------------------------------------------------------------------------------------------------


@syscall(99)
def set_robust_list(task: Task, head: Address, len_: usize) -> None:
    """set_robust_list(2)"""
    if len_ != ROBUST_LIST_HEAD_BYTES:
        raise Errno(EINVAL, "struct robust_list_head has 24 bytes")
    state_of(task).robust_list = head


@syscall(100)
def get_robust_list(task: Task, pid: i32, head_ptr: Address, len_ptr: Address) -> None:
    """get_robust_list(2): of any thread of the same user."""
    target = task if pid == 0 else processes.find_task(int(pid))
    if target is None:
        raise Errno(ESRCH, "no such thread")
    if target.process is not task.process and target.credentials.uid != task.credentials.euid and task.credentials.euid != 0:
        raise Errno(EPERM, "the thread belongs to someone else")
    state = target.abi
    if not isinstance(state, LinuxState):
        raise Errno(ESRCH, "not a Linux thread")
    store_u64(task.space, len_ptr, u64(ROBUST_LIST_HEAD_BYTES))
    store_u64(task.space, head_ptr, state.robust_list)


def release_task(task: Task, state: LinuxState) -> None:
    """The task leaves its address space, by exit or exec: its robust locks, then clear_child_tid if others still use the memory."""
    head = state.robust_list
    state.robust_list = u64(0)
    if head != 0:
        try:
            _release_locks(task, head)
        except (Errno, MemoryError):
            pass
    address = state.clear_child_tid
    state.clear_child_tid = u64(0)
    if address != 0 and (task.process.holds_parent or task.process.shares_parts):
        try:
            store_u32(task.space, address, 0)
            _wake(_place(task.space, address, private=False), 1, EVERYONE)
        except (Errno, MemoryError):
            pass


def _release_locks(task: Task, head: u64) -> None:
    """The list is the program's and may be anything: at most 2048 entries, and the first bad pointer ends it."""
    offset = i64(load_u64(task.space, u64(head + 8)))
    pending = load_u64(task.space, u64(head + 16))
    entry = load_u64(task.space, head)
    for _index in range(ROBUST_LIST_LIMIT):
        if entry & u64(~1) == head:
            break
        following = load_u64(task.space, u64(entry & u64(~1)))
        if entry != pending:
            _release_lock(task, u64(u64(entry & u64(~1)) + u64(offset)))
        entry = following
    if pending != 0:
        _release_lock(task, u64(u64(pending & u64(~1)) + u64(offset)))


def _release_lock(task: Task, address: u64) -> None:
    old = load_u32(task.space, address)
    while old & FUTEX_TID_MASK == task.tid:
        seen = compare_exchange_u32(task.space, address, old, old & FUTEX_WAITERS | FUTEX_OWNER_DIED)
        if seen == old:
            if old & FUTEX_WAITERS:
                _wake(_place(task.space, address, private=False), 1, EVERYONE)
            return
        old = seen
