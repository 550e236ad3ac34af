"""Memory: brk, mmap and what changes a mapping afterwards; locks are in mlock.py, advice in advice.py.

Files keep their data in the very pages that are mapped; msync has something to write where they are on a disk.
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.mlock import fetch_if_possible, may_lock, require_right, whole_pages
from abi_modules.linux_riscv64.places import content
from executor.declare import Address, Fd, has_other_bits, syscall
from objects.file import MAX_OFFSET, InodePager
from objects.object import KernelObject, Rights
from objects.task import Task
from objects.view import MountFlags
from scarlet.kernel.memory.area import Locking, Pager, Protection, page_range
from scarlet.kernel.memory.locking import fetch, locked_within, size_of_growth
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, i32, i64, u64, usize
from scarlet.lang.errno import EACCES, EAGAIN, EBUSY, EINVAL, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM

PAGE_SIZE: Final = 4096
PAGE_MASK: Final = 4095
PAGE_SHIFT: Final = 12
ALL_PROTECTION: Final = Protection.READ | Protection.WRITE | Protection.EXEC


class ProtectionFlags(IntFlag):
    """mmap(2), mprotect(2)"""

    PROT_NONE = 0
    PROT_READ = 1
    PROT_WRITE = 2
    PROT_EXEC = 4
    PROT_SEM = 8
    PROT_GROWSDOWN = 0x01000000
    PROT_GROWSUP = 0x02000000


class MapFlags(IntFlag):
    """mmap(2); the two lowest bits are a number: shared, private, or shared with all flags checked."""

    MAP_FILE = 0
    MAP_SHARED = 0x1
    MAP_PRIVATE = 0x2
    MAP_SHARED_VALIDATE = 0x3
    MAP_FIXED = 0x10
    MAP_ANONYMOUS = 0x20
    MAP_GROWSDOWN = 0x100
    MAP_DENYWRITE = 0x800
    MAP_EXECUTABLE = 0x1000
    MAP_LOCKED = 0x2000
    MAP_NORESERVE = 0x4000
    MAP_POPULATE = 0x8000
    MAP_NONBLOCK = 0x10000
    MAP_STACK = 0x20000
    MAP_HUGETLB = 0x40000
    MAP_SYNC = 0x80000
    MAP_FIXED_NOREPLACE = 0x100000


KIND: Final = 0x3
LEGACY_FLAGS: Final = 0x5F930
"""Those that MAP_SHARED_VALIDATE accepts here: all known ones but huge pages and MAP_SYNC, with MAP_FIXED_NOREPLACE apart."""


@syscall(214)
def brk(task: Task, addr: Address) -> Address:
    """brk(2): the end of the heap afterwards, which is the old one when it could not be moved."""
    space = task.space
    old = space.break_end
    if space.locking_new != Locking.NONE and addr > old and not may_lock(task, size_of_growth(u64(old), addr)):
        return u64(old)
    new = space.set_break(addr)
    heap = space.find(new - 1) if new > old else None
    if heap is not None and heap.locking == Locking.LOCKED:
        fetch_if_possible(task, heap)
    return u64(new)


@syscall(222)
def mmap(task: Task, addr: Address, length: usize, prot: ProtectionFlags, flags: MapFlags, fd: Fd, offset: i64) -> Address:
    """mmap(2): private and shared, files and anonymous memory; EINVAL for huge pages, EOPNOTSUPP for MAP_SYNC."""
    kind = flags & KIND
    if offset & PAGE_MASK != 0:
        raise Errno(EINVAL, "the offset is not a multiple of the page size")
    if not flags & MapFlags.MAP_ANONYMOUS:
        content(task, fd)
    if length == 0:
        raise Errno(EINVAL, "nothing to map")
    if length > u64(MAX_OFFSET):
        raise Errno(ENOMEM, "more than there are addresses")
    if kind == 0:
        raise Errno(EINVAL, "neither MAP_SHARED nor MAP_PRIVATE")
    if kind == MapFlags.MAP_SHARED_VALIDATE and has_other_bits(flags, LEGACY_FLAGS | KIND | MapFlags.MAP_FIXED_NOREPLACE):
        raise Errno(EOPNOTSUPP, "a flag that is not supported, under MAP_SHARED_VALIDATE")
    if flags & MapFlags.MAP_HUGETLB:
        raise Errno(EINVAL, "there are no huge pages")
    if kind == MapFlags.MAP_SHARED_VALIDATE and flags & MapFlags.MAP_ANONYMOUS:
        raise Errno(EINVAL, "MAP_SHARED_VALIDATE is for files")
    shared = kind != MapFlags.MAP_PRIVATE
    if flags & MapFlags.MAP_GROWSDOWN and (shared or not flags & MapFlags.MAP_ANONYMOUS):
        raise Errno(EINVAL, "only private anonymous memory grows down")
    pager: Pager | None = None
    allowed = ALL_PROTECTION
    protection = _protection(prot)
    if not flags & MapFlags.MAP_ANONYMOUS:
        handle = task.handles.handle(int(fd))
        allowed = _allowed_by(handle.object, handle.rights, shared=shared)
        if shared and _sealed(handle.object):
            if protection & Protection.WRITE != Protection.NONE:
                raise Errno(EPERM, "the file is sealed against writing")
            allowed = allowed & ~Protection.WRITE
        if protection & ~allowed:
            if protection & ~allowed == Protection.EXEC:
                raise Errno(EPERM, "the file system is mounted noexec")
            raise Errno(EACCES, "the descriptor was not opened for this")
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        if length > u64(MAX_OFFSET) - u64(offset):
            raise Errno(EOVERFLOW, "beyond the end of the largest file")
        pager = handle.object.pager()
    locking = task.space.locking_new
    if flags & MapFlags.MAP_LOCKED:
        require_right(task)
        locking = Locking.LOCKED
    if locking != Locking.NONE and not may_lock(task, size_of_growth(u64(0), length)):
        raise Errno(EAGAIN, "more locked memory than RLIMIT_MEMLOCK")
    start = task.space.map_area(
        addr,
        length,
        protection,
        fixed=flags & (MapFlags.MAP_FIXED | MapFlags.MAP_FIXED_NOREPLACE) != 0,
        fixed_noreplace=flags & MapFlags.MAP_FIXED_NOREPLACE != 0,
        shared=shared,
        pager=pager,
        page_offset=int(offset) // PAGE_SIZE if pager is not None else 0,
        allowed=allowed,
        grows_down=flags & MapFlags.MAP_GROWSDOWN != 0,
        no_reserve=flags & MapFlags.MAP_NORESERVE != 0,
        locking=locking,
    )
    if locking == Locking.LOCKED or (flags & MapFlags.MAP_POPULATE and not flags & MapFlags.MAP_NONBLOCK):
        _populate(task, start, start + size_of_growth(u64(0), length))
    return u64(start)


def _protection(prot: ProtectionFlags) -> Protection:
    """The page tables cannot say "writable but not readable": what is writable is readable."""
    protection = Protection(prot & 7)
    if protection & Protection.WRITE:
        protection |= Protection.READ
    return protection


def _allowed_by(object: KernelObject, rights: Rights, *, shared: bool) -> Protection:
    """What a mapping of this descriptor may ever be allowed to do. EACCES."""
    if not rights & Rights.READ:
        raise Errno(EACCES, "the descriptor is not open for reading")
    allowed = ALL_PROTECTION
    if shared and not rights & Rights.WRITE:
        allowed = allowed & ~Protection.WRITE
    location = object.location()
    if location is not None and location.mount.flags & MountFlags.NOEXEC:
        allowed = allowed & ~Protection.EXEC
    return allowed


def _sealed(object: KernelObject) -> bool:
    inode = object.inode()
    return inode is not None and inode.sealed_against_mapping()


def _populate(task: Task, start: int, end: int) -> None:
    """Fault everything in; a page that cannot be had now will be asked for again when it is touched."""
    try:
        fetch(task.space, start, end)
    except (Errno, MemoryError):
        pass


@syscall(215)
def munmap(task: Task, addr: Address, length: usize) -> None:
    """munmap(2): EINVAL for an unaligned address or no length."""
    task.space.unmap(addr, length)


@syscall(226)
def mprotect(task: Task, addr: Address, len_: usize, prot: ProtectionFlags) -> None:
    """mprotect(2): EACCES for what the mapping's file forbids; PROT_GROWSDOWN and PROT_GROWSUP are EINVAL."""
    if has_other_bits(prot, ALL_PROTECTION | ProtectionFlags.PROT_SEM):
        raise Errno(EINVAL, "unknown protection")
    task.space.protect(addr, len_, _protection(prot))


