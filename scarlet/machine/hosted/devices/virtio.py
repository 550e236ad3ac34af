"""virtio devices behind the memory-mapped transport, version 2 or legacy; and a disk.

Source: VIRTIO 1.2, 4.2.2 "MMIO Device Register Layout", 4.2.4 "Legacy interface", 5.2 "Block Device".
"""

import struct
from collections.abc import Callable

from scarlet.machine.hosted.devices.virtqueue import DeviceQueue, Request

F_EVENT_INDEX = 1 << 29
F_INDIRECT = 1 << 28
F_VERSION_1 = 1 << 32
FEATURES_OK = 8
SECTOR = 512


class Model:
    """What a device is, behind whatever transport: override `handle`."""

    device_type = 0
    features = F_INDIRECT | F_EVENT_INDEX
    queue_size = 8

    def config(self) -> bytes:
        """The device's own configuration."""
        return b""

    def handle(self, request: Request) -> int | None:
        """Do what a request asks for; the bytes written, None when it is not done yet."""
        raise NotImplementedError


class VirtioMmio:
    """The registers of one device on the bus. `set_level` is its interrupt line."""

    def __init__(self, model: Model, set_level: Callable[[bool], None], *, legacy: bool = False) -> None:
        self.model = model
        self.legacy = legacy
        self.set_level = set_level
        self.reset()

    def reset(self) -> None:
        self.registers: dict[int, int] = {}
        self.accepted = 0
        self.status = 0
        self.reasons = 0
        self.queue: DeviceQueue | None = None
        self.set_level(False)

    @property
    def offered(self) -> int:
        return self.model.features | (0 if self.legacy else F_VERSION_1)

    def read(self, offset: int, size: int) -> int:
        if offset >= 0x100:
            return int.from_bytes(self.model.config()[offset - 0x100 : offset - 0x100 + size], "little")
        match offset:
            case 0x000:
                return 0x74726976
            case 0x004:
                return 1 if self.legacy else 2
            case 0x008:
                return self.model.device_type
            case 0x010:
                return self.offered >> 32 * self.registers.get(0x014, 0) & 0xFFFFFFFF
            case 0x034:
                return self.model.queue_size if self.registers.get(0x030, 0) == 0 else 0
            case 0x060:
                return self.reasons
            case 0x070:
                return self.status
            case _:
                return 0

    def write(self, offset: int, size: int, value: int) -> None:
        match offset:
            case 0x020:
                shift = 32 * self.registers.get(0x024, 0)
                self.accepted = self.accepted & ~(0xFFFFFFFF << shift) | value << shift
            case 0x040 if self.legacy:
                self.queue = DeviceQueue.legacy(value * 4096, self.registers[0x038], event_index=bool(self.accepted & F_EVENT_INDEX))
            case 0x044 if value == 1 and not self.legacy:
                self.queue = DeviceQueue(
                    self.address(0x080), self.address(0x090), self.address(0x0A0), self.registers[0x038],
                    event_index=bool(self.accepted & F_EVENT_INDEX),
                )  # fmt: skip
            case 0x050:
                self.notified()
            case 0x064:
                self.reasons &= ~value
                self.set_level(self.reasons != 0)
            case 0x070 if value == 0:
                self.reset()
            case 0x070:
                self.status = value & ~FEATURES_OK if self.accepted & ~self.offered else value
            case _:
                self.registers[offset] = value

    def address(self, register: int) -> int:
        return self.registers[register + 4] << 32 | self.registers[register]

    def notified(self) -> None:
        assert self.queue is not None, "a queue that was never enabled"
        for request in self.queue.look():
            written = self.model.handle(request)
            if written is not None:
                self.finish(request.head, written)

    def finish(self, head: int, written: int) -> None:
        """Give a request back and interrupt if the driver wants it."""
        assert self.queue is not None
        if self.queue.put(head, written):
            self.interrupt(1)

    def interrupt(self, reasons: int) -> None:
        self.reasons |= reasons
        self.set_level(True)


class Disk(Model):
    """A virtio-blk device over bytes."""

    device_type = 2
    READ, WRITE, FLUSH = 0, 1, 4
    OK, ERROR, UNSUPPORTED = b"\0", b"\1", b"\2"
    F_READ_ONLY, F_FLUSH = 1 << 5, 1 << 9

    def __init__(self, data: bytearray, *, read_only: bool = False) -> None:
        self.data = data
        self.features = Model.features | self.F_FLUSH | (self.F_READ_ONLY if read_only else 0)
        self.flushes = 0
        self.broken = range(0)
        """Sectors that cannot be read or written."""

    def config(self) -> bytes:
        return struct.pack("<Q", len(self.data) // SECTOR)

    def handle(self, request: Request) -> int | None:
        given = request.read()
        kind, _reserved, sector = struct.unpack("<IIQ", given[:16])
        start = sector * SECTOR
        count = max(request.room - 1, len(given) - 16)
        if start + count > len(self.data) or set(range(sector, sector + -(-count // SECTOR))) & set(self.broken):
            return request.write(bytes(request.room - 1) + self.ERROR)
        if kind == self.READ:
            return request.write(bytes(self.data[start : start + request.room - 1]) + self.OK)
        if kind == self.WRITE:
            self.data[start : start + count] = given[16:]
        elif kind == self.FLUSH:
            self.flushes += 1
        else:
            return request.write(self.UNSUPPORTED)
        return request.write(self.OK)
