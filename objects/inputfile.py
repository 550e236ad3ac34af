"""An open /dev/input/event file: the events of one device, in whole packets. (kernel documentation "Linux Input Subsystem userspace API")

Each open file has a queue of its own. A reader that is too slow finds SYN_DROPPED and the newest events, and asks for the state. Events
that are written act on the device: lights go on, keys are pressed. A revoked file is dead for good.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

from objects.input import InputDevice, InputHandler
from objects.inputcodes import SYN_DROPPED, SYN_REPORT, CodeSet, EventType, codes_of
from objects.inputevent import InputEvent
from objects.object import KernelObject, PollEvents, Status
from objects.opened import Opened
from objects.restart import sleep_on
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import i32, i64, struct, u16
from scarlet.lang.errno import EAGAIN, EINVAL, ENODEV, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location
    from scarlet.kernel.waitqueue import Waiter

CAPACITY: Final = 64
"""Events that wait for a reader."""
NS_PER_SECOND: Final = 1_000_000_000
NS_PER_MICROSECOND: Final = 1000

CLOCK_REALTIME: Final = 0
CLOCK_MONOTONIC: Final = 1
CLOCK_BOOTTIME: Final = 7


@struct
class EventRecord:
    """struct input_event, as it is read and written."""

    sec: i64
    usec: i64
    type: u16
    code: u16
    value: i32


class StampedEvent:
    """An event and when it happened, by the clock of the file."""

    def __init__(self, event: InputEvent, when_ns: int) -> None:
        self.event = event
        self.when_ns = when_ns


class EventQueue(InputHandler):
    """What waits for the reader of one file."""

    def __init__(self, device: InputDevice) -> None:
        self.device = device
        self.readers = WaitQueue()
        self.clock = CLOCK_REALTIME
        self.masks: dict[int, CodeSet] = {}
        """Which codes of a type the reader wants; all of a type that is not here. (EVIOCSMASK)"""
        self._events: deque[StampedEvent] = deque()
        self.complete = 0
        """Events of complete packets, at the front of the queue: only these are read."""

    def wants(self, type: int, code: int) -> bool:
        """Is that event to be queued?"""
        types = self.masks.get(EventType.SYN)
        if type == EventType.SYN:
            return True
        if types is not None and not types.has(type):
            return False
        codes = self.masks.get(type)
        return codes is None or codes.has(code)

    def packet(self, device: InputDevice, events: list[InputEvent], when_ns: int) -> None:
        stamp_ns = self._stamp(when_ns)
        wanted = False
        for event in events:
            if not self.wants(event.type, event.code):
                continue
            if event.type == EventType.SYN and event.code == SYN_REPORT:
                if not wanted:
                    continue
                wanted = False
            else:
                wanted = True
            self._put(event, stamp_ns)
        if self.complete > 0:
            self.readers.wake_all()

    def device_gone(self, device: InputDevice) -> None:
        self.readers.wake_all()

    def _put(self, event: InputEvent, stamp_ns: int) -> None:
        if len(self._events) == CAPACITY:
            self._events.clear()
            self._events.append(StampedEvent(InputEvent(EventType.SYN, SYN_DROPPED, 0), stamp_ns))
            self.complete = 0
        self._events.append(StampedEvent(event, stamp_ns))
        if event.type == EventType.SYN and event.code == SYN_REPORT:
            self.complete = len(self._events)

    def take(self) -> StampedEvent:
        """The oldest event of a complete packet. There is one."""
        self.complete -= 1
        return self._events.popleft()

    def drop_type(self, type: int) -> None:
        """Forget what waits about one type, since the reader asks for the state now; packets left without events go with it."""
        kept: deque[StampedEvent] = deque()
        complete = 0
        events_in_packet = 0
        for index in range(len(self._events)):
            stamped = self._events[index]
            event = stamped.event
            is_report = event.type == EventType.SYN and event.code == SYN_REPORT
            if event.type == type or (is_report and events_in_packet == 0):
                continue
            events_in_packet = 0 if is_report else events_in_packet + 1
            kept.append(stamped)
            if is_report:
                complete = len(kept)
        self._events = kept
        self.complete = complete

    def lose_all(self) -> None:
        """Nothing that waits can be read any more, as after an overflow."""
        if len(self._events) == 0:
            return
        self._events.clear()
        self._events.append(StampedEvent(InputEvent(EventType.SYN, SYN_DROPPED, 0), self._stamp(clock.monotonic_ns())))
        self.complete = 0

    def set_mask(self, type: int, bitmap: bytes) -> None:
        """Queue only these codes of a type; of type SYN: only these types."""
        mask = CodeSet(codes_of(type))
        mask.fill(bitmap)
        self.masks[type] = mask

    def _stamp(self, monotonic_ns: int) -> int:
        return monotonic_ns + clock.realtime_offset_ns() if self.clock == CLOCK_REALTIME else monotonic_ns


class EventFile(Opened):
    """The file."""

    def __init__(self, device: InputDevice, inode: "Inode", location: "Location", status: Status) -> None:
        super().__init__(inode, location, status)
        self.device = device
        self.queue = EventQueue(device)
        self.revoked = False
        device.add_handler(self.queue)

    def __del__(self) -> None:
        self.device.remove_handler(self.queue)

    def live(self) -> InputDevice:
        """The device. ENODEV when it is gone or the file was revoked."""
        if self.revoked or self.device.gone:
            raise Errno(ENODEV, "the input device is gone")
        return self.device

    def read(self, buffer: Buffer) -> int:
        """Whole events, at least one; waits for it unless NONBLOCK. EINVAL for a buffer too small for one; EAGAIN, EINTR, ENODEV."""
        if 0 < buffer.length < EventRecord.SIZE:
            raise Errno(EINVAL, "too small for an event")
        while True:
            self.live()
            if self.queue.complete == 0 and self.status & Status.NONBLOCK:
                raise Errno(EAGAIN, "no event")
            if buffer.length == 0:
                return 0
            done = 0
            while self.queue.complete > 0 and done + EventRecord.SIZE <= buffer.length:
                buffer.write(done, _record(self.queue.take()).pack())
                done += EventRecord.SIZE
            if done > 0:
                return done
            sleep_on(self.queue.readers)

    def write(self, buffer: Buffer) -> int:
        """Have whole events take effect at the device; their times do not matter. EINVAL for less than one; ENODEV."""
        if 0 < buffer.length < EventRecord.SIZE:
            raise Errno(EINVAL, "too small for an event")
        device = self.live()
        done = 0
        while done + EventRecord.SIZE <= buffer.length:
            event = EventRecord.parse(buffer.read(done, EventRecord.SIZE))
            grabber = device.grabbed_by()
            if grabber is None or grabber is self.queue:
                device.inject(int(event.type), int(event.code), int(event.value))
            done += EventRecord.SIZE
        return done

    def poll(self, waiter: "Waiter | None") -> PollEvents:
        """IN with a complete packet; always OUT, until the device is gone."""
        if waiter is not None:
            waiter.add(self.queue.readers)
        if self.revoked or self.device.gone:
            return PollEvents.HUP | PollEvents.ERR
        if self.queue.complete > 0:
            return PollEvents.READABLE | PollEvents.WRITABLE
        return PollEvents.WRITABLE

    def set_clock(self, number: int) -> None:
        """Whose time events carry; those that wait are lost. EINVAL for a clock that cannot be used. (EVIOCSCLOCKID)"""
        if number not in (CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME):
            raise Errno(EINVAL, "events carry CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME")
        if number != self.queue.clock:
            self.queue.clock = number
            self.queue.lose_all()

    def revoke(self) -> None:
        """Take the device away from everybody who has this file. (EVIOCREVOKE)"""
        self.revoked = True
        self.device.remove_handler(self.queue)
        self.queue.readers.wake_all()


def _record(stamped: StampedEvent) -> EventRecord:
    event = stamped.event
    return EventRecord(
        sec=i64(stamped.when_ns // NS_PER_SECOND),
        usec=i64(stamped.when_ns % NS_PER_SECOND // NS_PER_MICROSECOND),
        type=u16(event.type),
        code=u16(event.code),
        value=i32(event.value),
    )


def open_events(device: InputDevice, inode: "Inode", location: "Location", status: Status) -> KernelObject:
    """Open the event file of a device. ENODEV when it is gone."""
    if device.gone:
        raise Errno(ENODEV, "the input device is gone")
    return EventFile(device, inode, location, status)
