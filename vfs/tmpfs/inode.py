"""What every file of a tmpfs has: owner, mode, links and times. (inode(7))"""

from typing import Final

from objects.inode import Inode, InodeType, Metadata
from objects.metadata import Owner
from objects.object import KernelObject, Rights, Status
from objects.view import Location
from scarlet.kernel import clock
from scarlet.lang.errno import ENOSPC, Errno
from vfs.devices import open_device
from vfs.tmpfs.filesystem import PAGE_SIZE, Tmpfs

SECTORS_PER_PAGE: Final = PAGE_SIZE // 512
DAY_NS: Final = 24 * 3600 * 1_000_000_000
SET_UID: Final = 0o4000
SET_GID: Final = 0o2000
MOST_ATTRIBUTE_BYTES: Final = 128 << 10
"""All names and values of one file. (Linux: SIMPLE_XATTR_MAX_SIZE)"""


class TmpfsInode(Inode):
    """A file without content of its own: a FIFO, a device, a socket; the base of the others.

    `number` comes from Tmpfs.take_inode(), and goes back when the file does. `links` counts the names; `linkable` is a file that never had
    one and may still get it (O_TMPFILE).
    """

    def __init__(self, tmpfs: Tmpfs, number: int, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> None:
        super().__init__(tmpfs, number, type, mode, owner.uid, owner.gid)
        now = clock.realtime_ns()
        self.tmpfs = tmpfs
        self.links = 1
        self.linkable = False
        self.rdev = rdev
        self.atime_ns = now
        self.mtime_ns = now
        self.ctime_ns = now
        self.btime_ns = now
        self._attributes: dict[bytes, bytes] | None = None

    def __del__(self) -> None:
        self.tmpfs.give_inode()

    def pages_used(self) -> int:
        """Pages charged to this file."""
        return 0

    def size(self) -> int:
        return 0

    def metadata(self) -> Metadata:
        return Metadata(
            self.type, self.mode, self.number, device=self.tmpfs.device, nlink=self.links, uid=self.uid, gid=self.gid, rdev=self.rdev,
            size=self.size(), blocks=self.pages_used() * SECTORS_PER_PAGE, block_size=PAGE_SIZE,
            atime_ns=self.atime_ns, mtime_ns=self.mtime_ns, ctime_ns=self.ctime_ns, btime_ns=self.btime_ns,
        )  # fmt: skip

    def change_mode(self, mode: int) -> None:
        self.mode = mode
        self.touch_attributes()

    def change_owner(self, uid: int, gid: int) -> None:
        if uid != -1:
            self.uid = uid
        if gid != -1:
            self.gid = gid
        self.touch_attributes()

    def change_times(self, atime_ns: int, mtime_ns: int) -> None:
        if atime_ns != -1:
            self.atime_ns = atime_ns
        if mtime_ns != -1:
            self.mtime_ns = mtime_ns
        self.touch_attributes()

    def accessed(self, *, strict: bool) -> None:
        """Unless strict, the access time moves only when it is not after the last change, or a day old (mount(2), MS_RELATIME)."""
        now = clock.realtime_ns()
        if strict or self.atime_ns <= self.mtime_ns or self.atime_ns <= self.ctime_ns or now - self.atime_ns >= DAY_NS:
            self.atime_ns = now

    def drop_privileges(self) -> None:
        mode = self.mode & ~SET_UID
        if mode & (SET_GID | 0o010) == SET_GID | 0o010:
            mode &= ~SET_GID
        if mode != self.mode:
            self.mode = mode
            self.touch_attributes()

    def attribute(self, name: bytes) -> bytes | None:
        attributes = self._attributes
        return attributes.get(name) if attributes is not None else None

    def attribute_names(self) -> list[bytes]:
        attributes = self._attributes
        return list(attributes) if attributes is not None else []

    def keeps_attributes(self) -> bool:
        return True

    def set_attribute(self, name: bytes, value: bytes) -> None:
        attributes = self._attributes
        if attributes is None:
            attributes = {}
            self._attributes = attributes
        others = sum([len(other) + len(attributes[other]) for other in attributes if other != name])
        if others + len(name) + len(value) > MOST_ATTRIBUTE_BYTES:
            raise Errno(ENOSPC, "more attributes than a file may have")
        attributes[name] = value
        self.touch_attributes()

    def remove_attribute(self, name: bytes) -> None:
        if self._attributes is not None:
            self._attributes.pop(name, None)
        self.touch_attributes()

    def touch_attributes(self) -> None:
        """Something about the file changed that is not its content."""
        self.ctime_ns = clock.realtime_ns()

    def touch_content(self) -> None:
        """The content changed."""
        now = clock.realtime_ns()
        self.mtime_ns = now
        self.ctime_ns = now

    def add_link(self) -> None:
        """One more name."""
        self.links += 1
        self.touch_attributes()

    def drop_link(self) -> None:
        """One name less."""
        self.links -= 1
        self.touch_attributes()

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        if self.type == InodeType.CHARACTER or self.type == InodeType.BLOCK:
            return open_device(self, self.rdev, location, access, status)
        return super().open(location, access, status)


class TmpfsSymlink(TmpfsInode):
    """A symbolic link."""

    def __init__(self, tmpfs: Tmpfs, number: int, target: bytes, owner: Owner) -> None:
        super().__init__(tmpfs, number, InodeType.SYMLINK, 0o777, owner)
        self.target = target

    def size(self) -> int:
        return len(self.target)

    def readlink(self) -> bytes:
        return self.target
