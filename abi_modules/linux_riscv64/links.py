"""Names for files that exist: hard links, symbolic links, renaming."""

from enum import IntFlag
from typing import Final

from abi_modules.linux_riscv64.arguments import read_path
from abi_modules.linux_riscv64.declare import AtFlags, DirFd
from abi_modules.linux_riscv64.places import find_by_handle, require_flags, start_of
from executor.declare import OutText, UserPath, syscall
from objects.credentials import CAP_DAC_READ_SEARCH
from objects.inode import Inode, InodeType
from objects.metadata import RenameFlags
from objects.task import Task
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, i32, isize
from scarlet.lang.errno import EINVAL, ENOENT
from vfs.naming import link_location, link_path, make_symlink, rename
from vfs.walk import Walk, walk


@syscall(36)
def symlinkat(task: Task, target: UserPath, newdirfd: DirFd, linkpath: UserPath) -> None:
    """symlink(2)"""
    text = read_path(task, target)
    if len(text) == 0:
        raise Errno(ENOENT, "an empty target")
    path = read_path(task, linkpath)
    make_symlink(task.view, task.credentials, text, start_of(task, newdirfd, path), path)


@syscall(78)
def readlinkat(task: Task, dirfd: DirFd, pathname: UserPath, buf: OutText, bufsiz: i32) -> isize:
    """readlink(2): the text, cut to bufsiz and without a null. An empty path is the link dirfd was opened on (O_PATH)."""
    if bufsiz <= 0:
        raise Errno(EINVAL, "no room for a byte")
    text = _link(task, int(dirfd), read_path(task, pathname)).readlink()[: int(bufsiz)]
    store_bytes(task.space, buf, text)
    return isize(len(text))


def _link(task: Task, dirfd: int, path: bytes) -> Inode:
    if len(path) > 0:
        return walk(task.view, task.credentials, start_of(task, dirfd, path), path, Walk.NONE).inode
    inode = find_by_handle(task, dirfd).inode
    if inode.type != InodeType.SYMLINK:
        raise Errno(ENOENT, "an empty path means a symbolic link opened with O_PATH")
    return inode


@syscall(37)
def linkat(task: Task, olddirfd: DirFd, oldpath: UserPath, newdirfd: DirFd, newpath: UserPath, flags: AtFlags) -> None:
    """link(2); AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH (ENOENT without)."""
    require_flags(int(flags), AtFlags.AT_SYMLINK_FOLLOW | AtFlags.AT_EMPTY_PATH)
    who = task.credentials
    source = read_path(task, oldpath)
    if len(source) == 0 and flags & AtFlags.AT_EMPTY_PATH and not who.capable(CAP_DAC_READ_SEARCH):
        raise Errno(ENOENT, "AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH")
    path = read_path(task, newpath)
    start = start_of(task, newdirfd, path)
    if len(source) == 0 and flags & AtFlags.AT_EMPTY_PATH:
        link_location(task.view, who, find_by_handle(task, olddirfd), start, path)
        return
    follow = flags & AtFlags.AT_SYMLINK_FOLLOW != 0
    link_path(task.view, who, start_of(task, olddirfd, source), source, start, path, follow=follow)


class RenameBits(IntFlag):
    """renameat2(2)"""

    RENAME_NOREPLACE = 1
    RENAME_EXCHANGE = 2
    RENAME_WHITEOUT = 4


ALL_RENAME_BITS: Final = 7


@syscall(276)
def renameat2(task: Task, olddirfd: DirFd, oldpath: UserPath, newdirfd: DirFd, newpath: UserPath, flags: RenameBits) -> None:
    """rename(2)"""
    require_flags(int(flags), ALL_RENAME_BITS)
    if flags & RenameBits.RENAME_EXCHANGE and flags & (RenameBits.RENAME_NOREPLACE | RenameBits.RENAME_WHITEOUT):
        raise Errno(EINVAL, "EXCHANGE goes alone")
    old = read_path(task, oldpath)
    new = read_path(task, newpath)
    old_start = start_of(task, olddirfd, old)
    new_start = start_of(task, newdirfd, new)
    rename(task.view, task.credentials, old_start, old, new_start, new, RenameFlags(int(flags)))
