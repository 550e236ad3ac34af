"""The mount tables of /proc/<pid>: mounts as in fstab(5), and mountinfo with numbers. (proc_pid_mounts(5), proc_pid_mountinfo(5))

Only what the viewer's root can reach is shown, by its path from there.
"""

from typing import Final

from objects.inode import Inode
from objects.metadata import InodeType, device_major, device_minor
from objects.view import Location, Mount, MountFlags, View
from vfs.paths import trail

_OPTIONS: Final[list[tuple[MountFlags, bytes]]] = [
    (MountFlags.NOSUID, b",nosuid"),
    (MountFlags.NODEV, b",nodev"),
    (MountFlags.NOEXEC, b",noexec"),
    (MountFlags.NOATIME, b",noatime"),
    (MountFlags.NODIRATIME, b",nodiratime"),
    (MountFlags.RELATIME, b",relatime"),
    (MountFlags.NOSYMFOLLOW, b",nosymfollow"),
]
ESCAPES: Final[dict[int, bytes]] = {32: b"\\040", 9: b"\\011", 10: b"\\012", 92: b"\\134"}


def mounts(view: View) -> bytes:
    """One line a mount: source, mount point, kind, options."""
    lines: list[bytes] = []
    for mount in view.mounts.mounts:
        path = _point(mount, view)
        if path is not None:
            options = _options(mount, read_only=mount.filesystem.read_only)
            options += escaped(mount.filesystem.options())
            lines.append(escaped(mount.source) + b" " + path + b" " + mount.filesystem.name + b" " + options + b" 0 0\n")
    return b"".join(lines)


def mountinfo(view: View) -> bytes:
    """One line a mount: its number, its parent's, the device, what of the file system is mounted, and the rest."""
    lines: list[bytes] = []
    for mount in view.mounts.mounts:
        path = _point(mount, view)
        if path is None:
            continue
        above = mount.parent
        parent = above.mount.identity if above is not None else mount.identity
        device = mount.filesystem.device
        numbers = f"{mount.identity} {parent} {device_major(device)}:{device_minor(device)} ".encode()
        place = _inside(mount) + b" " + path + b" " + _options(mount, read_only=False)
        super_options = (b"ro" if mount.filesystem.read_only else b"rw") + escaped(mount.filesystem.options())
        lines.append(numbers + place + b" - " + mount.filesystem.name + b" " + escaped(mount.source) + b" " + super_options + b"\n")
    return b"".join(lines)


def _point(mount: Mount, view: View) -> bytes | None:
    """The path of a mount point from the root of the view; None when it cannot be reached from there."""
    found = trail(Location(mount, mount.root), view.root)
    return escaped(found.text()) if found.reached_root else None


def _inside(mount: Mount) -> bytes:
    """Which part of its file system a mount shows: "/" unless it is a bind mount."""
    names: list[bytes] = []
    inode: Inode = mount.root
    above = inode.parent() if inode.type == InodeType.DIRECTORY else inode
    while above is not inode:
        names.append(escaped(above.name_of(inode)))
        inode = above
        above = inode.parent()
    names.reverse()
    return b"/" + b"/".join(names)


def _options(mount: Mount, *, read_only: bool) -> bytes:
    shown = b"ro" if read_only or mount.flags & MountFlags.READ_ONLY else b"rw"
    for flag, text in _OPTIONS:
        if mount.flags & flag:
            shown += text
    return shown


def escaped(text: bytes) -> bytes:
    """Blanks, tabs, newlines and backslashes as octal escapes."""
    out = bytearray()
    for byte in text:
        escape = ESCAPES.get(byte)
        if escape is None:
            out.append(byte)
        else:
            out += escape
    return bytes(out)
