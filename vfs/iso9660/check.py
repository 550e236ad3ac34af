"""Is a disc sound? Looks at everything but the contents of files, and changes nothing.

What is checked: all of the volume is there, every directory can be read and has one name, every link can be followed, and all of every file
lies on the disc.
"""

from objects.block import BlockDevice
from objects.inode import Inode, InodeType
from scarlet.lang.errno import Errno
from vfs.iso9660.inode import IsoInode
from vfs.iso9660.mount import mount_disk


def check(disk: BlockDevice, options: bytes = b"") -> list[str]:
    """What is wrong, a line each; nothing when all is sound. Errno when the device cannot be read or holds no ISO 9660 file system."""
    root = mount_disk(disk, options)
    missing = root.iso.volume.what_is_missing()
    problems = [missing] if missing != "" else []
    directories: set[int] = set()
    pending: list[tuple[bytes, Inode]] = [(b"/", root)]
    while len(pending) > 0:
        path, inode = pending.pop()
        if inode.type == InodeType.DIRECTORY:
            if inode.number in directories:
                problems.append(f"{path.decode(errors='replace')}: is another directory, too")
                continue
            directories.add(inode.number)
        try:
            pending.extend(_look(path, inode, problems))
        except Errno as error:
            problems.append(f"{path.decode(errors='replace')}: {error.reason}")
    return problems


def _look(path: bytes, inode: Inode, problems: list[str]) -> list[tuple[bytes, Inode]]:
    """Look at one file; what is in it, for a directory. Errno."""
    found: list[tuple[bytes, Inode]] = []
    if inode.type == InodeType.SYMLINK:
        inode.readlink()
    elif inode.type == InodeType.REGULAR and isinstance(inode, IsoInode):
        for section in inode.entry.sections:
            if section.size > 0 and section.start + section.size > inode.iso.disk.size:
                problems.append(f"{path.decode(errors='replace')}: lies behind the end of the image")
    elif inode.type == InodeType.DIRECTORY:
        cursor = 0
        batch = inode.list(cursor)
        while len(batch) > 0:
            for entry in batch:
                below = path.rstrip(b"/") + b"/" + entry.name
                try:
                    found.append((below, inode.lookup(entry.name)))
                except Errno as error:
                    problems.append(f"{below.decode(errors='replace')}: {error.reason}")
            batch = inode.list(batch[-1].cursor)
    return found
