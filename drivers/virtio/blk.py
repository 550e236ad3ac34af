"""virtio-blk: a disk.

A request is a chain of three kinds of buffers: a header that says what to do where, the data, and one byte of status. The data lies where
the caller's pieces of memory are and is never copied; header, status and the table of the chain's descriptors lie in a frame that the
request brings along, so that with indirect descriptors a request takes one place in the queue however many pieces it has.

Many requests are in flight at once and end in any order. A transfer that is larger than the device takes at a time becomes several
requests. Who submits sleeps only when the queue is full; the interrupt finishes whatever the device is done with.

Source: VIRTIO 1.2, 5.2 "Block Device".
"""

import weakref
from typing import Final

from drivers.virtio.blkconfig import DiskConfiguration, Feature, RequestHeader, RequestRange, wanted_features
from drivers.virtio.device import VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.ring import DESCRIPTOR_SIZE
from drivers.virtio.transport import Transport
from objects.block import SECTOR, FrameDevice, Operation, Transfer
from scarlet.kernel import log
from scarlet.kernel.memory import frames
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import u32, u64
from scarlet.lang.errno import EINVAL, EIO, ENOMEM, EOPNOTSUPP, EROFS, Errno
from scarlet.machine import physmem

REQUESTS: Final = 0
"""The one queue."""
QUEUE_SIZE: Final = 256

READ: Final = 0
WRITE: Final = 1
FLUSH: Final = 4
DISCARD: Final = 11
WRITE_ZEROES: Final = 13
"""What a request asks for."""
UNMAP: Final = 1
"""A flag of WRITE_ZEROES: the sectors need not keep their place."""

OK: Final = 0
UNSUPPORTED: Final = 2
PENDING: Final = 0xFF
"""No status a device writes."""

KEPT_IDLE: Final = 16
"""Requests that are kept for the next orders."""
PAGE_SIZE: Final = 4096
STATUS_OFFSET: Final = 32
TABLE_OFFSET: Final = 64
"""Of status and descriptors in a request's frame; the header is at its start."""
MOST_SEGMENTS: Final = (PAGE_SIZE - TABLE_OFFSET) // DESCRIPTOR_SIZE - 2
"""Pieces of data in one request: header and status take a descriptor each."""


class Order:
    """What somebody wants done: one request to the device, or several. `left` counts those that are not done yet, and who still makes
    them. Derive from it and override `ended`."""

    def __init__(self) -> None:
        self.left = 1
        self.error = 0

    def part_done(self, error: int) -> None:
        """A request has ended, or the last was made."""
        if error != 0:
            self.error = error
        self.left -= 1
        if self.left == 0:
            self.ended()

    def ended(self) -> None:
        """All is done. Must not sleep."""
        raise NotImplementedError("Order.ended")


class TransferOrder(Order):
    """A transfer."""

    def __init__(self, transfer: Transfer) -> None:
        super().__init__()
        self.transfer = transfer

    def ended(self) -> None:
        self.transfer.finish(self.error)


