"""virtio disks that break the rules: they are refused at the start or taken offline, whoever waits gets EIO, and the kernel goes on."""

import random
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.virtio.blk import VirtioDisk
from scarlet.kernel.memory import frames
from scarlet.lang.errno import EIO, ENODEV
from scarlet.machine.hosted.devices.disk import Disk
from scarlet.machine.hosted.devices.virtio import VirtioMmio
from scarlet.machine.hosted.devices.virtqueue import Request
from tests.drivers.virtiobench import Bench, refused

FAILED = 128
NEEDS_RESET = 64


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


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
        assert refused(lambda: disk.read(0, 512)) == EIO
        assert not driver.online
        assert refused(lambda: disk.read(0, 512)) == EIO
        assert refused(disk.flush) == EIO

    bench.go(body)
    assert model.device.status == FAILED, "after a reset"
    assert frames.free_frames() >= free


def test_a_device_that_asks_for_a_reset(bench: Bench) -> None:
    class Sick(Disk):
        def handle(self, request: Request) -> int | None:
            self.device.status |= NEEDS_RESET
            self.device.interrupt(2)
            return None

    bench.plug(Sick(bench.bytes))
    driver = bench.driver()
    disk = VirtioDisk(driver)
    refusals: list[int] = []
    bench.go(lambda: refusals.append(refused(lambda: disk.read(0, 512))))
    assert refusals == [EIO]
    assert not driver.online


def test_a_device_that_refuses_the_features(bench: Bench) -> None:
    device = bench.plug(Disk(bench.bytes))
    device.write = lambda offset, size, value: (  # type: ignore[method-assign]
        VirtioMmio.write(device, offset, size, value & ~8 if offset == 0x70 else value)
    )
    assert refused(bench.driver) == ENODEV
    assert device.status == FAILED


@pytest.mark.parametrize("size", [0, 1, 2], ids=["none", "one", "two"])
def test_a_device_whose_queue_takes_no_request(bench: Bench, size: int) -> None:
    model = Disk(bench.bytes)
    model.features &= ~(1 << 28)
    model.queue_size = size
    bench.plug(model)
    assert refused(bench.driver) == ENODEV


def test_a_device_that_does_not_reset(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.virtio.mmio.RESET_LOOKS", 10)
    device = bench.plug(Disk(bench.bytes))
    device.status = 1
    device.reset = lambda: None  # type: ignore[method-assign]
    assert refused(bench.driver) == ENODEV


def test_a_device_that_never_stops_interrupting(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scarlet.kernel.irq.STORM", 100)
    model = Disk(bench.bytes)
    device = bench.plug(model)
    driver = bench.driver()
    disk = VirtioDisk(driver)
    level = device.set_level
    device.set_level = lambda _level: level(True)

    def body() -> None:
        disk.read(0, 512)  # which ends before the storm is noticed
        assert not driver.online
        assert refused(lambda: disk.read(0, 512)) == EIO

    bench.go(body)


class Noise:
    """A transport that now and then answers with something else, all through the device's life."""

    def __init__(self, device: VirtioMmio, seed: int, period: int) -> None:
        self.device = device
        self.random = random.Random(seed)
        self.period = period
        self.plain_read = device.read
        device.read = self.read  # type: ignore[method-assign]

    def read(self, offset: int, size: int) -> int:
        value = self.plain_read(offset, size)
        if offset in (0x000, 0x004, 0x008) or self.random.randrange(self.period):
            return value
        return self.random.getrandbits(8 * size) if self.random.randrange(2) else value ^ 1 << self.random.randrange(8 * size)


class Fuzzed(Disk):
    """Finishes requests by chance: with a wrong head, length or status, twice, or not at all but later."""

    def __init__(self, data: bytearray, seed: int) -> None:
        super().__init__(data)
        self.random = random.Random(seed)

    def handle(self, request: Request) -> int | None:
        written = super().handle(request)
        match self.random.randrange(12):
            case 0:
                self.device.finish(Request(self.random.getrandbits(self.random.choice([1, 3, 16, 32])), ()), 1)
                return None
            case 1:
                return self.random.getrandbits(32)
            case 2:
                request.write(self.random.randbytes(request.room))
                return written
            case 3:
                self.device.finish(request, written or 0)
                return written
            case 4:
                self.device.configuration_changed()
                return written
            case _:
                return written


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([3, 10, 50, 1 << 30]))
def test_whatever_a_device_answers_every_call_ends(seed: int, period: int) -> None:
    bench = Bench()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("drivers.virtio.mmio.RESET_LOOKS", 10)
            patch.setattr("scarlet.kernel.irq.STORM", 100)
            model = Fuzzed(bench.bytes, seed)
            model.device = bench.plug(model)
            Noise(model.device, seed, period)
            drivers: list[VirtioDisk] = []
            if refused(lambda: drivers.append(VirtioDisk(bench.driver()))) != 0:
                return

            def body() -> None:
                for turn in range(8):
                    refused(partial(drivers[0].read, 512 * turn, 512))
                    refused(partial(drivers[0].write, 512 * turn, bytes(512)))
                refused(drivers[0].flush)

            bench.go(body, body)
    finally:
        bench.close()