class RemapFlags(IntFlag):
    """mremap(2)"""

    MREMAP_MAYMOVE = 1
    MREMAP_FIXED = 2
    MREMAP_DONTUNMAP = 4


@syscall(216)
def mremap(task: Task, old_address: Address, old_size: usize, new_size: usize, flags: RemapFlags, new_address: Address) -> Address:
    """mremap(2): in place, or moved if that is allowed; MREMAP_FIXED and MREMAP_DONTUNMAP included. EAGAIN beyond RLIMIT_MEMLOCK."""
    may_move = flags & RemapFlags.MREMAP_MAYMOVE != 0
    fixed = flags & RemapFlags.MREMAP_FIXED != 0
    keep = flags & RemapFlags.MREMAP_DONTUNMAP != 0
    if flags >> 3 != 0 or ((fixed or keep) and not may_move) or (keep and old_size != new_size):
        raise Errno(EINVAL, "flags that do not fit together")
    if fixed and (new_address & PAGE_MASK != 0 or new_address >> 63 != 0):
        raise Errno(EINVAL, "the new address is not a page's")
    target = int(new_address) if fixed else -1
    space = task.space
    locking = Locking.NONE
    if old_address >> 63 == 0:
        area = space.find(int(old_address))
        locking = area.locking if area is not None else Locking.NONE
    growth = size_of_growth(old_size, new_size)
    if locking != Locking.NONE and not may_lock(task, growth):
        raise Errno(EAGAIN, "more locked memory than RLIMIT_MEMLOCK")
    place = space.remap(old_address, old_size, new_size, may_move=may_move, fixed_at=target, keep_old=keep)
    if locking == Locking.LOCKED and growth > 0:
        end = place + size_of_growth(u64(0), new_size)
        _populate(task, end - growth, end)
    return u64(place)


