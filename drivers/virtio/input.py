"""virtio-input: keyboards, mice, tablets.

The device describes itself in its configuration: the driver selects what it wants to know and reads the answer. Events come through the
first queue, of which every buffer goes back at once, many of them in one interrupt; lights go out through the second.

Source: VIRTIO 1.2, 5.8 "Input Device".
"""

import weakref
from enum import IntEnum
from typing import Final

from drivers.virtio.device import QueueMemory, VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from objects.input import InputDevice
from objects.inputcodes import EVENT_TYPES, SYN_REPORT, EventType
from objects.inputevent import Axis, InputEvent, InputIdentity
from scarlet.lang import i32, struct, u16, u32, u64
from scarlet.lang.errno import ENODEV, Errno
from scarlet.machine import physmem

DEVICE_TYPE: Final = 18
EVENTS: Final = 0
STATUS: Final = 1
QUEUE_SIZE: Final = 64

SELECT: Final = 0
SUBSELECT: Final = 1
SIZE: Final = 2
DATA: Final = 8
LONGEST: Final = 128
"""Offsets in the configuration, and the most bytes of an answer."""


class Question(IntEnum):
    """What can be selected."""

    NAME = 0x01
    SERIAL = 0x02
    IDENTITY = 0x03
    PROPERTIES = 0x10
    EVENT_CODES = 0x11
    AXIS = 0x12


@struct
class EventBuffer:
    """struct virtio_input_event"""

    type: u16
    code: u16
    value: u32


@struct
class AxisAnswer:
    """struct virtio_input_absinfo"""

    min: i32
    max: i32
    fuzz: i32
    flat: i32
    res: i32


@struct
class IdentityAnswer:
    """struct virtio_input_devids"""

    bustype: u16
    vendor: u16
    product: u16
    version: u16


class VirtioInput(VirtioDevice):
    """The driver; `device` is what the rest of the kernel sees. ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(u64(0))
        event_count = self.queue_size(EVENTS, QUEUE_SIZE)
        events_pa = self.queue_memory(EVENTS, event_count)
        self._events: Virtqueue[int] = Virtqueue(events_pa, event_count, indirect=self.indirect, event_index=self.event_index)
        status_count = self.queue_size(STATUS, QUEUE_SIZE)
        status_pa = self.queue_memory(STATUS, status_count)
        self._status: Virtqueue[int] = Virtqueue(status_pa, status_count, indirect=self.indirect, event_index=self.event_index)
        self._buffers = QueueMemory(1)
        """A page that the device cannot lose: first the buffers of events, then those of lights."""
        self._free = [self._buffers.base_pa + EventBuffer.SIZE * (event_count + index) for index in range(status_count)]
        self._unsent: dict[tuple[int, int], int] = {}
        """Lights for which there was no buffer: the last value of each."""
        self.device = self._describe()
        for index in range(event_count):
            self._give(self._buffers.base_pa + EventBuffer.SIZE * index)
        self.ready()
        self._publish()

    # What the device is

    def _answer(self, question: Question, detail: int = 0) -> bytes:
        """What the device says about itself; nothing when it has no answer. ENODEV for an answer that cannot be."""
        transport = self.transport
        transport.write_config(SELECT, 1, question)
        transport.write_config(SUBSELECT, 1, detail)
        size = transport.read_config(SIZE, 1)
        if size > LONGEST:
            self._fail()
            raise Errno(ENODEV, f"{self.name}: an answer of {size} bytes")
        return bytes([transport.read_config(DATA + index, 1) for index in range(size)])

    def _describe(self) -> "VirtioInputDevice":
        device = VirtioInputDevice(self, self._answer(Question.NAME).rstrip(b"\0"), self._answer(Question.SERIAL).rstrip(b"\0"))
        identity = self._answer(Question.IDENTITY)
        if len(identity) >= IdentityAnswer.SIZE:
            found = IdentityAnswer.parse(identity)
            device.identity = InputIdentity(int(found.bustype), int(found.vendor), int(found.product), int(found.version))
        device.properties.fill(self._answer(Question.PROPERTIES))
        for type in range(1, EVENT_TYPES):
            codes = self._answer(Question.EVENT_CODES, type)
            if len(codes) > 0:
                device.can(type, codes)
        axes = device.codes.get(EventType.ABS)
        if axes is not None:
            for code in axes.codes():
                device.axes[code] = self._axis(code)
        return device

    def _axis(self, code: int) -> Axis:
        answer = self._answer(Question.AXIS, code)
        if len(answer) < AxisAnswer.SIZE:
            return Axis(0, 0)
        found = AxisAnswer.parse(answer)
        return Axis(int(found.min), int(found.max), int(found.fuzz), int(found.flat), int(found.res))

    # Queues

    def _give(self, buffer_pa: int) -> None:
        self._events.give([Segment(buffer_pa, EventBuffer.SIZE, device_writes=True)], buffer_pa)

    def _publish(self) -> None:
        if self._events.publish():
            self.transport.notify(EVENTS)

    def served(self) -> None:
        looking = True
        while looking:
            completion = self._events.take()
            while completion is not None:
                if completion.written != EventBuffer.SIZE:
                    raise DeviceError(f"an event of {completion.written} bytes")
                event = EventBuffer.parse(physmem.read(completion.request, EventBuffer.SIZE))
                self._give(completion.request)
                self.device.report(int(event.type), int(event.code), int(i32(event.value)))
                completion = self._events.take()
            self._publish()
            looking = not self._events.want_interrupts()
        self._take_status_back()

    def _take_status_back(self) -> None:
        looking = True
        while looking:
            completion = self._status.take()
            while completion is not None:
                self._free.append(completion.request)
                completion = self._status.take()
            looking = not self._status.want_interrupts()
        self._send_unsent()

    def send(self, event: InputEvent) -> None:
        """Set a light; when all buffers are on their way, as soon as one is back."""
        self._unsent[(event.type, event.code)] = event.value
        self._send_unsent()

    def _send_unsent(self) -> None:
        if not self.online:
            return
        sent = False
        for key in list(self._unsent):
            sent = self._put_status(key[0], key[1], self._unsent[key]) or sent
        if sent:
            self._put_status(EventType.SYN, SYN_REPORT, 0)
        if self._status.publish():
            self.transport.notify(STATUS)

    def _put_status(self, type: int, code: int, value: int) -> bool:
        if len(self._free) == 0 or not self._status.has_room(1):
            return False
        buffer_pa = self._free.pop()
        physmem.write(buffer_pa, EventBuffer(type=u16(type), code=u16(code), value=u32(value)).pack())
        self._status.give([Segment(buffer_pa, EventBuffer.SIZE)], buffer_pa)
        if type != EventType.SYN:
            del self._unsent[(type, code)]
        return True

    def lost(self) -> None:
        self._events.abandon()
        self._status.abandon()
        self.device.remove()


class VirtioInputDevice(InputDevice):
    """The device behind a VirtioInput."""

    def __init__(self, driver: VirtioInput, name: bytes, serial: bytes) -> None:
        super().__init__(name, location=f"{driver.name}/input0".encode(), serial=serial)
        self._driver = weakref.ref(driver)

    def output(self, event: InputEvent) -> None:
        driver = self._driver()
        if driver is not None:
            driver.send(event)
