"""/dev: a tmpfs with a node for every announced device, and the links that shells expect. (null(4), tty(4), fd(4))"""

import weakref
from typing import Final

from objects.devices import open_full, open_null, open_random, open_zero
from objects.inode import Inode, InodeType
from objects.metadata import Owner
from scarlet.lang.errno import Errno
from vfs.devices import Device, announce, devices, watch
from vfs.kmsg import open_kmsg
from vfs.tmpfs.directory import TmpfsDirectory
from vfs.tmpfs.options import new_tmpfs

ROOT: Final = 0
_tops: Final[list[weakref.ref[TmpfsDirectory]]] = []
"""The roots of all such file systems; some may be gone."""
LINKS: Final[list[tuple[bytes, bytes]]] = [
    (b"fd", b"/proc/self/fd"),
    (b"stdin", b"/proc/self/fd/0"),
    (b"stdout", b"/proc/self/fd/1"),
    (b"stderr", b"/proc/self/fd/2"),
]


def announce_memory_devices() -> None:
    """The devices of mem(4) that need no hardware."""
    announce(InodeType.CHARACTER, 1, 3, b"null", b"mem", open_null, mode=0o666)
    announce(InodeType.CHARACTER, 1, 5, b"zero", b"mem", open_zero, mode=0o666)
    announce(InodeType.CHARACTER, 1, 7, b"full", b"mem", open_full, mode=0o666)
    announce(InodeType.CHARACTER, 1, 8, b"random", b"mem", open_random, mode=0o666)
    announce(InodeType.CHARACTER, 1, 9, b"urandom", b"mem", open_random, mode=0o666)
    announce(InodeType.CHARACTER, 1, 11, b"kmsg", b"mem", open_kmsg, mode=0o644)


def new_devfs() -> TmpfsDirectory:
    """A file system with everything announced so far, and what will be."""
    if len(_tops) == 0:
        watch(_changed)
    root = new_tmpfs(mode=0o755, name=b"devtmpfs")
    _tops.append(weakref.ref(root))
    owner = Owner(ROOT, ROOT)
    for device in devices():
        _add(root, device)
    for name, target in LINKS:
        root.symlink(name, target, owner)
    root.create(b"shm", InodeType.DIRECTORY, 0o1777, owner)
    return root


def _changed(device: Device, present: bool) -> None:
    """A device came or went while there are file systems that show it."""
    for reference in _tops:
        root = reference()
        if root is None:
            continue
        if present:
            _add(root, device)
        else:
            _remove(root, device)


def _add(root: TmpfsDirectory, device: Device) -> None:
    """Make its node, unless something has the name."""
    folder, name = _place(root, device.name)
    if folder.find(name) is None:
        folder.create(name, device.type, device.mode, Owner(ROOT, ROOT), device.number)


def _remove(root: TmpfsDirectory, device: Device) -> None:
    """Take its node away, if it is still the one that was made."""
    folder, name = _place(root, device.name)
    node = folder.find(name)
    if node is not None and node.type == device.type and node.metadata().rdev == device.number:
        folder.unlink(name)


def _place(root: TmpfsDirectory, path: bytes) -> tuple[TmpfsDirectory, bytes]:
    """The directory that a device's node belongs in, made if need be, and its name there."""
    folder, slash, name = path.partition(b"/")
    if len(slash) == 0:
        return (root, path)
    try:
        found = root.lookup(folder)
    except Errno:
        found = root.create(folder, InodeType.DIRECTORY, 0o755, Owner(ROOT, ROOT))
    assert isinstance(found, TmpfsDirectory), "a device in the way of a directory"
    return (found, name)


def mount_devfs(source: bytes, options: bytes) -> Inode:
    """For mount(2)."""
    return new_devfs()
