"""Making an overlay: from directories, or with the options of mount(8): lowerdir=A:B (the highest first), upperdir=, workdir=.

Also accepted is what always holds here: redirect_dir=on, index=on, xino=on. A colon or comma in a path is written with a backslash.

Source: Linux, Documentation/filesystems/overlayfs.rst.
"""

import weakref
from typing import Final

from objects.inode import Inode, InodeType
from objects.task import current_task
from objects.view import Location, MountFlags
from scarlet.lang.errno import EBUSY, EINVAL, ELOOP, ENOTDIR, Errno
from vfs.filesystems import device_numbers
from vfs.naming import is_below
from vfs.overlay.directory import OverlayDirectory
from vfs.overlay.filesystem import Overlay
from vfs.overlay.layers import Part, Resolved
from vfs.walk import walk

ALWAYS: Final = [b"redirect_dir=on", b"index=on", b"xino=on", b"xino=auto"]
COLON: Final = 58
COMMA: Final = 44
BACKSLASH: Final = 92
_overlays: Final[list[weakref.ref[Overlay]]] = []
"""Every overlay that takes changes, to keep two from sharing a layer for that."""


def new_overlay(lowers: list[Inode], upper: Inode | None, work: Inode | None, described: bytes = b"") -> OverlayDirectory:
    """The root of an overlay of directories, the highest lower one first; `work` goes with `upper`, in the same file system.

    EINVAL for layers that cannot be, ELOOP when they lie in one another, EBUSY when another overlay writes to the upper one.
    """
    layers = [upper] + lowers if upper is not None else lowers
    for layer in layers:
        if layer.type != InodeType.DIRECTORY:
            raise Errno(ENOTDIR)
        if not layer.filesystem.counts_changes:
            raise Errno(EINVAL, "a layer's file system must count changes")
    if upper is not None:
        _require_upper(lowers, upper, work)
    overlay = Overlay(device_numbers.next(), layers, work, described)
    first = 1 if upper is not None else 0
    parts = [Part(first + position, lower) for position, lower in enumerate(lowers)]
    root = OverlayDirectory(overlay, Resolved(upper, parts), b"")
    overlay.top = weakref.ref(root)
    if upper is not None:
        _overlays.append(weakref.ref(overlay))
    return root


def _require_upper(lowers: list[Inode], upper: Inode, work: Inode | None) -> None:
    if work is None or work.type != InodeType.DIRECTORY or work.filesystem is not upper.filesystem or isinstance(upper, OverlayDirectory):
        raise Errno(EINVAL, "the work directory must be in the file system of the upper layer, and that no overlay")
    if is_below(work, upper) or is_below(upper, work):
        raise Errno(EINVAL, "the work directory and the upper layer lie in one another")
    for lower in lowers:
        if lower.filesystem is upper.filesystem and (is_below(lower, upper) or is_below(upper, lower) or is_below(lower, work)):
            raise Errno(ELOOP, "layers lie in one another")
    for reference in list(_overlays):
        other = reference()
        if other is None:
            _overlays.remove(reference)
        elif other.layers[0] is upper or other.uses_for_work(work):
            raise Errno(EBUSY, "another overlay writes there")


def mount_overlay(source: bytes, options: bytes) -> Inode:
    """For mount(2): paths are walked as the calling task sees them. EINVAL, and the errors of a walk."""
    lowerdir = b""
    upperdir = b""
    workdir = b""
    for option in _split(options, COMMA):
        if option.startswith(b"lowerdir="):
            lowerdir = option[9:]
        elif option.startswith(b"upperdir="):
            upperdir = option[9:]
        elif option.startswith(b"workdir="):
            workdir = option[8:]
        elif len(option) > 0 and option not in ALWAYS:
            raise Errno(EINVAL, "an unknown overlay option")
    paths = _split(lowerdir, COLON)
    if len(lowerdir) == 0 or (len(upperdir) > 0) != (len(workdir) > 0) or (len(upperdir) == 0 and len(paths) < 2):
        raise Errno(EINVAL, "an overlay has lowerdir=, upperdir= and workdir=; without the last two, several lower layers")
    lowers = [_place(path).inode for path in paths]
    described = b",lowerdir=" + lowerdir
    if len(upperdir) == 0:
        return new_overlay(lowers, None, None, described)
    upper = _place(upperdir)
    work = _place(workdir)
    if upper.mount is not work.mount or upper.mount.flags & MountFlags.READ_ONLY or upper.mount.filesystem.read_only:
        raise Errno(EINVAL, "upper layer and work directory must be in one mount that can be written")
    return new_overlay(lowers, upper.inode, work.inode, described + b",upperdir=" + upperdir + b",workdir=" + workdir)


def _place(path: bytes) -> Location:
    task = current_task()
    return walk(task.view, task.credentials, None, _unescaped(path))


def _split(text: bytes, separator: int) -> list[bytes]:
    """The parts between separators that no backslash stands before; backslashes stay."""
    parts: list[bytes] = []
    start = 0
    position = 0
    while position < len(text):
        if text[position] == BACKSLASH:
            position += 1
        elif text[position] == separator:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    parts.append(text[start:])
    return parts


def _unescaped(path: bytes) -> bytes:
    out = bytearray()
    position = 0
    while position < len(path):
        if path[position] == BACKSLASH and position + 1 < len(path):
            position += 1
        out.append(path[position])
        position += 1
    return bytes(out)
