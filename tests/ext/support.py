"""Images by the real mke2fs, opinions by the real e2fsck, contents by the real debugfs; and a disk that can lose its power."""

import os
import re
import subprocess
import tempfile
import weakref
from pathlib import Path

from objects.inode import Inode, InodeType
from scarlet.lang.errno import EIO, Errno
from tests.hosttools import tool
from tests.vfs.support import Tree, list_names, read_at
from tests.vfs.xv6image import RamDisk
from vfs.ext.filesystem import ExtFileSystem
from vfs.ext.mount import mount_disk

Contents = dict[bytes, bytes | None]
"""Path to content; None for a directory."""

KINDS = {
    "ext2-1k": ["-t", "ext2", "-b", "1024"],
    "ext2-4k-old-inodes": ["-t", "ext2", "-b", "4096", "-I", "128"],
    "ext3-1k": ["-t", "ext3", "-b", "1024", "-J", "size=1"],
    "ext3-2k": ["-t", "ext3", "-b", "2048", "-J", "size=2"],
    "ext4-1k": ["-t", "ext4", "-b", "1024", "-J", "size=1"],
    "ext4-2k": ["-t", "ext4", "-b", "2048", "-J", "size=2"],
    "ext4-4k": ["-t", "ext4", "-b", "4096", "-J", "size=4"],
    "ext4-plain": ["-t", "ext4", "-b", "1024", "-O", "^64bit,^metadata_csum,uninit_bg", "-J", "size=1"],
    "ext4-no-journal": ["-t", "ext4", "-b", "1024", "-O", "^has_journal"],
    "ext4-indirect": ["-t", "ext4", "-b", "1024", "-O", "^extent,^64bit", "-J", "size=1"],
    "ext4-meta-bg": ["-t", "ext4", "-b", "1024", "-O", "meta_bg,^resize_inode", "-J", "size=1"],
    "ext4-small-groups": ["-t", "ext4", "-b", "1024", "-g", "1024", "-O", "^flex_bg", "-J", "size=1"],
}
"""Names of the kinds of file systems that everything is tried on, and the options of mke2fs."""


def make(kind: str = "ext4-1k", *, megabytes: int = 0, source: Path | None = None, options: list[str] | None = None) -> bytes:
    """A new image, perhaps with the files of a folder; 8 MiB, 16 where a journal needs them."""
    megabytes = megabytes or (16 if kind == "ext4-4k" else 8)
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(b"")
        os.truncate(image, megabytes << 20)
        more = ["-d", str(source)] if source is not None else []
        environment = os.environ | {"E2FSPROGS_FAKE_TIME": "1700000000"}
        fixed = ["-U", "c0ffee00-1234-5678-9abc-def012345678", "-E", "hash_seed=12345678-9abc-def0-1234-56789abcdef0,lazy_itable_init=1"]
        command = [tool("mke2fs"), "-q", "-F", *KINDS[kind], *fixed, *(options or []), *more, str(image)]
        subprocess.run(command, check=True, env=environment, timeout=60)
        return image.read_bytes()


def repair(data: bytes) -> bytes | None:
    """What e2fsck makes of a damaged image; None when it gives up."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(data)
        done = subprocess.run([tool("e2fsck"), "-f", "-y", str(image)], capture_output=True, timeout=60)
        return image.read_bytes() if done.returncode <= 1 else None


def check(data: bytes) -> str:
    """What e2fsck finds to be wrong; empty when all is sound."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(data)
        done = subprocess.run([tool("e2fsck"), "-f", "-n", str(image)], capture_output=True, text=True, errors="replace", timeout=60)
        return "" if done.returncode == 0 else done.stdout + done.stderr


def debugfs(data: bytes, *requests: str) -> str:
    """What debugfs prints, and nothing of its greeting."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(data)
        Path(folder, "requests").write_text("\n".join(requests) + "\n")
        done = subprocess.run(
            [tool("debugfs"), "-f", f"{folder}/requests", str(image)], capture_output=True, text=True, errors="replace", timeout=60
        )
        return re.sub(r"(?m)^debugfs: .*\n", "", done.stdout)


def contents_by_debugfs(data: bytes) -> Contents:
    """All files and directories as debugfs dumps them into a folder of the host. (Symbolic links are left out.)"""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder, "image")
        image.write_bytes(data)
        out = Path(folder, "out")
        out.mkdir()
        subprocess.run([tool("debugfs"), "-R", f"rdump / {out}", str(image)], capture_output=True, check=True, timeout=120)
        return contents_of_folder(out)


def contents_of_folder(top: Path) -> Contents:
    """The same of a folder of the host."""
    found: Contents = {b"/": None}
    for folder, folders, files in os.walk(top):
        for path in [Path(folder, name) for name in folders + files]:
            name = b"/" + os.fsencode(path.relative_to(top))
            if path.is_symlink() or path.is_fifo() or name.startswith(b"/lost+found"):
                continue
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def contents_of_tree(tree: Tree, most: int = 1 << 30) -> Contents:
    """The same as our own file system has it; of each file `most` bytes."""
    found: Contents = {}
    pending: list[tuple[bytes, Inode]] = [(b"/", tree.inode(b"/"))]
    while pending:
        path, inode = pending.pop()
        if inode.type == InodeType.DIRECTORY:
            found[path] = None
            for name in list_names(inode):
                if path != b"/" or name != b"lost+found":
                    pending.append((path.rstrip(b"/") + b"/" + name, inode.lookup(name)))
        elif inode.type == InodeType.REGULAR:
            found[path] = read_at(inode, 0, min(inode.size(), most))
    return found


class FailingDisk(RamDisk):
    """A disk that cannot be read any more after `reads_left` reads."""

    def __init__(self, data: bytes, *, read_only: bool = False) -> None:
        super().__init__(data, read_only=read_only)
        self.reads_left = -1

    def read_sectors(self, offset: int, count: int) -> bytes:
        if self.reads_left == 0:
            raise Errno(EIO, "the test breaks the disk")
        self.reads_left -= 1
        return super().read_sectors(offset, count)


class Mounted:
    """A mounted image."""

    def __init__(self, data: bytes, *, read_only: bool = False) -> None:
        self.disk = FailingDisk(data, read_only=read_only)
        self.tree = Tree(mount_disk(self.disk))

    @property
    def fs(self) -> ExtFileSystem:
        found = self.tree.view.root.inode.filesystem
        assert isinstance(found, ExtFileSystem)
        return found

    def unmount(self) -> bytes:
        """Everything on the disk; sound in e2fsck's opinion, or the test fails."""
        self.fs.sync()
        holders: list[weakref.ref[object]] = [weakref.ref(self.fs.volume), weakref.ref(self.fs.volume.blocks)]
        self.tree.close()
        assert [holder() for holder in holders] == [None, None], "the disk is still in use"
        data = bytes(self.disk.data)
        problems = check(data)
        assert problems == "", problems
        return data
