"""Input devices: keyboards, mice, tablets, as streams of events. (kernel documentation "Linux Input Subsystem userspace API")

A driver makes an InputDevice, says what it can do, registers it and reports events; what changes nothing is dropped here, so that everybody
sees a key go down once. Events are gathered until SYN_REPORT and then handed as one packet to every handler (open files, the keyboard of
the terminals), or to the one that has grabbed the device.

Invariants: `report` runs in interrupts and never blocks; handlers are known weakly, they end with their owners.
"""

import weakref
from collections.abc import Callable
from typing import Final

from objects.inputcodes import (
    EVENT_TYPES,
    PRESSED,
    PROPERTIES,
    RELEASED,
    REP_DELAY,
    REP_PERIOD,
    REPEATED,
    SYN_REPORT,
    CodeSet,
    EventType,
    codes_of,
)  # fmt: skip
from objects.inputevent import Axis, InputEvent, InputIdentity
from scarlet.kernel import clock
from scarlet.kernel.timer import Timer
from scarlet.lang.errno import EBUSY, EINVAL, Errno

NS_PER_MS: Final = 1_000_000
DELAY_MS: Final = 250
PERIOD_MS: Final = 33
"""How a held key repeats unless told otherwise."""
MOST_PENDING: Final = 256
"""Events of one packet: a device that never says SYN_REPORT is cut into packets of so many."""


class InputHandler:
    """Who gets the events of devices."""

    def packet(self, device: "InputDevice", events: list[InputEvent], when_ns: int) -> None:
        """A complete packet, SYN_REPORT last; `when_ns` is CLOCK_MONOTONIC. Runs in interrupts: must not block."""

    def device_gone(self, device: "InputDevice") -> None:
        """Nothing will come from it any more."""


class Repeater(Timer):
    """Presses a held key again and again."""

    def __init__(self, device: "InputDevice") -> None:
        super().__init__()
        self._device = weakref.ref(device)

    def expired(self) -> None:
        device = self._device()
        if device is not None:
            device.repeat()


