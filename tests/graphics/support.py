"""A machine with a screen for unit tests: the driver over the hosted machine's device, and threads that run the bodies of tests."""

from collections.abc import Callable
from io import BytesIO

from drivers.plic import Plic
from drivers.virtio.gpu_screen import GpuDriver, VirtioScreen
from drivers.virtio.mmio import MmioTransport
from objects.framepacing import FRAME_NS
from scarlet.kernel import clock, irq, timer
from scarlet.kernel.memory import frames
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.gpu import Gpu
from scarlet.machine.hosted.devices.virtio import VirtioMmio
from scarlet.machine.hosted.layout import PLIC_BASE, RAM_BASE
from tests.kernel.threads import Run

BASE = 0x1000_1000
IRQ = 1


class Bench:
    """One machine with one GPU."""

    def __init__(self, model: Gpu | None = None, *, memory: int = 8 << 20, legacy: bool = False) -> None:
        self.run = Run()
        frames.init([MemoryRange(RAM_BASE, memory)], [])
        irq.install(Plic(PLIC_BASE, 1))
        self.model = model if model is not None else Gpu(320, 200)
        here = world.current
        self.device = VirtioMmio(self.model, lambda level: here.plic.set_level(IRQ, level), legacy=legacy)
        here.bus.add(BASE, 0x200, self.device)

    def close(self) -> None:
        self.run.close()

    @property
    def log(self) -> str:
        """What the kernel logged."""
        stream = world.current.log
        assert isinstance(stream, BytesIO)
        return stream.getvalue().decode()

    def driver(self) -> GpuDriver:
        driver = GpuDriver(MmioTransport(BASE), "gpu0")
        irq.register(IRQ, driver)
        return driver

    def screen(self) -> VirtioScreen:
        """A screen that has found its size."""
        driver = self.driver()
        self.serve()
        assert driver.screen.memory is not None
        return driver.screen

    def serve(self) -> None:
        """Serve what interrupts now, and what follows from it."""
        while world.current.plic.interrupting():
            irq.dispatch()

    def pass_time(self, duration_ns: int = FRAME_NS) -> None:
        """Let time go by: timers expire, interrupts are served."""
        end = clock.monotonic_ns() + duration_ns
        self.serve()
        while timer.next_deadline_ns() <= end:
            _skip_to(timer.next_deadline_ns())
            timer.run_expired()
            self.serve()
        _skip_to(end)

    def go(self, *bodies: Callable[[], None]) -> None:
        """Run bodies as threads until all have ended."""
        for body in bodies:
            self.run.thread(body)
        self.run.go()


def _skip_to(time_ns: int) -> None:
    here = world.current.clock
    here.skipped += max(0, clock.ns_to_ticks(time_ns) - here.now())


def sleep(duration_ns: int = 2 * FRAME_NS) -> None:
    """In a thread: let others and the machine work for a while."""
    WaitQueue().wait(clock.monotonic_ns() + duration_ns, interruptible=False)
