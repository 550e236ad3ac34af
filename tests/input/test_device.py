"""Input devices: what is an event and what is none, packets, grabs, repetition."""

from collections.abc import Iterator

import pytest

from objects.input import InputDevice, InputHandler
from objects.inputcodes import CodeSet, EventType
from objects.inputevent import Axis, InputEvent
from objects.keycodes import Key
from scarlet.kernel import scheduler
from scarlet.lang.errno import Errno
from scarlet.machine.hosted import world

Packet = list[tuple[int, int, int]]


class Listener(InputHandler):
    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.gone = False

    def packet(self, device: InputDevice, events: list[InputEvent], when_ns: int) -> None:
        self.packets.append([(event.type, event.code, event.value) for event in events])

    def device_gone(self, device: InputDevice) -> None:
        self.gone = True


SYNC = (0, 0, 0)


@pytest.fixture
def device() -> Iterator[InputDevice]:
    before = world.install(world.World(8 << 20))
    scheduler._harts.clear()
    scheduler.prepare()  # a key that repeats sets a timer
    device = InputDevice(b"everything")
    device.can(EventType.KEY, b"\xff" * 96)
    device.can(EventType.REL, b"\x03")
    device.can(EventType.ABS, b"\x03")
    device.axes = {0: Axis(0, 100), 1: Axis(0, 100, fuzz=8)}
    yield device
    world.install(before)


@pytest.fixture
def listener(device: InputDevice) -> Listener:
    listener = Listener()
    device.add_handler(listener)
    return listener


def report(device: InputDevice, *events: tuple[int, int, int]) -> None:
    for event in [*events, SYNC]:
        device.report(*event)


def test_a_packet_is_handed_on_whole(device: InputDevice, listener: Listener) -> None:
    device.report(EventType.REL, 0, 5)
    assert listener.packets == []
    report(device, (EventType.REL, 1, -3))
    assert listener.packets == [[(2, 0, 5), (2, 1, -3), SYNC]]


def test_what_changes_nothing_is_no_event(device: InputDevice, listener: Listener) -> None:
    report(device, (EventType.KEY, Key.A, 1))
    report(device, (EventType.KEY, Key.A, 1), (EventType.REL, 0, 0), (EventType.ABS, 0, 0), (EventType.KEY, 0x2FF + 1, 1), (99, 0, 1))
    report(device, (EventType.KEY, Key.A, 0), (EventType.LED, 0, 1))
    assert listener.packets == [[(1, Key.A, 1), SYNC], [(1, Key.A, 0), SYNC]]


def test_an_axis_that_trembles_stands_still(device: InputDevice, listener: Listener) -> None:
    report(device, (EventType.ABS, 1, 50))
    report(device, (EventType.ABS, 1, 53), (EventType.ABS, 0, 1))
    report(device, (EventType.ABS, 1, 54))
    assert listener.packets == [[(3, 1, 50), SYNC], [(3, 0, 1), SYNC], [(3, 1, 54), SYNC]]


def test_a_device_that_never_ends_its_packet_is_cut_short(device: InputDevice, listener: Listener) -> None:
    for number in range(600):
        device.report(EventType.REL, 0, number + 1)
    assert [len(packet) for packet in listener.packets] == [256, 256]


def test_who_grabs_has_it_alone(device: InputDevice, listener: Listener) -> None:
    other = Listener()
    device.add_handler(other)
    device.grab(other)
    report(device, (EventType.REL, 0, 1))
    with pytest.raises(Errno):
        device.grab(listener)
    with pytest.raises(Errno):
        device.release(listener)
    device.remove_handler(other)
    report(device, (EventType.REL, 0, 2))
    assert (other.packets, listener.packets) == ([[(2, 0, 1), SYNC]], [[(2, 0, 2), SYNC]])


def test_a_handler_that_is_dropped_gets_nothing(device: InputDevice) -> None:
    listener = Listener()
    device.add_handler(listener)
    device.grab(listener)
    del listener
    assert device.handlers() == [] and device.grabbed_by() is None
    report(device, (EventType.REL, 0, 1))


def test_a_held_key_repeats(device: InputDevice, listener: Listener) -> None:
    device.can(EventType.REP, b"\x03")
    report(device, (EventType.KEY, Key.A, 1))
    repeater = device._repeater
    assert repeater is not None and repeater.armed
    device.repeat()
    assert listener.packets[1:] == [[(1, Key.A, 2), (0, 0, 1)]]
    report(device, (EventType.KEY, Key.A, 0))
    assert not repeater.armed
    device.repeat()
    assert len(listener.packets) == 3


def test_repetition_can_be_slower_or_off(device: InputDevice) -> None:
    device.can(EventType.REP, b"\x03")
    device.inject(EventType.REP, 0, 700)
    device.inject(EventType.REP, 1, 0)
    assert (device.delay_ms, device.period_ms) == (700, 0)
    report(device, (EventType.KEY, Key.A, 1))
    assert device._repeater is None


def test_keys_of_a_device_that_goes_come_up(device: InputDevice, listener: Listener) -> None:
    report(device, (EventType.KEY, Key.A, 1))
    device.remove()
    assert listener.packets[-1] == [(1, Key.A, 0), SYNC] and listener.gone


def test_the_text_of_a_set_of_codes() -> None:
    codes = CodeSet(0x300)
    assert codes.text() == b"0"
    codes.put(1, True)
    codes.put(64 + 33, True)
    assert codes.text() == b"200000000 2"
    codes.fill(b"\0" * 8 + b"\x10")
    assert codes.text() == b"10 0" and codes.codes() == [68]
