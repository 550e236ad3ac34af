"""Files without names, and their seals: memfd_create, and the commands of fcntl for seals."""

from enum import IntFlag
from typing import Final

from executor.declare import UserString, has_other_bits, syscall
from objects.object import KernelObject, Rights, Status
from objects.seals import Seals
from objects.task import Task
from scarlet.kernel.memory.user import read_cstring
from scarlet.lang import Errno, isize
from scarlet.lang.errno import EFAULT, EINVAL, ENAMETOOLONG, EPERM
from vfs.memoryfile import new_memory_file
from vfs.opening import OPEN_RIGHTS

ALL_SEALS: Final = 0x3F


class MemfdFlags(IntFlag):
    """memfd_create(2)"""

    MFD_CLOEXEC = 1
    MFD_ALLOW_SEALING = 2
    MFD_HUGETLB = 4
    MFD_NOEXEC_SEAL = 8
    MFD_EXEC = 16


MEMFD_NAME_MAX: Final = 249


@syscall(279)
def memfd_create(task: Task, name: UserString, flags: MemfdFlags) -> isize:
    """memfd_create(2); there are no huge pages (EINVAL)."""
    if has_other_bits(flags, 0x1F) or flags & MemfdFlags.MFD_HUGETLB:
        raise Errno(EINVAL, "unknown flags, or huge pages, which are not supported")
    if flags & MemfdFlags.MFD_EXEC and flags & MemfdFlags.MFD_NOEXEC_SEAL:
        raise Errno(EINVAL, "executable and sealed against it")
    try:
        text = read_cstring(task.space, name, MEMFD_NAME_MAX + 1)
    except Errno as error:
        raise Errno(EFAULT if error.code != ENAMETOOLONG else EINVAL, "the name is longer than 249 bytes") from None
    seals = Seals.SEAL
    mode = 0o777
    if flags & MemfdFlags.MFD_NOEXEC_SEAL:
        seals = Seals.EXEC
        mode = 0o666
    elif flags & MemfdFlags.MFD_ALLOW_SEALING:
        seals = Seals.NONE
    file = new_memory_file(text, task.credentials, mode=mode, seals=seals)
    opened = file.inode.open(file, Rights.READ | Rights.WRITE, Status.LARGEFILE)
    rights = Rights.READ | Rights.WRITE | OPEN_RIGHTS
    return isize(task.handles.allocate(opened, rights, close_on_exec=flags & MemfdFlags.MFD_CLOEXEC != 0))


def get_seals(object: KernelObject) -> int:
    """F_GET_SEALS. EINVAL for what has none."""
    inode = object.inode()
    if inode is None:
        raise Errno(EINVAL, "no file, no seals")
    return int(inode.seals())


def add_seals(object: KernelObject, rights: Rights, seals: int) -> None:
    """F_ADD_SEALS. EPERM without the right to write, or when no more seals are allowed; EINVAL; EBUSY."""
    if rights & Rights.WRITE == Rights.NONE:
        raise Errno(EPERM, "the descriptor is not open for writing")
    inode = object.inode()
    if has_other_bits(seals, ALL_SEALS) or inode is None:
        raise Errno(EINVAL, "unknown seals, or nothing to seal")
    inode.add_seals(Seals(seals))
