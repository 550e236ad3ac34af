"""Memory: brk, mmap and what changes a mapping afterwards.

There is no swap and no page is ever moved, so that "locked" means "present": mlock faults pages in, munlock has
nothing to undo. Files keep their data in the very pages that are mapped; msync has something to write where they are on a disk.
"""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.places import content
from executor.declare import Address, Fd, has_other_bits, syscall
from objects.credentials import CAP_IPC_LOCK
from objects.file import MAX_OFFSET, InodePager
from objects.limits import INFINITY, Resource
from objects.object import KernelObject, Rights
from objects.task import Task
from objects.view import MountFlags
from scarlet.kernel.memory.area import Access, Pager, Protection, page_range
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, i32, i64, u64, usize
from scarlet.lang.errno import EACCES, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM
from vfs.paths import path_of

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
    return u64(task.space.set_break(addr))


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
    name = b""
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
        location = handle.object.location()
        if location is not None:
            name = path_of(location, task.view.root)
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
        name=name,
    )
    if flags & (MapFlags.MAP_POPULATE | MapFlags.MAP_LOCKED) and not flags & MapFlags.MAP_NONBLOCK:
        _populate(task, u64(start), length, protection)
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


def _populate(task: Task, start: u64, length: u64, protection: Protection) -> None:
    """Fault everything in; a page that cannot be had now will be asked for again when it is touched."""
    if protection == Protection.NONE:
        return
    try:
        task.space.populate(start, length, Access.WRITE if protection & Protection.WRITE else Access.READ)
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
    """mremap(2): in place, or moved if that is allowed; MREMAP_FIXED and MREMAP_DONTUNMAP included."""
    may_move = flags & RemapFlags.MREMAP_MAYMOVE != 0
    fixed = flags & RemapFlags.MREMAP_FIXED != 0
    keep = flags & RemapFlags.MREMAP_DONTUNMAP != 0
    if flags >> 3 != 0 or ((fixed or keep) and not may_move) or (keep and old_size != new_size):
        raise Errno(EINVAL, "flags that do not fit together")
    if fixed and (new_address & PAGE_MASK != 0 or new_address >> 63 != 0):
        raise Errno(EINVAL, "the new address is not a page's")
    target = int(new_address) if fixed else -1
    return u64(task.space.remap(old_address, old_size, new_size, may_move=may_move, fixed_at=target, keep_old=keep))


class SyncFlags(IntFlag):
    """msync(2)"""

    MS_ASYNC = 1
    MS_INVALIDATE = 2
    MS_SYNC = 4


@syscall(227)
def msync(task: Task, addr: Address, length: usize, flags: SyncFlags) -> None:
    """msync(2): MS_SYNC brings what is mapped shared in the range to stable storage, as fsync would. MS_ASYNC has it written soon."""
    if flags >> 3 != 0 or (flags & SyncFlags.MS_ASYNC and flags & SyncFlags.MS_SYNC):
        raise Errno(EINVAL, "MS_ASYNC or MS_SYNC, and nothing unknown")
    length = whole_pages(length)
    task.space.check_mapped(addr, length)
    first, end = page_range(addr, length)
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


@syscall(228)
def mlock(task: Task, addr: Address, len_: usize) -> None:
    """mlock(2): the pages are fetched; they never leave. EPERM and ENOMEM as RLIMIT_MEMLOCK says of each call."""
    _lock(task, addr, len_)


class LockFlags(IntFlag):
    """mlock2(2)"""

    MLOCK_ONFAULT = 1


@syscall(284)
def mlock2(task: Task, addr: Address, len_: usize, flags: LockFlags) -> None:
    """mlock2(2): MLOCK_ONFAULT leaves the fetching to the first touch."""
    if has_other_bits(flags, LockFlags.MLOCK_ONFAULT):
        raise Errno(EINVAL, "unknown flags")
    if flags & LockFlags.MLOCK_ONFAULT:
        _check_lock_limit(task, _locked_bytes(addr, len_))
        _check_lockable(task, addr, len_)
    else:
        _lock(task, addr, len_)


def _lock(task: Task, address: u64, length: u64) -> None:
    _check_lock_limit(task, _locked_bytes(address, length))
    start, size = _check_lockable(task, address, length)
    if size == 0:
        return
    try:
        task.space.populate(start, size, Access.READ)
    except Errno as error:
        raise Errno(ENOMEM if error.code == EFAULT else error.code, "a page cannot be fetched") from None


def _check_lockable(task: Task, address: u64, length: u64) -> tuple[u64, u64]:
    """The pages of a range that is all mapped, as start and size. EINVAL when its end is before its start, ENOMEM."""
    start = u64(address & u64(~PAGE_MASK))
    size = _locked_bytes(address, length)
    if u64(start + size) < start:
        raise Errno(EINVAL, "the range goes round the end of all addresses")
    task.space.check_mapped(start, size)
    return (start, size)


def _locked_bytes(address: u64, length: u64) -> u64:
    """Of all pages that the range touches."""
    return whole_pages(u64(length + (address & PAGE_MASK)))


def whole_pages(length: u64) -> u64:
    """Rounded up modulo 2^64, as Linux does it: a length among the last 4095 is 0."""
    return u64(u64(length + PAGE_MASK) & u64(~PAGE_MASK))


def _check_lock_limit(task: Task, length: u64) -> None:
    limit = task.process.limits.soft(Resource.LOCKED_MEMORY)
    if task.credentials.capable(CAP_IPC_LOCK) or limit == INFINITY:
        return
    if limit == 0:
        raise Errno(EPERM, "RLIMIT_MEMLOCK is 0")
    if length > limit:
        raise Errno(ENOMEM, "more than RLIMIT_MEMLOCK")


@syscall(229)
def munlock(task: Task, addr: Address, len_: usize) -> None:
    """munlock(2): the range is checked; nothing has to be undone."""
    _check_lockable(task, addr, len_)


class LockAllFlags(IntFlag):
    """mlockall(2)"""

    MCL_CURRENT = 1
    MCL_FUTURE = 2
    MCL_ONFAULT = 4


@syscall(230)
def mlockall(task: Task, flags: LockAllFlags) -> None:
    """mlockall(2): MCL_CURRENT fetches every page; MCL_FUTURE without MCL_ONFAULT is EINVAL, for new mappings are not fetched at once."""
    if flags == 0 or flags >> 3 != 0 or flags == LockAllFlags.MCL_ONFAULT:
        raise Errno(EINVAL, "MCL_CURRENT or MCL_FUTURE, and nothing unknown")
    if flags & LockAllFlags.MCL_FUTURE and not flags & LockAllFlags.MCL_ONFAULT:
        raise Errno(EINVAL, "MCL_FUTURE needs MCL_ONFAULT here")
    _check_lock_limit(task, u64(task.space.mapped_pages * PAGE_SIZE))
    if flags & LockAllFlags.MCL_CURRENT and not flags & LockAllFlags.MCL_ONFAULT:
        for area in task.space.areas.items.copy():
            _populate(task, u64(area.start), u64(area.end - area.start), area.protection)


@syscall(231)
def munlockall(task: Task) -> None:
    """munlockall(2): nothing has to be undone."""


@syscall(283)
def membarrier(task: Task, cmd: i32, flags: i32, cpu_id: i32) -> i32:
    """membarrier(2): MEMBARRIER_CMD_QUERY says that no command is supported; every other command is EINVAL."""
    if cmd != 0 or flags != 0:
        raise Errno(EINVAL, "no command is supported")
    return i32(0)
