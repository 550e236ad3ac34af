"""virtio devices: what a device is and does is its Model, one module a model; how it is reached is a Front: here the memory-mapped one,
version 2 or legacy, in pci.py the one of a PCI function.

Source: VIRTIO 1.2, 4.2.2 "MMIO Device Register Layout", 4.2.4 "Legacy interface".
"""

from collections.abc import Callable

from scarlet.machine.hosted.devices.virtqueue import DeviceQueue, Request

F_INDIRECT = 1 << 28
F_EVENT_INDEX = 1 << 29
F_VERSION_1 = 1 << 32
FEATURES_OK = 8
USED_BUFFER = 1
CONFIGURATION_CHANGED = 2
PER_QUEUE = (0x038, 0x03C, 0x080, 0x084, 0x090, 0x094, 0x0A0, 0x0A4)
"""Registers of which each queue has its own."""


class Model:
    """What a device is, behind whatever transport: override `handle`, and what else it has.

    A request for which `handle` gives None is held by the model until it calls `device.finish(request, written)`: so do those that wait for
    something to happen, as the events of a keyboard.
    """

    device_type = 0
    features = F_INDIRECT | F_EVENT_INDEX
    queues = 1
    queue_size = 8
    """Descriptors in each queue."""
    device: "Front"
    """The transport it is plugged into."""

    def config(self) -> bytes:
        """The device's own configuration."""
        return b""

    def write_config(self, offset: int, data: bytes) -> None:
        """The driver writes to it."""

    def handle(self, request: Request) -> int | None:
        """Do what a request of the queue `request.queue` asks for; the bytes written, None when it is not done yet."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget the requests that are held: their memory is the driver's again."""

    def poll(self) -> None:
        """Called whenever the hart looks for interrupts: take in what has come from the host."""


class Front:
    """What every transport has of its device: features, status, queues and the reasons of its interrupt. `set_level` is its line."""

    def __init__(self, model: Model, set_level: Callable[[bool], None], *, legacy: bool = False) -> None:
        self.model = model
        self.legacy = legacy
        self.set_level = set_level
        self.generation = 0
        model.device = self
        self.reset()

    def reset(self) -> None:
        self.registers: dict[int, int] = {}
        self.queue_registers: dict[tuple[int, int], int] = {}
        self.queues: dict[int, DeviceQueue] = {}
        self.accepted = 0
        self.status = 0
        self.reasons = 0
        self.set_level(False)
        self.model.reset()

    @property
    def offered(self) -> int:
        return self.model.features | (0 if self.legacy else F_VERSION_1)

    @property
    def event_index(self) -> bool:
        return bool(self.accepted & F_EVENT_INDEX)

    def accept(self, half: int, value: int) -> None:
        """The driver names the low (0) or the high (1) half of the features that it will use."""
        self.accepted = self.accepted & ~(0xFFFFFFFF << 32 * half) | value << 32 * half

    def set_status(self, value: int) -> None:
        if value == 0:
            self.reset()
        else:
            self.status = value & ~FEATURES_OK if self.accepted & ~self.offered else value

    def enable(self, number: int, queue: DeviceQueue | None) -> None:
        assert number < self.model.queues, "a queue that the device has not got"
        if queue is None:
            self.queues.pop(number, None)
        else:
            self.queues[number] = queue

    def notified(self, number: int) -> None:
        """The driver rings: there may be requests in a queue."""
        assert number in self.queues, "a queue that was never enabled"
        for request in self.queues[number].look(number):
            written = self.model.handle(request)
            if written is not None:
                self.finish(request, written)

    def finish(self, request: Request, written: int) -> None:
        """Give a request back, so many bytes of it written, and interrupt if the driver wants it."""
        queue = self.queues.get(request.queue)
        if queue is not None and queue.put(request.head, written):
            self.interrupt(USED_BUFFER)

    def interrupt(self, reasons: int) -> None:
        self.reasons |= reasons
        self.set_level(True)

    def configuration_changed(self) -> None:
        """The model's config() is not what it was: tell the driver."""
        self.generation = (self.generation + 1) & 0xFFFFFFFF
        self.interrupt(CONFIGURATION_CHANGED)


class VirtioMmio(Front):
    """The registers of one device on the bus."""

    @property
    def selected(self) -> int:
        """The queue that the registers speak of."""
        return self.registers.get(0x030, 0)

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
                return self.model.queue_size if self.selected < self.model.queues else 0
            case 0x044:
                return int(self.selected in self.queues)
            case 0x060:
                return self.reasons
            case 0x070:
                return self.status
            case 0x0FC:
                return self.generation
            case _:
                return 0

    def write(self, offset: int, size: int, value: int) -> None:
        if offset >= 0x100:
            self.model.write_config(offset - 0x100, value.to_bytes(size, "little"))
            return
        match offset:
            case 0x020:
                self.accept(self.registers.get(0x024, 0), value)
            case 0x040 if self.legacy:
                self.enable(self.selected, self._legacy(value * 4096) if value else None)
            case 0x044 if not self.legacy:
                self.enable(self.selected, self._laid_out() if value == 1 else None)
            case 0x050:
                self.notified(value)
            case 0x064:
                self.reasons &= ~value
                self.set_level(self.reasons != 0)
            case 0x070:
                self.set_status(value)
            case _ if offset in PER_QUEUE:
                self.queue_registers[self.selected, offset] = value
            case _:
                self.registers[offset] = value

    def _own(self, register: int) -> int:
        return self.queue_registers[self.selected, register]

    def _legacy(self, base: int) -> DeviceQueue:
        return DeviceQueue.legacy(base, self._own(0x038), event_index=self.event_index)

    def _laid_out(self) -> DeviceQueue:
        """The selected queue, where the registers say that it lies."""
        descriptors, available, used = (self._own(register + 4) << 32 | self._own(register) for register in (0x080, 0x090, 0x0A0))
        return DeviceQueue(descriptors, available, used, self._own(0x038), event_index=self.event_index)