class InputDevice:
    """One device. Derive from it and override `output` when it has lights, or anything else that can be set."""

    def __init__(self, name: bytes, *, location: bytes = b"", serial: bytes = b"") -> None:
        self.name = name
        self.location = location
        self.serial = serial
        self.number = -1
        """Of its /dev/input/event file, once it is registered."""
        self.identity = InputIdentity()
        self.properties = CodeSet(PROPERTIES)
        self.types = CodeSet(EVENT_TYPES)
        self.types.put(EventType.SYN, True)
        self.codes: dict[int, CodeSet] = {}
        """What it can report, by event type."""
        self.state: dict[int, CodeSet] = {}
        """Which keys are down, switches closed, lights and sounds on."""
        self.axes: dict[int, Axis] = {}
        self.delay_ms = DELAY_MS
        self.period_ms = PERIOD_MS
        self.gone = False
        self._pending: list[InputEvent] = []
        self._handlers: list[weakref.ref[InputHandler]] = []
        self._grabbed_by: weakref.ref[InputHandler] | None = None
        self._repeated_key = -1
        self._repeater: Repeater | None = None

    def output(self, event: InputEvent) -> None:
        """Have the device do something: a light, a sound. Must not block."""

    # What it can do: said before it is registered

    def can(self, type: int, bitmap: bytes) -> None:
        """It reports (or, for lights and sounds, takes) events of this type with the codes of a bitmap."""
        if not 0 < type < EVENT_TYPES or codes_of(type) == 0:
            return
        known = CodeSet(codes_of(type))
        known.fill(bitmap)
        self.types.put(type, True)
        self.codes[type] = known
        if type in (EventType.KEY, EventType.SW, EventType.LED, EventType.SND):
            self.state[type] = CodeSet(codes_of(type))

    def supports(self, type: int, code: int) -> bool:
        """Can there be such an event?"""
        known = self.codes.get(type)
        return known is not None and known.has(code)

    def is_on(self, type: int, code: int) -> bool:
        """Is the key down, the light on?"""
        state = self.state.get(type)
        return state is not None and state.has(code)

    @property
    def is_keyboard(self) -> bool:
        """Does it have the keys of a keyboard, rather than a few buttons?"""
        keys = self.codes.get(EventType.KEY)
        return keys is not None and all(keys.has(code) for code in range(1, 32))

    # Handlers

    def add_handler(self, handler: InputHandler) -> None:
        """It gets every packet from now on, as long as it lives."""
        self._handlers = [known for known in self._handlers if known() is not None]
        self._handlers.append(weakref.ref(handler))

    def remove_handler(self, handler: InputHandler) -> None:
        """It gets nothing any more, and holds no grab."""
        self._handlers = [known for known in self._handlers if known() is not None and known() is not handler]
        if self.grabbed_by() is handler:
            self._grabbed_by = None

    def handlers(self) -> list[InputHandler]:
        """Who listens."""
        found: list[InputHandler] = []
        for known in self._handlers:
            handler = known()
            if handler is not None:
                found.append(handler)
        return found

    def grabbed_by(self) -> InputHandler | None:
        """Who alone gets the events, if anybody."""
        return self._grabbed_by() if self._grabbed_by is not None else None

    def grab(self, handler: InputHandler) -> None:
        """Have all events for oneself. EBUSY when another has them already. (EVIOCGRAB)"""
        if self.grabbed_by() is not None:
            raise Errno(EBUSY, "the device is grabbed")
        self._grabbed_by = weakref.ref(handler)

    def release(self, handler: InputHandler) -> None:
        """End the grab. EINVAL when there is none of this handler."""
        if self.grabbed_by() is not handler:
            raise Errno(EINVAL, "the device is not grabbed by this file")
        self._grabbed_by = None

    # Events

    def report(self, type: int, code: int, value: int) -> None:
        """Something happened, says the driver."""
        if self._concerns(type, code, value):
            self._gather(InputEvent(type, code, value))

    def inject(self, type: int, code: int, value: int) -> None:
        """Something is to happen, says a program: lights go on at the device, keys count as if pressed. (write(2) to evdev)"""
        if not self._concerns(type, code, value):
            return
        event = InputEvent(type, code, value)
        if type == EventType.LED or type == EventType.SND:
            self.output(event)
        self._gather(event)

    def _concerns(self, type: int, code: int, value: int) -> bool:
        """Is that possible and new? The state follows."""
        match type:
            case EventType.SYN:
                return code == SYN_REPORT
            case EventType.KEY:
                return self.supports(type, code) and self._key(code, value)
            case EventType.SW | EventType.LED | EventType.SND:
                return self.supports(type, code) and self._switch(type, code, value != 0)
            case EventType.REL:
                return self.supports(type, code) and value != 0
            case EventType.ABS:
                return self.supports(type, code) and self._move(code, value)
            case EventType.MSC:
                return self.supports(type, code)
            case EventType.REP:
                return self.types.has(type) and value >= 0 and self._set_repetition(code, value)
            case _:
                return False

    def _key(self, code: int, value: int) -> bool:
        if value == REPEATED:
            return True
        if not self._switch(EventType.KEY, code, value != RELEASED):
            return False
        if value == RELEASED:
            self._stop_repeating()
        else:
            self._start_repeating(code)
        return True

    def _switch(self, type: int, code: int, on: bool) -> bool:
        state = self.state[type]
        if state.has(code) == on:
            return False
        state.put(code, on)
        return True

    def _move(self, code: int, value: int) -> bool:
        """Where the axis is now; a movement within the fuzz is none."""
        axis = self.axes.get(code)
        if axis is None:
            return True
        old = axis.value
        if axis.fuzz > 1 and old - axis.fuzz // 2 < value < old + axis.fuzz // 2:
            return False
        axis.value = value
        return value != old

    def _gather(self, event: InputEvent) -> None:
        self._pending.append(event)
        if event.type != EventType.SYN and len(self._pending) < MOST_PENDING:
            return
        events = self._pending
        self._pending = []
        if len(events) == 1 and event.type == EventType.SYN:
            return
        now_ns = clock.monotonic_ns()
        grabber = self.grabbed_by()
        if grabber is not None:
            grabber.packet(self, events, now_ns)
            return
        for handler in self.handlers():
            handler.packet(self, events, now_ns)

    # Repetition

    def _set_repetition(self, code: int, value: int) -> bool:
        if code == REP_DELAY:
            changed = value != self.delay_ms
            self.delay_ms = value
            return changed
        if code == REP_PERIOD:
            changed = value != self.period_ms
            self.period_ms = value
            return changed
        return False

    def _start_repeating(self, code: int) -> None:
        if not self.types.has(EventType.REP) or self.delay_ms == 0 or self.period_ms == 0:
            return
        repeater = self._repeater
        if repeater is None:
            repeater = Repeater(self)
            self._repeater = repeater
        self._repeated_key = code
        repeater.start(clock.deadline_after(self.delay_ms * NS_PER_MS))

    def _stop_repeating(self) -> None:
        if self._repeater is not None:
            self._repeater.cancel()

    def repeat(self) -> None:
        """The held key once more."""
        if self._repeater is None or not self.is_on(EventType.KEY, self._repeated_key):
            return
        self._gather(InputEvent(EventType.KEY, self._repeated_key, REPEATED))
        self._gather(InputEvent(EventType.SYN, SYN_REPORT, PRESSED))
        if self.period_ms != 0:
            self._repeater.start(clock.deadline_after(self.period_ms * NS_PER_MS))

    # Its end

    def remove(self) -> None:
        """The device is gone: keys that were down come up, and handlers learn of it."""
        if self.gone:
            return
        self._stop_repeating()
        keys = self.state.get(EventType.KEY)
        if keys is not None:
            for code in keys.codes():
                self.report(EventType.KEY, code, RELEASED)
            self.report(EventType.SYN, SYN_REPORT, 0)
        self.gone = True
        for handler in self.handlers():
            handler.device_gone(self)


# --- the devices there are ---------------------------------------------------------------------------------------------------

_devices: Final[list[InputDevice]] = []
_listeners: Final[list[Callable[[InputDevice], None]]] = []


def register(device: InputDevice) -> None:
    """Give the device its number and tell everybody who waits for devices."""
    device.number = len(_devices)
    _devices.append(device)
    for listener in _listeners:
        listener(device)


def devices() -> list[InputDevice]:
    """All there are, by number."""
    return list(_devices)


def on_new(listener: Callable[[InputDevice], None]) -> None:
    """Call listener(device) for every device there is and will be."""
    _listeners.append(listener)
    for device in _devices:
        listener(device)