class SyncFlags(IntFlag):
    """msync(2)"""

    MS_ASYNC = 1
    MS_INVALIDATE = 2
    MS_SYNC = 4


@syscall(227)
def msync(task: Task, addr: Address, length: usize, flags: SyncFlags) -> None:
    """msync(2): MS_SYNC brings what is mapped shared in the range to stable storage, as fsync would. MS_ASYNC has it written soon.
    EBUSY for MS_INVALIDATE of locked memory."""
    if flags >> 3 != 0 or (flags & SyncFlags.MS_ASYNC and flags & SyncFlags.MS_SYNC):
        raise Errno(EINVAL, "MS_ASYNC or MS_SYNC, and nothing unknown")
    length = whole_pages(length)
    first, end = page_range(addr, length)
    if flags & SyncFlags.MS_INVALIDATE and first == addr and locked_within(task.space, first, end) > 0:
        raise Errno(EBUSY, "locked memory is not invalidated")
    task.space.check_mapped(addr, length)
    for area in list(task.space.areas.within(first, end)):
        pager = area.pager
        if area.shared and isinstance(pager, InodePager):
            offset = area.index_of(max(first, area.start)) << PAGE_SHIFT
            if flags & SyncFlags.MS_SYNC:
                pager.inode.sync(data_only=True)
            elif flags & SyncFlags.MS_ASYNC:
                pager.inode.start_write_back(offset, min(end, area.end) - max(first, area.start))


@syscall(232)
def mincore(task: Task, addr: Address, length: usize, vec: Address) -> None:
    """mincore(2): a byte a page, 1 for those present."""
    store_bytes(task.space, vec, task.space.residency(addr, length))


@syscall(283)
def membarrier(task: Task, cmd: i32, flags: i32, cpu_id: i32) -> i32:
    """membarrier(2): MEMBARRIER_CMD_QUERY says that no command is supported; every other command is EINVAL."""
    if cmd != 0 or flags != 0:
        raise Errno(EINVAL, "no command is supported")
    return i32(0)
