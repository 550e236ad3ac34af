"""virtio-blk: a disk.

A request is a chain of three kinds of buffers: a header that says what to do where, the data, and one byte of status. Its memory is one
frame or more, from which the data is copied: a caller's bytes may lie anywhere. The caller sleeps until the interrupt says that its request
is done.

Source: VIRTIO 1.2, 5.2 "Block Device".
"""

from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from objects.block import SECTOR, BlockDevice
from scarlet.kernel.memory import frames
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import struct, u32, u64
from scarlet.lang.errno import EIO, EOPNOTSUPP, Errno
from scarlet.machine import physmem

DEVICE_TYPE: Final = 2
F_READ_ONLY: Final = u64(1 << 5)
F_FLUSH: Final = u64(1 << 9)
CAPACITY: Final = 0
"""Offset in the configuration: the size in sectors, eight bytes."""
REQUESTS: Final = 0
"""The one queue."""
QUEUE_SIZE: Final = 128

READ: Final = 0
WRITE: Final = 1
FLUSH: Final = 4

OK: Final = 0
UNSUPPORTED: Final = 2
PENDING: Final = 0xFF
"""No status a device writes."""

PAGE_SIZE: Final = 4096
DATA_ORDER: Final = 4
LARGEST: Final = PAGE_SIZE << DATA_ORDER
"""Bytes of data in one request."""
DATA_OFFSET: Final = 1024
"""Header and status lie before the data in a request's memory, which is for small requests one frame."""


@struct
class RequestHeader:
    """struct virtio_blk_req, the part the device reads first."""

    type: u32
    reserved: u32
    sector: u64


class Request:
    """One request in flight. The device may write to its memory until it is done, so the object stays with the queue until then."""

    def __init__(self, order: int) -> None:
        self.memory_pa = frames.allocate(order)
        self.done = False
        self.error = False
        self.waiting = WaitQueue()

    def __del__(self) -> None:
        frames.unref(self.memory_pa)

    @property
    def status_pa(self) -> int:
        return self.memory_pa + RequestHeader.SIZE

    @property
    def data_pa(self) -> int:
        return self.memory_pa + DATA_OFFSET

    def finish(self, *, error: bool) -> None:
        """Wake whoever waits for it."""
        self.done = True
        self.error = error
        self.waiting.wake_all()


class VirtioBlock(VirtioDevice):
    """The driver's side; VirtioDisk is what file systems see. ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(u64(F_READ_ONLY | F_FLUSH))
        size = self.queue_size(REQUESTS, QUEUE_SIZE)
        base_pa = self.queue_memory(REQUESTS, size)
        self._queue: Virtqueue[Request] = Virtqueue(base_pa, size, indirect=self.indirect, event_index=self.event_index)
        self._room = WaitQueue()
        self.sectors = self.read_config64(CAPACITY)
        self.ready()

    @property
    def read_only(self) -> bool:
        """Does the device refuse writes?"""
        return self.features & F_READ_ONLY != 0

    @property
    def can_flush(self) -> bool:
        """Does it have a cache that can be flushed? Without, what was written is safe."""
        return self.features & F_FLUSH != 0

    def carry_out(self, type: int, sector: int, request: Request, count: int, *, device_writes: bool) -> None:
        """Give a request with `count` bytes of data to the device and sleep until it is done. EIO, EOPNOTSUPP."""
        physmem.write(request.memory_pa, RequestHeader(type=u32(type), sector=u64(sector)).pack())
        physmem.store8(request.status_pa, PENDING)
        segments = [Segment(request.memory_pa, RequestHeader.SIZE)]
        if count > 0:
            segments.append(Segment(request.data_pa, count, device_writes=device_writes))
        segments.append(Segment(request.status_pa, 1, device_writes=True))
        self.require_online()
        while not self._queue.has_room(len(segments)):
            self._room.wait(interruptible=False)
            self.require_online()
        self._queue.give(segments, request)
        if self._queue.publish():
            self.transport.notify(REQUESTS)
        while not request.done:
            request.waiting.wait(interruptible=False)
        if request.error:
            raise Errno(EIO, f"{self.name} is offline")
        self._judge(physmem.load8(request.status_pa))

    def _judge(self, status: int) -> None:
        if status == UNSUPPORTED:
            raise Errno(EOPNOTSUPP, f"{self.name} cannot do that")
        if status != OK:
            raise Errno(EIO, f"{self.name}: the device reports an error")

    def served(self) -> None:
        looking = True
        while looking:
            completion = self._queue.take()
            while completion is not None:
                answered = physmem.load8(completion.request.status_pa) != PENDING
                completion.request.finish(error=not answered)
                if not answered:
                    raise DeviceError("a request came back without a status")
                completion = self._queue.take()
            looking = not self._queue.want_interrupts()
        self._room.wake_all()

    def lost(self) -> None:
        for request in self._queue.abandon():
            request.finish(error=True)
        self._room.wake_all()


class VirtioDisk(BlockDevice):
    """The disk behind a VirtioBlock."""

    def __init__(self, driver: VirtioBlock) -> None:
        super().__init__(driver.sectors * SECTOR, read_only=driver.read_only)
        self._driver = driver

    def read_sectors(self, offset: int, count: int) -> bytes:
        parts: list[bytes] = []
        done = 0
        while done < count:
            run = min(count - done, LARGEST - PAGE_SIZE)
            request = Request(_order(run))
            self._driver.carry_out(READ, (offset + done) // SECTOR, request, run, device_writes=True)
            parts.append(physmem.read(request.data_pa, run))
            done += run
        return b"".join(parts)

    def write_sectors(self, offset: int, data: bytes) -> None:
        done = 0
        while done < len(data):
            run = min(len(data) - done, LARGEST - PAGE_SIZE)
            request = Request(_order(run))
            physmem.write_slice(request.data_pa, data, done, run)
            self._driver.carry_out(WRITE, (offset + done) // SECTOR, request, run, device_writes=False)
            done += run

    def flush(self) -> None:
        if self._driver.can_flush and not self.read_only:
            self._driver.carry_out(FLUSH, 0, Request(0), 0, device_writes=False)


def _order(count: int) -> int:
    """How much memory a request with so many bytes of data takes."""
    order = 0
    while PAGE_SIZE << order < DATA_OFFSET + count:
        order += 1
    return order
