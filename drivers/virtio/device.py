"""What every virtio driver does alike: bring the device up, make its queues, serve its interrupt, take it offline when it breaks the
rules.

    reset -> ACKNOWLEDGE -> DRIVER -> features -> FEATURES_OK -> queues -> DRIVER_OK

A driver derives from VirtioDevice, calls start(), and overrides served() and lost().

Source: VIRTIO 1.2, 3.1 "Device Initialization".
"""

from typing import Final, NoReturn

from drivers.virtio.queue import DeviceError
from drivers.virtio.ring import LEGACY_ALIGN, total_size
from drivers.virtio.transport import CONFIGURATION_CHANGED, F_EVENT_INDEX, F_INDIRECT, F_VERSION_1, DeviceStatus, Transport
from scarlet.kernel import log
from scarlet.kernel.irq import InterruptHandler
from scarlet.kernel.memory import frames
from scarlet.lang import u64
from scarlet.lang.errno import EIO, ENODEV, Errno
from scarlet.machine import physmem

CONFIG_ATTEMPTS: Final = 100


class QueueMemory:
    """The memory of one queue, zeroed; freed with the object."""

    def __init__(self, size: int) -> None:
        pages = (total_size(size) + LEGACY_ALIGN - 1) // LEGACY_ALIGN
        order = 0
        while 1 << order < pages:
            order += 1
        self.base_pa = frames.allocate_critical(order)
        physmem.zero(self.base_pa, LEGACY_ALIGN << order)

    def __del__(self) -> None:
        frames.unref(self.base_pa)


class VirtioDevice(InterruptHandler):
    """One device behind a transport."""

    def __init__(self, transport: Transport, name: str) -> None:
        self.transport = transport
        self.name = name
        self.features = u64(0)
        """What was agreed on."""
        self.online = False
        self._memory: list[QueueMemory] = []

    @property
    def indirect(self) -> bool:
        """May requests bring their own tables?"""
        return self.features & F_INDIRECT != 0

    @property
    def event_index(self) -> bool:
        """Do both sides say precisely when they want to hear of the other?"""
        return self.features & F_EVENT_INDEX != 0

    def start(self, wanted: u64) -> None:
        """Reset the device and agree on features: those wanted and those of the queues, as far as it has them. ENODEV when it will not."""
        transport = self.transport
        transport.set_status(0)
        if transport.status() != 0:
            raise Errno(ENODEV, f"{self.name}: the device does not reset")
        transport.set_status(DeviceStatus.ACKNOWLEDGE)
        transport.set_status(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER)
        offered = transport.offered()
        known = u64(wanted | F_INDIRECT | F_EVENT_INDEX | (u64(0) if transport.is_legacy() else F_VERSION_1))
        self.features = offered & known
        transport.accept(self.features)
        if transport.is_legacy():
            return
        if self.features & F_VERSION_1 == 0:
            self.give_up("neither legacy nor version 1")
        transport.set_status(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FEATURES_OK)
        if transport.status() & DeviceStatus.FEATURES_OK == 0:
            self.give_up("the device refuses the features")

    def give_up(self, reason: str) -> NoReturn:
        """The device cannot be used: ENODEV."""
        self._fail()
        raise Errno(ENODEV, f"{self.name}: {reason}")

    def queue_size(self, queue: int, wanted: int) -> int:
        """The number of descriptors: as many as wanted, or as the device allows, a power of two. ENODEV when it has no such queue."""
        most = self.transport.max_queue_size(queue)
        if most <= 0:
            self.give_up(f"queue {queue} is missing")
        size = 1
        while size * 2 <= min(most, wanted):
            size *= 2
        return size

    def queue_memory(self, queue: int, size: int) -> int:
        """Give the device memory for a queue; its physical address. MemoryError."""
        memory = QueueMemory(size)
        self._memory.append(memory)
        self.transport.enable_queue(queue, memory.base_pa, size)
        return memory.base_pa

    def ready(self) -> None:
        """The queues are made: the device may work."""
        status = int(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.DRIVER_OK)
        if not self.transport.is_legacy():
            status |= DeviceStatus.FEATURES_OK
        self.transport.set_status(status)
        self.online = True

    def read_config64(self, offset: int) -> int:
        """A number of eight bytes, read whole even while the device changes it."""
        transport = self.transport
        for _attempt in range(CONFIG_ATTEMPTS):
            before = transport.config_generation()
            value = transport.read_config(offset + 4, 4) << 32 | transport.read_config(offset, 4)
            if transport.config_generation() == before:
                return value
        raise DeviceError("the configuration never stays as it is")

    # Interrupts

    def interrupt(self, line: int) -> None:
        reasons = self.transport.interrupt_reasons()
        if reasons == 0 or not self.online:
            return
        self.transport.acknowledge(reasons)
        try:
            if self.transport.status() & DeviceStatus.NEEDS_RESET:
                raise DeviceError("the device asks for a reset")
            if reasons & CONFIGURATION_CHANGED:
                self.configuration_changed()
            self.served()
        except DeviceError as error:
            self.take_offline(str(error))

    def asks(self) -> bool:
        return self.transport.asks()

    def storm(self) -> bool:
        self.transport.silence()
        if self.online:
            self.take_offline("it never stops interrupting")
        return True

    def served(self) -> None:
        """Look into the queues: the device may be done with something. DeviceError when it said nonsense. Must not block."""

    def configuration_changed(self) -> None:
        """The device's configuration is not what it was."""

    def take_offline(self, reason: str) -> None:
        """Have nothing to do with the device any more. Whoever waits for it learns of it in lost()."""
        log.error(f"{self.name}: {reason}; the device is taken offline")
        self._fail()
        self.lost()

    def lost(self) -> None:
        """The device is offline: end every request with an error."""

    def require_online(self) -> None:
        """EIO once the device was taken offline."""
        if not self.online:
            raise Errno(EIO, f"{self.name} is offline")

    def _fail(self) -> None:
        """Reset, so that the device touches no memory of ours any more; then say that the driver gave up."""
        self.online = False
        self.transport.set_status(0)
        if self.transport.status() != 0:
            log.error(f"{self.name}: the device does not reset; the memory of its queues is lost")
            _lost.extend(self._memory)
        self.transport.set_status(DeviceStatus.FAILED)


_lost: Final[list[QueueMemory]] = []
"""What a device may still write to that did not reset."""
