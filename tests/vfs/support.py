"""A view over a tmpfs with the operations in short form, an archive builder, and a caller with any identity."""

import weakref

from objects.credentials import Credentials
from objects.inode import Inode, InodeType
from objects.metadata import Metadata, RenameFlags
from objects.object import KernelObject, Rights, Status
from objects.view import Location, View
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import Errno, errno_name
from scarlet.machine import physmem
from vfs import attributes, mounts, naming, opening, paths
from vfs.opening import How
from vfs.tmpfs.options import new_tmpfs
from vfs.walk import Walk, walk


def user(uid: int, *groups: int) -> Credentials:
    who = Credentials(uid, uid)
    who.groups = list(groups)
    return who


class Tree:
    """What a test does with names, as root unless `who` is changed."""

    def __init__(self, root: Inode | None = None) -> None:
        top = root if root is not None else new_tmpfs(mode=0o755)
        self.view: View = mounts.first_mount(top, b"rootfs")
        self.who = Credentials(0, 0)
        self.death = weakref.ref(top)

    def close(self) -> None:
        """Let go of everything. The file system must die at once."""
        table = self.view.mounts
        while len(table.mounts) > 1:
            mounts.detach(table, table.mounts[-1])
        del self.view, table
        assert self.death() is None

    def walk(self, path: bytes, flags: Walk = Walk.FOLLOW) -> Location:
        return walk(self.view, self.who, None, path, flags)

    def inode(self, path: bytes) -> Inode:
        return self.walk(path, Walk.NONE).inode

    def stat(self, path: bytes) -> Metadata:
        return self.inode(path).metadata()

    def mkdir(self, path: bytes, mode: int = 0o755) -> None:
        naming.make_directory(self.view, self.who, None, path, mode)

    def symlink(self, target: bytes, path: bytes) -> None:
        naming.make_symlink(self.view, self.who, target, None, path)

    def mknod(self, path: bytes, type: InodeType, mode: int = 0o644, device: int = 0) -> None:
        naming.make_node(self.view, self.who, None, path, type, mode, device)

    def link(self, old: bytes, new: bytes) -> None:
        naming.link_path(self.view, self.who, None, old, None, new, follow=False)

    def unlink(self, path: bytes) -> None:
        naming.remove_file(self.view, self.who, None, path)

    def rmdir(self, path: bytes) -> None:
        naming.remove_directory(self.view, self.who, None, path)

    def rename(self, old: bytes, new: bytes, flags: RenameFlags = RenameFlags.NONE) -> None:
        naming.rename(self.view, self.who, None, old, None, new, flags)

    def chmod(self, path: bytes, mode: int) -> None:
        attributes.change_mode(self.who, self.walk(path), mode)

    def chown(self, path: bytes, uid: int, gid: int) -> None:
        attributes.change_owner(self.who, self.walk(path), uid, gid)

    def open(
        self, path: bytes, access: Rights = Rights.READ, how: How = How.NONE, status: Status = Status.NONE, mode: int = 0o666
    ) -> KernelObject:
        return opening.open_file(self.view, self.who, None, path, access, how, status, mode)

    def write(self, path: bytes, data: bytes, mode: int = 0o644) -> None:
        """Make or replace a file."""
        self.open(path, Rights.WRITE, How.CREATE | How.TRUNCATE, mode=mode)
        write_at(self.walk(path).inode, data, 0)

    def read(self, path: bytes) -> bytes:
        return read_all(self.walk(path).inode)

    def names(self, path: bytes) -> list[bytes]:
        return list_names(self.walk(path).inode)

    def cd(self, path: bytes) -> None:
        self.view.cwd = self.walk(path)

    def cwd(self) -> bytes:
        return paths.working_directory(self.view.cwd, self.view.root)

    def mount(self, path: bytes, flags: int = 0) -> Inode:
        """A fresh tmpfs over a directory."""
        root = new_tmpfs()
        mounts.attach(self.view.mounts, root, self.walk(path), mounts.MountFlags(flags), b"tmpfs")
        return root


def outcome(action: object, *arguments: object) -> str:
    """The name of the errno a call fails with, "ok" when it succeeds."""
    assert callable(action)
    try:
        action(*arguments)
    except Errno as error:
        return errno_name(error.code)
    return "ok"


def read_at(inode: Inode, offset: int, count: int) -> bytes:
    buffer = KernelBytes(bytearray(count))
    return bytes(buffer.data[: inode.read_at(buffer, offset)])


def read_all(inode: Inode) -> bytes:
    return read_at(inode, 0, inode.size())


def write_at(inode: Inode, data: bytes, offset: int) -> int:
    return inode.write_at(KernelBytes(bytearray(data)), offset)


def list_names(inode: Inode) -> list[bytes]:
    found: list[bytes] = []
    cursor = 0
    while batch := inode.list(cursor):
        found.extend(entry.name for entry in batch)
        cursor = batch[-1].cursor
    return found


class ImageMemory:
    """Reserved memory, each frame of it with one reference, from which archives take their place."""

    def start(self, pa: int) -> None:
        self.next = pa

    def take(self, size: int) -> int:
        pa = self.next
        self.next += (size + 4095) // 4096 * 4096
        return pa


image = ImageMemory()


class Archive:
    """Builds newc archives byte by byte."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.number = 0

    def add(
        self, name: bytes, data: bytes = b"", mode: int = 0o100644, *, links: int = 1, number: int | None = None, align: int = 0,
        size: int | None = None, name_size: int | None = None, uid: int = 0, gid: int = 0, mtime: int = 0,
        rdev: tuple[int, int] = (0, 0), magic: bytes = b"070701",
    ) -> "Archive":  # fmt: skip
        self.number += 1
        field = name + b"\0"
        if align:
            field += bytes(-(len(self.data) + 110 + len(field)) % align)
        values = [
            self.number if number is None else number, mode, uid, gid, links, mtime, len(data) if size is None else size,
            0, 0, rdev[0], rdev[1], len(field) if name_size is None else name_size, 0,
        ]  # fmt: skip
        self.data += magic + b"".join(b"%08X" % value for value in values) + field
        self.data += bytes(-len(self.data) % 4)
        self.data += data
        self.data += bytes(-len(self.data) % 4)
        return self

    def end(self) -> "Archive":
        return self.add(b"TRAILER!!!", mode=0)

    def load(self) -> tuple[int, int]:
        """Put the bytes where a boot image is; (address, size)."""
        size = len(self.data)
        pa = image.take(size)
        physmem.write(pa, bytes(self.data))
        return pa, size
