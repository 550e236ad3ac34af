"""Is an xv6 file system sound? Looks at everything and changes nothing.

What is checked: the log is empty; every inode has a known type; every block of a file is a data block, used once, and marked in the
bitmap; every other block is not marked; every directory begins with "." and ".." that are right; every name names a file; every file has as
many names as it says, every directory one and one more for each directory in it; every directory can be reached from the root.
"""

from objects.block import BlockDevice
from scarlet.lang.errno import Errno
from vfs.xv6fs.allocator import Allocator
from vfs.xv6fs.content import Content
from vfs.xv6fs.directory import name_in
from vfs.xv6fs.layout import (
    BLOCK_SIZE,
    DEVICE,
    DIRECTORY,
    FREE,
    MAX_SIZE,
    ROOT_INODE,
    SLOT_SIZE,
    SUPERBLOCK,
    DiskInode,
    Geometry,
)  # fmt: skip
from vfs.xv6fs.log import Log


def check(device: BlockDevice) -> list[str]:
    """What is wrong, a line each; nothing when all is sound. Errno when the device cannot be read or holds no xv6 file system."""
    checker = Checker(device)
    checker.run()
    return checker.problems


class Checker:
    """One run over one file system."""

    def __init__(self, device: BlockDevice) -> None:
        self.problems: list[str] = []
        self._device = device
        self._geometry = Geometry(device.read(SUPERBLOCK * BLOCK_SIZE, BLOCK_SIZE), device.size)
        self._log = Log(device, self._geometry)
        self._allocator = Allocator(self._log, self._geometry)
        self._content = Content(self._log, self._allocator)
        self._owners: dict[int, int] = {}
        """Block to the inode that uses it."""
        self._names: dict[int, int] = {}
        """Inode to the number of names that were found."""
        self._parents: dict[int, int] = {}
        """Directory to the directory that its ".." names."""

    def run(self) -> None:
        """Collect the problems."""
        header = self._device.read(self._geometry.log_start * BLOCK_SIZE, 512)
        if int.from_bytes(header[:4], "little") != 0:
            self._report("the log holds a transaction that was not installed")
        for number in range(ROOT_INODE, self._geometry.inodes):
            inode = self._allocator.load(number)
            if inode.type != FREE:
                self._check_inode(number, inode)
        self._check_bitmap()
        for number in range(ROOT_INODE, self._geometry.inodes):
            inode = self._allocator.load(number)
            if inode.type != FREE:
                self._check_names(number, inode)

    def _report(self, problem: str) -> None:
        self.problems.append(problem)

    def _check_inode(self, number: int, inode: DiskInode) -> None:
        if not DIRECTORY <= inode.type <= DEVICE:
            self._report(f"inode {number}: unknown type {inode.type}")
            return
        if inode.size > MAX_SIZE:
            self._report(f"inode {number}: size {inode.size} is too large")
            return
        try:
            blocks = self._content.blocks(inode)
        except Errno:
            self._report(f"inode {number}: the indirect block lies outside of the data")
            return
        for block in blocks:
            self._take(number, block)
        if inode.type == DIRECTORY:
            self._check_directory(number, inode)

    def _take(self, number: int, block: int) -> None:
        if not self._geometry.is_data(block):
            self._report(f"inode {number}: block {block} lies outside of the data")
        elif block in self._owners:
            self._report(f"block {block} belongs to inodes {self._owners[block]} and {number}")
        else:
            self._owners[block] = number
            if not self._allocator.is_used(block):
                self._report(f"block {block} of inode {number} is marked free")

    def _check_bitmap(self) -> None:
        for block in range(self._geometry.data_start, self._geometry.size):
            if self._allocator.is_used(block) and block not in self._owners:
                self._report(f"block {block} is marked used, but no file uses it")
        for block in range(self._geometry.data_start):
            if not self._allocator.is_used(block):
                self._report(f"block {block} is not for files, but marked free")

    def _check_directory(self, number: int, inode: DiskInode) -> None:
        """Its names. "." counts for nothing, ".." for the parent."""
        size = int(inode.size)
        if size % SLOT_SIZE != 0 or size < 2 * SLOT_SIZE:
            self._report(f"directory {number}: size {size} is not whole slots with . and ..")
            return
        seen: set[bytes] = set()
        for start in range(0, size, BLOCK_SIZE):
            try:
                block = self._content.read(inode, start, BLOCK_SIZE)
            except Errno:
                return  # reported with its blocks
            for offset in range(0, len(block), SLOT_SIZE):
                target = block[offset] | block[offset + 1] << 8
                if target != 0:
                    self._check_slot(number, (start + offset) // SLOT_SIZE, name_in(block, offset), target, seen)
        if number not in self._parents:
            self._report(f"directory {number}: no ..")
        if b"." not in seen:
            self._report(f"directory {number}: no .")

    def _check_slot(self, number: int, index: int, name: bytes, target: int, seen: set[bytes]) -> None:
        if name in seen:
            self._report(f"directory {number}: the name {name.decode(errors='replace')} is there twice")
        seen.add(name)
        if target >= self._geometry.inodes or self._allocator.load(target).type == FREE:
            self._report(f"directory {number}: {name.decode(errors='replace')} names inode {target}, which is free")
            return
        if len(name) == 0 or b"/" in name:
            self._report(f"directory {number}: a name that cannot be")
        if name == b".":
            if target != number or index != 0:
                self._report(f"directory {number}: . is wrong")
        elif name == b"..":
            self._parents[number] = target
            if index != 1:
                self._report(f"directory {number}: .. is not in its place")
            if number != ROOT_INODE:
                self._names[target] = self._names.get(target, 0) + 1
        else:
            self._names[target] = self._names.get(target, 0) + 1
            if self._allocator.load(target).type == DIRECTORY:
                self._check_parent(number, target)

    def _check_parent(self, number: int, child: int) -> None:
        """The ".." of a directory names the one that holds it."""
        try:
            slots = self._content.read(self._allocator.load(child), 0, 2 * SLOT_SIZE)
        except Errno:
            return  # reported with its blocks
        if len(slots) == 2 * SLOT_SIZE and (slots[SLOT_SIZE] | slots[SLOT_SIZE + 1] << 8) != number:
            self._report(f"directory {child}: .. does not name {number}, which holds it")

    def _check_names(self, number: int, inode: DiskInode) -> None:
        found = self._names.get(number, 0)
        if number == ROOT_INODE:
            found += 1
        if inode.links != found:
            self._report(f"inode {number}: says it has {inode.links} names, but has {found}")
        if inode.type == DIRECTORY and not self._reaches_root(number):
            self._report(f"directory {number}: cannot be reached from the root")

    def _reaches_root(self, number: int) -> bool:
        for _step in range(self._geometry.inodes):
            if number == ROOT_INODE:
                return self._parents.get(number, ROOT_INODE) == ROOT_INODE
            if number not in self._parents:
                return False
            number = self._parents[number]
        return False
