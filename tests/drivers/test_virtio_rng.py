"""The entropy device: its bytes reach the kernel's generator, at the start and again when time has passed."""

from collections.abc import Iterator

import pytest

from drivers.virtio.mmio import MmioTransport
from drivers.virtio.rng import WANTED, HostEntropy, VirtioRng
from objects import random
from scarlet.kernel import irq
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.entropy import Entropy
from scarlet.machine.hosted.devices.virtqueue import Request
from tests.drivers.virtiobench import BASE, IRQ, Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench()
    monkeypatch.setattr(random._refreshing, "sources", [])
    yield bench
    random._refreshing.sources.clear()
    bench.close()


@pytest.fixture
def mixed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What reached the generator."""
    seen: list[bytes] = []
    monkeypatch.setattr(random, "mix", seen.append)
    return seen


def plugged(bench: Bench, model: Entropy) -> VirtioRng:
    bench.plug(model)
    driver = VirtioRng(MmioTransport(BASE), "virtio-rng")
    irq.register(IRQ, driver)
    random.add_source(HostEntropy(driver))
    return driver


def test_fresh_bytes_at_the_start_and_after_a_minute_if_somebody_wants_some(bench: Bench, mixed: list[bytes]) -> None:
    model = Entropy(1)
    plugged(bench, model)
    irq.dispatch()
    assert mixed == [model.given]
    assert len(model.given) == WANTED
    random.random_bytes(8)
    irq.dispatch()
    assert len(mixed) == 1, "it is not a minute yet"
    world.current.clock.skipped += 61 * 10_000_000
    irq.dispatch()
    assert len(mixed) == 1, "nobody wanted any"
    random.random_bytes(8)
    irq.dispatch()
    assert b"".join(mixed) == model.given
    assert len(mixed) == 2


class Slow(Entropy):
    """Keeps every request."""

    def handle(self, request: Request) -> int | None:
        self.given += b"x"
        return None


def test_a_slow_device_is_not_asked_twice(bench: Bench, mixed: list[bytes]) -> None:
    model = Slow(1)
    driver = plugged(bench, model)
    driver.ask()
    driver.ask()
    assert model.given == b"x"


@pytest.mark.parametrize("written", [0, WANTED + 1, 1 << 31])
def test_a_device_that_lies_is_taken_offline(bench: Bench, mixed: list[bytes], written: int) -> None:
    class Liar(Entropy):
        def handle(self, request: Request) -> int | None:
            return written

    driver = plugged(bench, Liar(1))
    irq.dispatch()
    assert not driver.online
    assert mixed == []
    driver.ask()