class Errand(Order):
    """Something without a transfer, which a thread waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.done = False
        self.waiting = WaitQueue()

    def ended(self) -> None:
        self.done = True
        self.waiting.wake_all()

    def wait(self) -> None:
        """Sleep until it is done. EIO, EOPNOTSUPP."""
        while not self.done:
            self.waiting.wait(interruptible=False)
        if self.error != 0:
            raise Errno(self.error, "the device could not do it")


class Request:
    """The frame that a request brings along; used for one order after the other. The device writes to it until the request is done, so the
    object stays with the queue until then."""

    def __init__(self, memory_pa: int) -> None:
        self.memory_pa = memory_pa
        self.order: Order | None = None

    def __del__(self) -> None:
        frames.unref(self.memory_pa)

    @property
    def status_pa(self) -> int:
        return self.memory_pa + STATUS_OFFSET

    @property
    def table_pa(self) -> int:
        return self.memory_pa + TABLE_OFFSET

    def finish(self, error: int) -> None:
        """Tell the order."""
        order = self.order
        self.order = None
        if order is not None:
            order.part_done(error)


class VirtioBlock(VirtioDevice):
    """The driver's side; VirtioDisk is what others see. ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(wanted_features())
        self.configuration = DiskConfiguration(self)
        size = self.queue_size(REQUESTS, QUEUE_SIZE)
        self.most_segments = min(self.configuration.most_segments, MOST_SEGMENTS, size - 2)
        """Pieces of data in one request: no chain is longer than the queue, even in a table of its own. (2.7.5.3.1)"""
        if self.most_segments < 1:
            self.give_up("its queue is too small for a request")
        base_pa = self.queue_memory(REQUESTS, size)
        self._queue: Virtqueue[Request] = Virtqueue(base_pa, size, indirect=self.indirect, event_index=self.event_index)
        self._room = WaitQueue()
        self._idle = [Request(frames.allocate_critical(0))]
        """One there always is: under pressure requests wait for one another, but never for memory."""
        self._in_flight = 0
        self._listener: weakref.ref[VirtioDisk] | None = None
        self.ready()

    def has(self, feature: Feature) -> bool:
        """Was this agreed on?"""
        return self.features & feature != 0

    def tell_of_size(self, disk: "VirtioDisk") -> None:
        """Have the disk told when its size changes."""
        self._listener = weakref.ref(disk)

    # Requests

    def send(self, type: int, sector: int, segments: list[Segment], order: Order) -> None:
        """Make a request of the order; `segments` are its data. Sleeps while the queue is full. EIO once the device is offline."""
        request = self._room_for(len(segments) + 2)
        try:
            self._give(request, type, sector, segments)
        except MemoryError:
            self._idle.append(request)
            raise
        request.order = order
        order.left += 1
        self._in_flight += 1

    def _give(self, request: Request, type: int, sector: int, segments: list[Segment]) -> None:
        header = RequestHeader(type=u32(type), sector=u64(sector))
        physmem.write(request.memory_pa, header.pack())
        physmem.store8(request.status_pa, PENDING)
        chain = [Segment(request.memory_pa, RequestHeader.SIZE)]
        chain.extend(segments)
        chain.append(Segment(request.status_pa, 1, device_writes=True))
        self._queue.give(chain, request, request.table_pa)

    def notify(self) -> None:
        """Let the device see what was sent."""
        if self.online and self._queue.publish():
            self.transport.notify(REQUESTS)

    def _room_for(self, segments: int) -> Request:
        """An idle request, when the queue has room for it."""
        while True:
            self.require_online()
            if self._queue.has_room(segments, table=True):
                if len(self._idle) > 0:
                    return self._idle.pop()
                if self._in_flight == 0:
                    return Request(frames.allocate_critical(0))
                try:
                    return Request(frames.allocate(0))
                except MemoryError:
                    pass  # wait for one of those in flight
            self.notify()
            self._room.wait(interruptible=False)

    # Interrupts

    def served(self) -> None:
        looking = True
        while looking:
            completion = self._queue.take()
            while completion is not None:
                self._take_back(completion.request)
                completion = self._queue.take()
            looking = not self._queue.want_interrupts()
        self._room.wake_all()

    def _take_back(self, request: Request) -> None:
        status = physmem.load8(request.status_pa)
        self._in_flight -= 1
        request.finish(EIO if status == PENDING else _errno(status))
        if len(self._idle) < KEPT_IDLE:
            self._idle.append(request)
        if status == PENDING:
            raise DeviceError("a request came back without a status")

    def configuration_changed(self) -> None:
        self.configuration.read_size(self)
        disk = self._listener() if self._listener is not None else None
        if disk is not None and disk.size != self.configuration.size:
            disk.size = self.configuration.size
            log.info(f"{self.name}: now {disk.size // 1024} KiB")

    def lost(self) -> None:
        self._in_flight = 0
        for request in self._queue.abandon():
            request.finish(EIO)
        self._room.wake_all()


