"""A machine with one virtio disk, whose driver is tested by threads of its own."""

from collections.abc import Callable

from drivers.plic import Plic
from drivers.virtio.blk import VirtioBlock, VirtioDisk
from drivers.virtio.mmio import MmioTransport
from scarlet.kernel import irq
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.disk import Disk
from scarlet.machine.hosted.devices.virtio import Model, VirtioMmio
from scarlet.machine.hosted.devices.virtqueue import Request
from scarlet.machine.hosted.layout import PLIC_BASE, RAM_BASE
from tests.kernel.threads import Run

BASE = 0x1000_1000
IRQ = 1


class Bench:
    """The body of a test runs in threads of this machine."""

    def __init__(self) -> None:
        self.run = Run()
        frames.init([MemoryRange(RAM_BASE, 8 << 20)], [])
        irq.install(Plic(PLIC_BASE, 1))
        self.bytes = bytearray(b"%07d\n" % 0 * 64 * 600)

    def plug(self, model: Model, *, legacy: bool = False) -> VirtioMmio:
        here = world.current
        device = VirtioMmio(model, lambda level: here.plic.set_level(IRQ, level), legacy=legacy)
        here.bus.add(BASE, 0x200, device)
        return device

    def driver(self) -> VirtioBlock:
        driver = VirtioBlock(MmioTransport(BASE), "vda")
        irq.register(IRQ, driver)
        return driver

    def disk(self, model: Model, *, legacy: bool = False) -> VirtioDisk:
        self.plug(model, legacy=legacy)
        return VirtioDisk(self.driver())

    def go(self, *bodies: Callable[[], None]) -> None:
        for body in bodies:
            self.run.thread(body)
        self.run.go()

    def close(self) -> None:
        self.run.close()


class SlowDisk(Disk):
    """Holds requests back, and finishes them last come first."""

    def __init__(self, data: bytearray, hold: int, *, seg_max: int = 126) -> None:
        super().__init__(data, seg_max=seg_max)
        self.hold = hold
        self.held: list[tuple[Request, int]] = []
        self.most = 0

    def handle(self, request: Request) -> int | None:
        written = super().handle(request)
        assert written is not None
        self.held.append((request, written))
        self.most = max(self.most, len(self.held))
        if len(self.held) >= self.hold:
            self.release()
        return None

    def release(self) -> None:
        while self.held:
            self.device.finish(*self.held.pop())


def refused(action: Callable[[], object]) -> int:
    """The errno with which something ends, 0 when it does not."""
    try:
        action()
    except Errno as error:
        return error.code
    return 0
