"""What may lose its name to rmdir(2), or to another file by rename(2): the same in every file system."""

from objects.inode import Inode, InodeType
from scarlet.lang.errno import EISDIR, ENOTDIR, ENOTEMPTY, Errno


def require_empty(victim: Inode) -> None:
    """ENOTDIR for what is no directory, ENOTEMPTY for one with names in it. (rmdir(2))"""
    if victim.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    if not victim.is_empty():
        raise Errno(ENOTEMPTY)


def require_replaceable(file: Inode, victim: Inode) -> None:
    """A directory replaces only an empty directory, anything else only what is no directory. EISDIR, ENOTDIR, ENOTEMPTY. (rename(2))"""
    if file.type == InodeType.DIRECTORY:
        require_empty(victim)
    elif victim.type == InodeType.DIRECTORY:
        raise Errno(EISDIR)
