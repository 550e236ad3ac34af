"""The virtio-blk driver on the hosted machine's device: transports, many callers at once, errors, and devices that break the rules."""

from collections.abc import Callable, Iterator

import pytest

from drivers.plic import Plic
from drivers.virtio.blk import DEVICE_TYPE, VirtioBlock, VirtioDisk
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
    """A machine with one disk; the body of a test runs in its threads."""

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

    def go(self, *bodies: Callable[[], None]) -> None:
        for body in bodies:
            self.run.thread(body)
        self.run.go()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    irq._handlers.clear()
    bench.run.close()


@pytest.mark.parametrize("legacy", [False, True], ids=["version 2", "legacy"])
def test_what_is_written_is_read_back(bench: Bench, legacy: bool) -> None:
    model = Disk(bench.bytes)
    bench.plug(model, legacy=legacy)
    assert MmioTransport(BASE).device_type() == DEVICE_TYPE
    disk = VirtioDisk(bench.driver())
    large = bytes(range(256)) * 500

    def body() -> None:
        assert disk.size == len(bench.bytes)
        assert disk.read(512, 1024) == bench.bytes[512:1536]
        disk.write(1024, b"x" * 512)
        disk.write(4096, large)
        assert disk.read(0, 200 * 512) == bench.bytes[: 200 * 512]
        assert disk.read(4096, len(large)) == large
        disk.flush()

    bench.go(body)
    assert bench.bytes[1024:1536] == b"x" * 512
    assert bench.bytes[4096 : 4096 + len(large)] == large
    assert model.flushes == 1


class SlowDisk(Disk):
    """Holds requests back, and finishes them last come first."""

    def __init__(self, data: bytearray, hold: int) -> None:
        super().__init__(data)
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


def test_many_callers_share_a_queue_that_is_too_small(bench: Bench) -> None:
    model = SlowDisk(bench.bytes, 2)
    model.queue_size = 8
    bench.plug(model)
    disk = VirtioDisk(bench.driver())
    free = frames.free_frames()

    def caller(number: int) -> Callable[[], None]:
        def body() -> None:
            for turn in range(5):
                offset = (number * 5 + turn) * 512
                disk.write(offset, bytes([number + 1]) * 512)
                assert disk.read(offset, 512) == bytes([number + 1]) * 512

        return body

    bench.go(*(caller(number) for number in range(10)))
    assert model.most == 2
    for number in range(10):
        assert bench.bytes[number * 2560 : (number + 1) * 2560] == bytes([number + 1]) * 2560
    assert frames.free_frames() == free


def refused(action: Callable[[], object]) -> str:
    try:
        action()
    except Errno as error:
        return str(error.code)
    return "ok"


def test_a_bad_sector_is_eio_to_the_caller_and_nothing_else(bench: Bench) -> None:
    model = Disk(bench.bytes)
    model.broken = range(5, 6)
    bench.plug(model)
    disk = VirtioDisk(bench.driver())

    def body() -> None:
        assert refused(lambda: disk.read(5 * 512, 512)) == "5"
        assert refused(lambda: disk.write(4 * 512, bytes(1024))) == "5"
        assert disk.read(6 * 512, 512) == bench.bytes[6 * 512 : 7 * 512]

    bench.go(body)


def test_a_read_only_disk(bench: Bench) -> None:
    bench.plug(Disk(bench.bytes, read_only=True))
    disk = VirtioDisk(bench.driver())
    assert refused(lambda: disk.write(0, bytes(512))) == "30"
    bench.go(lambda: disk.flush())


class Liar(Disk):
    """Answers with nonsense."""

    def __init__(self, data: bytearray, head: int, written: int) -> None:
        super().__init__(data)
        self.lie = (head, written)

    def handle(self, request: Request) -> int | None:
        self.device.finish(Request(self.lie[0], ()), self.lie[1])
        return None


@pytest.mark.parametrize("lie", [(5, 1), (0xFFFF, 1), (0, 1 << 30), (0, 1)], ids=["head", "index", "length", "no status"])
def test_a_device_that_lies_is_taken_offline(bench: Bench, lie: tuple[int, int]) -> None:
    model = Liar(bench.bytes, *lie)
    bench.plug(model)
    driver = bench.driver()
    disk = VirtioDisk(driver)
    free = frames.free_frames()

    def body() -> None:
        assert refused(lambda: disk.read(0, 512)) == "5"
        assert not driver.online
        assert refused(lambda: disk.read(0, 512)) == "5"

    bench.go(body)
    assert model.device.status == 128, "FAILED, after a reset"
    assert frames.free_frames() == free


def test_a_device_that_refuses_the_features(bench: Bench) -> None:
    device = bench.plug(Disk(bench.bytes))
    device.write = lambda offset, size, value: (  # type: ignore[method-assign]
        VirtioMmio.write(device, offset, size, value & ~8 if offset == 0x70 else value)
    )
    assert refused(bench.driver) == "19"
    assert device.status == 128


def test_a_device_without_a_queue(bench: Bench) -> None:
    model = Disk(bench.bytes)
    model.queue_size = 0
    bench.plug(model)
    assert refused(bench.driver) == "19"


def test_an_empty_place(bench: Bench) -> None:
    bench.plug(Model())
    assert MmioTransport(BASE).device_type() == 0
