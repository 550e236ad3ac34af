"""Who may use a disk at the same time, and what is left in memory when nobody does."""

from collections.abc import Callable, Iterator

import pytest

from objects.inode import FileSystem, Inode, InodeType
from objects.metadata import Metadata, device_number
from objects.object import KernelObject, Rights, Status
from objects.view import Location, Mount, MountFlags
from scarlet.kernel import deferred
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EACCES, EBUSY, ENOSPC, ENOTBLK, ENXIO, Errno
from tests.pagecache.support import Bench, SlowDisk
from vfs import blockdevices
from vfs.blockdevices import MAJOR, Disk, disk_of


class Node(Inode):
    """A device node."""

    def __init__(self, type: InodeType, minor: int) -> None:
        super().__init__(FileSystem(b"test", 1), 1, type)
        self.minor = minor

    def metadata(self) -> Metadata:
        return Metadata(self.type, 0o600, 1, device=1, nlink=1, uid=0, gid=0, rdev=device_number(MAJOR, self.minor), size=0)


class Setting:
    """A disk with one partition, and their nodes."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.raw: SlowDisk = bench.disk
        self.disk = Disk(b"t", 0, bench.disk, None)
        self.part = Disk(b"t1", 1, blockdevices.Part(bench.disk, 65536, 65536, read_only=False), self.disk)
        self.disk.parts.append(self.part)
        blockdevices._disks[:] = [self.disk]
        self.nodes = [Node(InodeType.BLOCK, 0), Node(InodeType.BLOCK, 1)]

    def open(self, which: int, access: Rights = Rights.READ | Rights.WRITE, status: Status = Status.NONE) -> KernelObject:
        node = self.nodes[which]
        place = Location(Mount(node.filesystem, node, None, MountFlags.NONE, b"test"), node, None, b"t")
        return [self.disk, self.part][which].open(node, place, access, status)


@pytest.fixture
def setting() -> Iterator[Setting]:
    before = list(blockdevices._disks)
    bench = Bench()
    yield Setting(bench)
    blockdevices._disks[:] = before
    while deferred._queue:
        deferred._queue.popleft()
    bench.close()


def refusal(body: Callable[[], object]) -> int:
    try:
        body()
    except Errno as error:
        return error.code
    return 0


def test_a_disk_has_one_user_at_a_time(setting: Setting) -> None:
    def body() -> None:
        claim = disk_of(setting.nodes[1])
        assert refusal(lambda: disk_of(setting.nodes[1])) == EBUSY
        assert refusal(lambda: disk_of(setting.nodes[0])) == EBUSY, "a part of it is in use"
        assert refusal(lambda: setting.open(1, status=Status.EXCLUSIVE)) == EBUSY
        assert refusal(lambda: blockdevices.rescan(setting.disk)) == EBUSY
        assert refusal(lambda: setting.open(1)) == 0
        del claim
        alone = setting.open(0, status=Status.EXCLUSIVE)
        assert refusal(lambda: disk_of(setting.nodes[1])) == EBUSY, "the whole is in use"
        del alone
        assert refusal(lambda: disk_of(setting.nodes[1])) == 0
        assert refusal(lambda: disk_of(Node(InodeType.BLOCK, 77))) == ENXIO
        assert refusal(lambda: disk_of(Node(InodeType.CHARACTER, 0))) == ENOTBLK
        setting.disk.set_read_only(True)
        assert refusal(lambda: setting.open(0)) == EACCES
        assert refusal(lambda: setting.open(0, Rights.READ)) == 0

    setting.bench.go(body)


def test_the_last_close_writes_and_forgets(setting: Setting) -> None:
    def body() -> None:
        first, second = setting.open(1), setting.open(1)
        assert first.write_at(KernelBytes(bytearray(b"w" * 100)), 0) == 100
        del first
        assert not deferred._queue and setting.raw.data[65536] == 0
        del second
        deferred._queue.popleft().work()
        assert setting.raw.stable[65536 : 65536 + 100] == b"w" * 100
        assert len(setting.part.content.cache.pages) == 0

    setting.bench.go(body)


def test_a_disk_ends_where_it_ends(setting: Setting) -> None:
    def body() -> None:
        file = setting.open(1)
        assert file.write_at(KernelBytes(bytearray(b"e" * 1000)), 65536 - 300) == 300
        assert refusal(lambda: file.write_at(KernelBytes(bytearray(1)), 65536)) == ENOSPC
        assert file.read_at(KernelBytes(bytearray(10)), 65536) == 0
        file.sync(data_only=True)
        assert setting.raw.stable[2 * 65536 - 301 : 2 * 65536 + 1] == b"\0" + b"e" * 300 + b"\0"

    setting.bench.go(body)
