"""The interrupt controller's driver over its twin."""

import pytest

from drivers.plic import Plic
from scarlet.kernel import irq
from scarlet.machine import cpu
from scarlet.machine.frame import Cause
from scarlet.machine.hosted.layout import PLIC_BASE
from scarlet.machine.hosted.world import World


@pytest.fixture
def plic(machine: World) -> Plic:
    return Plic(PLIC_BASE, 1)


def test_nothing_interrupts_at_first(machine: World, plic: Plic) -> None:
    machine.plic.set_level(3, True)
    assert cpu.pending_interrupt() == 0
    assert plic.claim() == 0


def test_enabled_source_interrupts_until_claimed(machine: World, plic: Plic) -> None:
    plic.enable(3)
    machine.plic.set_level(3, True)
    assert cpu.pending_interrupt() == Cause.EXTERNAL_INTERRUPT
    assert plic.claim() == 3
    assert cpu.pending_interrupt() == 0


def test_source_that_still_asks_is_pending_again_after_completion(machine: World, plic: Plic) -> None:
    plic.enable(3)
    machine.plic.set_level(3, True)
    plic.claim()
    plic.complete(3)
    assert plic.claim() == 3
    machine.plic.set_level(3, False)
    plic.complete(3)
    assert plic.claim() == 0


def test_lowest_number_first(machine: World, plic: Plic) -> None:
    for source in (40, 7, 33):
        plic.enable(source)
        machine.plic.set_level(source, True)
    assert [plic.claim() for _ in range(4)] == [7, 33, 40, 0]


def test_disabled_source_is_silent(machine: World, plic: Plic) -> None:
    plic.enable(33)
    plic.disable(33)
    machine.plic.set_level(33, True)
    assert plic.claim() == 0


@pytest.mark.parametrize("number", [0, -1, 1024])
def test_source_that_cannot_be(plic: Plic, number: int) -> None:
    with pytest.raises(ValueError, match="no such source"):
        plic.enable(number)


class Counter(irq.InterruptHandler):
    def __init__(self, machine: World) -> None:
        self.machine = machine
        self.calls: list[int] = []

    def interrupt(self, irq: int) -> None:
        self.calls.append(irq)
        self.machine.plic.set_level(irq, False)


def test_dispatch_serves_every_line_that_asks(machine: World, plic: Plic) -> None:
    handler = Counter(machine)
    irq.register(5, handler)
    irq.install(plic)
    irq.register(6, handler)
    machine.plic.set_level(6, True)
    machine.plic.set_level(5, True)
    irq.dispatch()
    assert handler.calls == [5, 6]
    assert cpu.pending_interrupt() == 0
