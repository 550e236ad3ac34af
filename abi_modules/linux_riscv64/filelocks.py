"""Locks on files: flock(2), and the record locks of fcntl(2). How they work is in objects/locks.py.

Sources: flock(2), fcntl_locking(2).
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.layouts import Flock
from abi_modules.linux_riscv64.places import content
from executor.declare import Fd, syscall
from objects.limits import INFINITY
from objects.locks import LockType, RecordLock
from objects.object import KernelObject, Rights, Whence
from objects.openlocks import locks_of, own_locks
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import Errno, i16, i32, i64, u64
from scarlet.lang.errno import EBADF, EINVAL, EOVERFLOW

MAX_OFFSET: Final = (1 << 63) - 1


class FlockOperation(IntFlag):
    """flock(2)"""

    LOCK_SH = 1
    LOCK_EX = 2
    LOCK_NB = 4
    LOCK_UN = 8


@syscall(32)
def flock(task: Task, fd: Fd, operation: FlockOperation) -> None:
    """flock(2), on pipes and sockets, too"""
    match int(operation) & ~int(FlockOperation.LOCK_NB):
        case FlockOperation.LOCK_SH:
            type = LockType.READ
        case FlockOperation.LOCK_EX:
            type = LockType.WRITE
        case FlockOperation.LOCK_UN:
            type = LockType.UNLOCKED
        case _:
            raise Errno(EINVAL, "LOCK_SH, LOCK_EX or LOCK_UN")
    object = content(task, fd)
    locks_of(object).lock_whole(own_locks(object), type, wait=not operation & FlockOperation.LOCK_NB)


def get_lock(task: Task, file: KernelObject, address: u64, *, shared: bool) -> None:
    """Store the first lock in the way, or F_UNLCK. To ask about unlocking finds the open file's own locks. (Linux since 6.5)"""
    request = _load_flock(task, address, shared=shared)
    if request.l_type == LockType.UNLOCKED and not shared:
        raise Errno(EINVAL, "unlocking is always possible")
    other = locks_of(file).test_record(_wanted(task, file, request, shared=shared))
    if other is None:
        request.l_type = i16(LockType.UNLOCKED)
    else:
        length = 0 if other.end == INFINITY else other.end - other.start
        request = Flock(l_type=i16(int(other.type)), l_whence=i16(0), l_start=i64(other.start), l_len=i64(length), l_pid=i32(other.pid))
    store_bytes(task.space, address, request.pack())


def set_lock(task: Task, file: KernelObject, rights: Rights, address: u64, *, wait: bool, shared: bool) -> None:
    """Take, convert or release one. EBADF, EAGAIN, EDEADLK, EINTR. (F_SETLK, F_SETLKW)"""
    wanted = _wanted(task, file, _load_flock(task, address, shared=shared), shared=shared)
    if wanted.type == LockType.READ and not rights & Rights.READ:
        raise Errno(EBADF, "a read lock needs a readable descriptor")
    if wanted.type == LockType.WRITE and not rights & Rights.WRITE:
        raise Errno(EBADF, "a write lock needs a writable descriptor")
    locks_of(file).set_record(wanted, wait=wait, detect_deadlock=not shared)


def _wanted(task: Task, file: KernelObject, request: Flock, *, shared: bool) -> RecordLock:
    """The lock a struct flock asks for. EINVAL, EOVERFLOW."""
    base = 0
    match request.l_whence:
        case 0:
            base = 0
        case 1:
            base = _shared_offset(file)
        case 2:
            base = file.metadata().size
        case _:
            raise Errno(EINVAL, "unknown whence")
    if request.l_start > 0 and base > MAX_OFFSET - int(request.l_start):
        raise Errno(EOVERFLOW, "the lock begins beyond all files")
    start = base + int(request.l_start)
    end = INFINITY
    if request.l_len > 0:
        if start - 1 > MAX_OFFSET - int(request.l_len):
            raise Errno(EOVERFLOW, "the lock ends beyond all files")
        last = start + (int(request.l_len) - 1)
        end = INFINITY if last == MAX_OFFSET else last + 1
    elif request.l_len < 0:
        end = start
        start += int(request.l_len)
    if start < 0:
        raise Errno(EINVAL, "the lock begins before the file")
    owner = own_locks(file) if shared else task.handles.owner
    return RecordLock(owner, -1 if shared else task.process.pid, _lock_type(int(request.l_type)), start, end)


def _shared_offset(file: KernelObject) -> int:
    """0 for what has none: a FIFO is locked, too."""
    try:
        return file.seek(0, Whence.CURRENT)
    except Errno:
        return 0


def _lock_type(number: int) -> LockType:
    match number:
        case 0:
            return LockType.READ
        case 1:
            return LockType.WRITE
        case 2:
            return LockType.UNLOCKED
        case _:
            raise Errno(EINVAL, "unknown lock type")


def _load_flock(task: Task, address: u64, *, shared: bool) -> Flock:
    request = Flock.parse(load_bytes(task.space, address, Flock.SIZE))
    if shared and request.l_pid != 0:
        raise Errno(EINVAL, "l_pid must be 0 for a lock of the open file")
    return request
