"""Making a tmpfs, with the options of mount(8): size, nr_blocks, nr_inodes, mode, uid, gid. (tmpfs(5))"""

import weakref
from typing import Final

from objects.inode import Inode
from objects.metadata import Owner
from scarlet.kernel.memory import frames
from scarlet.lang.errno import EINVAL, Errno
from vfs.filesystems import device_numbers
from vfs.text import decimal, octal
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.filesystem import PAGE_SIZE, Tmpfs

SUFFIXES: Final = b"kmgt"


def new_tmpfs(
    *, max_pages: int = 0, max_inodes: int = 0, mode: int = 0o1777, uid: int = 0, gid: int = 0, name: bytes = b"tmpfs"
) -> TmpfsDirectory:
    """The root of a new, empty tmpfs, which lives as long as somebody holds it. Limits of 0 are none."""
    tmpfs = Tmpfs(device_numbers.next(), max_pages, max_inodes, name)
    root = TmpfsDirectory(tmpfs, tmpfs.take_inode(), mode, Owner(uid, gid), None, b"")
    tmpfs.top = weakref.ref(root)
    return root


def mount_tmpfs(source: bytes, options: bytes) -> Inode:
    """For mount(2): half of memory, and an inode for every two pages of it, unless the options say otherwise. EINVAL for a bad option."""
    total = frames.total_frames()
    pages = total // 2
    inodes = total // 2
    mode = 0o1777
    uid = 0
    gid = 0
    for option in options.split(b","):
        if len(option) == 0:
            continue
        equals = option.find(b"=")
        if equals < 0:
            raise Errno(EINVAL, "a tmpfs option needs a value")
        key = option[:equals]
        value = option[equals + 1 :]
        if key == b"size":
            pages = _size_in_pages(value, total)
        elif key == b"nr_blocks":
            pages = _number(value)
        elif key == b"nr_inodes":
            inodes = _number(value)
        elif key == b"mode":
            mode = _mode(value)
        elif key == b"uid":
            uid = _number(value)
        elif key == b"gid":
            gid = _number(value)
        else:
            raise Errno(EINVAL, "an unknown tmpfs option")
    return new_tmpfs(max_pages=pages, max_inodes=inodes, mode=mode, uid=uid, gid=gid)


def _size_in_pages(value: bytes, total: int) -> int:
    """Bytes rounded up to pages, or a percentage of memory; 0 is no limit."""
    if value.endswith(b"%"):
        return total * _number(value[:-1]) // 100
    return (_number(value) + PAGE_SIZE - 1) // PAGE_SIZE


def _number(value: bytes) -> int:
    """A decimal number with an optional k, m, g or t behind it."""
    shift = 0
    digits = value
    if len(value) > 0:
        suffix = SUFFIXES.find(value[-1:].lower())
        if suffix >= 0:
            shift = 10 * (suffix + 1)
            digits = value[:-1]
    result = decimal(digits)
    if result < 0 or result > (1 << 62) >> shift:
        raise Errno(EINVAL, "not a number, or one too large")
    return result << shift


def _mode(value: bytes) -> int:
    result = octal(value)
    if not 0 <= result <= 0o7777:
        raise Errno(EINVAL, "not a mode")
    return result
