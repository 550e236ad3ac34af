"""Requests of ioctl(2) on disks: their size and shape, partitions, forgetting and zeroing ranges.

Sources: linux/fs.h, linux/hdreg.h; ioctl_fs in the sources of util-linux and busybox says who asks for what.
"""

from enum import IntEnum
from typing import Final

from objects.block import SECTOR
from objects.credentials import CAP_SYS_ADMIN
from objects.object import Rights
from objects.task import Task
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.user import load_u32, load_u64, store_bytes, store_i32, store_u64
from scarlet.lang import i32, struct, u8, u16, u64
from scarlet.lang.errno import EACCES, EBADF, EINVAL, ENOTTY, Errno
from vfs import blockdevices
from vfs.blockdevices import Disk, OpenDisk

PAGE_SIZE: Final = 4096
HEADS: Final = 255
TRACK: Final = 63
"""The geometry that everybody makes up for a disk that has none."""
ZERO_STEP: Final = 1 << 17


class BlockRequest(IntEnum):
    """linux/fs.h, linux/hdreg.h"""

    HDIO_GETGEO = 0x0301
    BLKROSET = 0x125D
    BLKROGET = 0x125E
    BLKRRPART = 0x125F
    BLKGETSIZE = 0x1260
    BLKFLSBUF = 0x1261
    BLKRASET = 0x1262
    BLKRAGET = 0x1263
    BLKSECTGET = 0x1267
    BLKSSZGET = 0x1268
    BLKBSZGET = 0x80081270
    BLKBSZSET = 0x40081271
    BLKGETSIZE64 = 0x80081272
    BLKDISCARD = 0x1277
    BLKIOMIN = 0x1278
    BLKIOOPT = 0x1279
    BLKALIGNOFF = 0x127A
    BLKPBSZGET = 0x127B
    BLKDISCARDZEROES = 0x127C
    BLKROTATIONAL = 0x127E
    BLKZEROOUT = 0x127F


@struct
class HdGeometry:
    """struct hd_geometry"""

    heads: u8
    sectors: u8
    cylinders: u16
    start: u64


def block_ioctl(task: Task, file: OpenDisk, request: int, argument: u64) -> i32:
    """Answer one request. ENOTTY for one that is not a disk's, EACCES without CAP_SYS_ADMIN, EINVAL, EBUSY, EFAULT."""
    disk = file.disk()
    space = task.space
    match request:
        case BlockRequest.BLKGETSIZE64:
            store_u64(space, argument, u64(disk.device.size))
        case BlockRequest.BLKGETSIZE:
            store_u64(space, argument, u64(disk.device.size // SECTOR))
        case BlockRequest.BLKSSZGET | BlockRequest.BLKPBSZGET | BlockRequest.BLKIOMIN:
            store_i32(space, argument, SECTOR)
        case BlockRequest.BLKBSZGET:
            store_i32(space, argument, PAGE_SIZE)
        case BlockRequest.BLKBSZSET:
            _require_admin(task)
            if load_u32(space, argument) not in (512, 1024, 2048, 4096):
                raise Errno(EINVAL, "not the size of a block")
        case BlockRequest.BLKIOOPT | BlockRequest.BLKALIGNOFF | BlockRequest.BLKDISCARDZEROES:
            store_i32(space, argument, 0)
        case BlockRequest.BLKROTATIONAL:
            store_bytes(space, argument, bytes(2))
        case BlockRequest.BLKSECTGET:
            store_bytes(space, argument, min(disk.device.most_pieces * PAGE_SIZE // SECTOR, 0xFFFF).to_bytes(2, "little"))
        case BlockRequest.BLKROGET:
            store_i32(space, argument, 1 if disk.read_only else 0)
        case BlockRequest.BLKROSET:
            _require_admin(task)
            disk.set_read_only(load_u32(space, argument) != 0)
        case BlockRequest.BLKRAGET:
            store_u64(space, argument, u64(disk.content.cache.window * PAGE_SIZE // SECTOR))
        case BlockRequest.BLKRASET:
            _require_admin(task)
            disk.content.cache.window = min(int(argument) * SECTOR // PAGE_SIZE, 1024) if argument < u64(1 << 32) else 1024
        case BlockRequest.BLKFLSBUF:
            _require_admin(task)
            file.sync(data_only=False)
            disk.content.cache.give_back(0, disk.device.size)
        case BlockRequest.BLKRRPART:
            _require_admin(task)
            if disk.whole is not None:
                raise Errno(EINVAL, "a partition has no partitions")
            file.sync(data_only=False)
            blockdevices.rescan(disk)
        case BlockRequest.BLKDISCARD | BlockRequest.BLKZEROOUT:
            _change_range(task, file, argument, discard=request == BlockRequest.BLKDISCARD)
        case BlockRequest.HDIO_GETGEO:
            _geometry(task, disk, argument)
        case _:
            raise Errno(ENOTTY, "an unknown request")
    return i32(0)


def _require_admin(task: Task) -> None:
    if not task.credentials.capable(CAP_SYS_ADMIN):
        raise Errno(EACCES, "CAP_SYS_ADMIN")


def _change_range(task: Task, file: OpenDisk, argument: u64, *, discard: bool) -> None:
    """BLKDISCARD, BLKZEROOUT: two numbers, where the range begins and how long it is."""
    if not file.access & Rights.WRITE:
        raise Errno(EBADF, "not open for writing")
    start = load_u64(task.space, argument)
    length = load_u64(task.space, u64(argument + 8))
    disk = file.disk()
    size = u64(disk.device.size)
    if (start | length) % u64(SECTOR) != 0 or start > size or length > size - start:
        raise Errno(EINVAL, "not whole sectors of the device")
    cache = disk.content.cache
    offset = int(start)
    end = offset + int(length)
    if discard:
        cache.sync_range(offset, end - offset)
        with cache.mutex, cache.closed(offset, end):
            disk.device.discard(offset, end - offset)
        return
    while offset < end:
        count = min(ZERO_STEP, end - offset)
        cache.write(KernelBytes(bytearray(count)), offset)
        offset += count
    cache.sync_range(int(start), int(length))


def _geometry(task: Task, disk: Disk, argument: u64) -> None:
    sectors = disk.device.size // SECTOR
    cylinders = min(sectors // (HEADS * TRACK), 0xFFFF)
    geometry = HdGeometry(heads=u8(HEADS), sectors=u8(TRACK), cylinders=u16(cylinders), start=u64(disk.start // SECTOR))
    store_bytes(task.space, argument, geometry.pack())
