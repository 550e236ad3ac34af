"""The virtio-input driver on the hosted machine's devices: what a device says about itself, events, lights, lies."""

import dataclasses
from collections.abc import Iterator

import pytest

from drivers.plic import Plic
from drivers.virtio.input import VirtioInput
from drivers.virtio.mmio import MmioTransport
from objects.input import InputDevice, InputHandler
from objects.inputcodes import EventType
from objects.inputevent import InputEvent
from objects.keycodes import Key
from scarlet.kernel import irq
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices import input as models
from scarlet.machine.hosted.devices.virtio import VirtioMmio
from scarlet.machine.hosted.layout import PLIC_BASE, RAM_BASE

BASE = 0x1000_1000
IRQ = 1


class Log(InputHandler):
    def __init__(self) -> None:
        self.events: list[tuple[int, int, int]] = []
        self.packets = 0

    def packet(self, device: InputDevice, events: list[InputEvent], when_ns: int) -> None:
        self.packets += 1
        self.events += [(event.type, event.code, event.value) for event in events if event.type != EventType.SYN]


class Bench:
    """A machine with one input device."""

    def __init__(self) -> None:
        self.world = world.World(8 << 20)
        self.before = world.install(self.world)
        frames.init([MemoryRange(RAM_BASE, 8 << 20)], [])
        irq.install(Plic(PLIC_BASE, 1))
        self.log = Log()

    def plug(self, model: models.Input, *, legacy: bool = False) -> VirtioInput:
        VirtioMmio(model, lambda level: self.world.plic.set_level(IRQ, level), legacy=legacy)
        self.world.bus.add(BASE, 0x200, model.device)
        driver = VirtioInput(MmioTransport(BASE), "virtio-input0")
        irq.register(IRQ, driver)
        driver.device.add_handler(self.log)
        return driver


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    irq._lines.clear()
    world.install(bench.before)


@pytest.mark.parametrize("legacy", [False, True], ids=["version 2", "legacy"])
def test_keys_become_events(bench: Bench, legacy: bool) -> None:
    model = models.keyboard()
    driver = bench.plug(model, legacy=legacy)
    model.press(Key.LEFT_SHIFT, Key.A)
    irq.dispatch()
    assert bench.log.events == [(1, Key.LEFT_SHIFT, 1), (1, Key.A, 1), (1, Key.A, 0), (1, Key.LEFT_SHIFT, 0)]
    assert driver.device.is_keyboard


def test_a_device_says_what_it_is(bench: Bench) -> None:
    device = bench.plug(models.tablet()).device
    assert (device.name, device.serial, device.location) == (b"Scarlet tablet", b"T-1", b"virtio-input0/input0")
    assert (device.identity.bus, device.identity.vendor) == (6, 0x5CA2)
    assert device.properties.codes() == [1]
    assert device.types.codes() == [EventType.SYN, EventType.KEY, EventType.REL, EventType.ABS]
    assert device.codes[EventType.KEY].codes() == [0x110, 0x111, 0x112]
    assert (device.axes[1].minimum, device.axes[1].maximum) == (0, 0x7FFF)
    assert not device.is_keyboard


def test_many_events_in_one_interrupt_and_the_buffers_go_round(bench: Bench) -> None:
    model = models.tablet()
    bench.plug(model)
    for turn in range(20):
        for step in range(10):
            model.happen((EventType.ABS, 0, 1 + turn * 10 + step), (EventType.ABS, 1, 5000 + turn * 10 + step))
        irq.dispatch()
    assert model.lost == 0
    assert [value for _type, code, value in bench.log.events if code == 0] == list(range(1, 201))
    assert bench.log.packets == 200


def test_negative_values_stay_negative(bench: Bench) -> None:
    model = models.tablet()
    bench.plug(model)
    model.happen((EventType.REL, 8, -2))
    irq.dispatch()
    assert bench.log.events == [(2, 8, -2)]


def test_lights_reach_the_device_the_last_value_winning(bench: Bench) -> None:
    model = models.keyboard()
    model.queue_size = 4
    driver = bench.plug(model)
    for turn in range(9):
        driver.device.inject(EventType.LED, 1, (turn + 1) % 2)
        driver.device.inject(EventType.LED, 2, (turn + 1) % 2)
    irq.dispatch()
    assert model.lights == {1: 1, 2: 1}
    driver.device.inject(EventType.LED, 1, 0)
    assert model.lights == {1: 0, 2: 1}


def test_lights_wait_while_all_buffers_are_on_their_way(bench: Bench) -> None:
    class Slow(models.Input):
        held: list[object] = []

        def handle(self, request: models.Request) -> int | None:
            if request.queue == models.STATUS:
                super().handle(request)
                self.held.append(request)
                return None
            return super().handle(request)

    model = Slow(b"slow", models.keyboard().answers)
    model.queue_size = 2
    driver = bench.plug(model)
    driver.device.inject(EventType.LED, 0, 1)
    driver.device.inject(EventType.LED, 1, 1)
    driver.device.inject(EventType.LED, 1, 0)
    driver.device.inject(EventType.LED, 2, 1)
    assert model.lights == {0: 1}
    while model.held:
        model.device.finish(model.held.pop(), 0)  # type: ignore[arg-type]
        irq.dispatch()
    assert model.lights == {0: 1, 1: 0, 2: 1}


@pytest.mark.parametrize("written", [0, 4, 9], ids=["nothing", "half an event", "more than there is room for"])
def test_a_device_that_writes_nonsense_goes_offline(bench: Bench, written: int) -> None:
    model = models.keyboard()
    driver = bench.plug(model)
    model.happen((EventType.KEY, Key.A, 1))
    irq.dispatch()
    request = model.buffers.popleft()
    model.device.finish(request, written)
    irq.dispatch()
    assert not driver.online and driver.device.gone
    assert model.device.status == 128, "FAILED, after a reset"
    assert bench.log.events == [(1, Key.A, 1), (1, Key.A, 0)], "the key that was down came up"
    driver.device.inject(EventType.LED, 1, 1)


def test_a_device_that_gives_back_what_it_has_not_got_goes_offline(bench: Bench) -> None:
    model = models.keyboard()
    driver = bench.plug(model)
    model.device.finish(dataclasses.replace(model.buffers[0], head=999), 8)
    irq.dispatch()
    assert not driver.online


def refused(bench: Bench, model: models.Input) -> int:
    """The errno with which a device is refused."""
    try:
        bench.plug(model)
    except Errno as error:
        return error.code
    return 0


def test_an_answer_that_is_too_long_is_refused(bench: Bench) -> None:
    assert refused(bench, models.Input(b"x" * 200, {})) == 19


def test_a_device_without_a_queue_for_lights_is_refused(bench: Bench) -> None:
    model = models.keyboard()
    model.queues = 1
    assert refused(bench, model) == 19


def test_a_device_that_knows_nothing_is_still_a_device(bench: Bench) -> None:
    device = bench.plug(models.Input(b"", {})).device
    assert device.types.codes() == [EventType.SYN] and device.name == b""