class VirtioDisk(FrameDevice):
    """The disk behind a VirtioBlock."""

    def __init__(self, driver: VirtioBlock) -> None:
        super().__init__(driver.configuration.size, read_only=driver.has(Feature.READ_ONLY))
        self.most_pieces = driver.most_segments
        self._driver = driver
        driver.tell_of_size(self)

    def begin(self, transfer: Transfer) -> None:
        driver = self._driver
        driver.require_online()
        self._require_blocks(transfer.offset, transfer.count)
        order = TransferOrder(transfer)
        try:
            self._send_all(transfer, order)
        except Errno as error:
            if order.left == 1:
                raise
            order.error = error.code
        except MemoryError:
            if order.left == 1:
                raise
            order.error = ENOMEM
        driver.notify()
        order.part_done(0)

    def _send_all(self, transfer: Transfer, order: Order) -> None:
        """Make the requests of a transfer: one, unless it has more pieces, or larger ones, than the device takes."""
        driver = self._driver
        reads = transfer.operation is Operation.READ
        type = READ if reads else WRITE
        largest = driver.configuration.largest_segment
        sector = transfer.offset // SECTOR
        sectors = 0
        segments: list[Segment] = []
        for piece in transfer.pieces:
            done = 0
            while done < piece.count:
                run = min(piece.count - done, largest)
                last = segments[-1] if len(segments) > 0 else None
                if last is not None and last.pa + last.length == piece.pa + done and last.length + run <= largest:
                    last.length += run
                else:
                    if len(segments) == driver.most_segments:
                        driver.send(type, sector, segments, order)
                        sector += sectors
                        sectors = 0
                        segments = []
                    segments.append(Segment(piece.pa + done, run, device_writes=reads))
                sectors += run // SECTOR
                done += run
        if len(segments) > 0:
            driver.send(type, sector, segments, order)

    def flush(self) -> None:
        if self._driver.has(Feature.FLUSH) and not self.read_only:
            errand = Errand()
            self._driver.send(FLUSH, 0, [], errand)
            self._carry_out(errand)

    def discard(self, offset: int, count: int) -> None:
        if not self._driver.has(Feature.DISCARD):
            raise Errno(EOPNOTSUPP, f"{self._driver.name} cannot discard")
        self._change(DISCARD, offset, count, self._driver.configuration.most_discarded, 0)

    def write_zeroes(self, offset: int, count: int, *, keep: bool) -> None:
        """Make these bytes zeros, their place on the disk reserved as before if `keep`. EOPNOTSUPP where the device has no way for that of
        its own; EINVAL, EROFS, EIO as for write()."""
        if not self._driver.has(Feature.WRITE_ZEROES):
            raise Errno(EOPNOTSUPP, f"{self._driver.name} cannot write zeros")
        flags = 0 if keep or not self._driver.configuration.zeroes_unmap else UNMAP
        self._change(WRITE_ZEROES, offset, count, self._driver.configuration.most_zeroed, flags)

    def _change(self, type: int, offset: int, count: int, most: int, flags: int) -> None:
        """Requests whose data is the range itself, `most` bytes in each."""
        if self.read_only:
            raise Errno(EROFS, "the device is read-only")
        self._check(offset, count)
        self._require_blocks(offset, count)
        while count > 0:
            run = min(count, most)
            errand = Errand()
            memory = frames.allocate(0)
            try:
                described = RequestRange(sector=u64(offset // SECTOR), sectors=u32(run // SECTOR), flags=u32(flags))
                physmem.write(memory, described.pack())
                self._driver.send(type, 0, [Segment(memory, RequestRange.SIZE)], errand)
                self._carry_out(errand)
            finally:
                frames.unref(memory)
            offset += run
            count -= run

    def _carry_out(self, errand: Errand) -> None:
        self._driver.notify()
        errand.part_done(0)
        errand.wait()

    def _require_blocks(self, offset: int, count: int) -> None:
        """EINVAL for a range that is not whole blocks of a device whose blocks are larger than sectors."""
        if (offset | count) & (self._driver.configuration.block_size - 1) != 0:
            raise Errno(EINVAL, "not whole blocks of the device")


def _errno(status: int) -> int:
    """What a device's status means."""
    if status == OK:
        return 0
    return EOPNOTSUPP if status == UNSUPPORTED else EIO
