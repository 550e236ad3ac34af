"""virtio-console: a line of bytes to the host, by whole buffers where a serial port goes byte by byte.

The device has ports. Where it can tell of them, port 1 is used: at such a port a slow host makes the driver wait, while QEMU drops what
a console, port 0, cannot get rid of. Where it cannot, there is only port 0. A port is used once the device has added it and both sides
have opened it.

What comes in is passed on while the client has room; a buffer that could not be emptied stays away from the device, so that the host has to
wait. What goes out is copied into buffers of the driver's own.

Source: VIRTIO 1.2, 5.3 "Console Device".
"""

import weakref
from enum import IntEnum
from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from objects.terminal_device import TerminalDevice
from scarlet.kernel.memory import frames
from scarlet.lang import struct, u16, u32, u64
from scarlet.machine import physmem

F_MULTIPORT: Final = u64(1 << 1)
CONTROL_RECEIVE: Final = 2
CONTROL_TRANSMIT: Final = 3
QUEUE_SIZE: Final = 16
CONTROL_SIZE: Final = 8
CONSOLE_PORT: Final = 0
"""Its queues are the first two; those of port n are 2n + 2 and 2n + 3. (5.3.2)"""
PAGE_SIZE: Final = 4096
RECEIVE_ORDER: Final = 0
TRANSMIT_ORDER: Final = 2


class Event(IntEnum):
    """What messages about ports say."""

    DEVICE_READY = 0
    DEVICE_ADD = 1
    DEVICE_REMOVE = 2
    PORT_READY = 3
    CONSOLE = 4
    RESIZE = 5
    OPEN = 6
    NAME = 7


@struct
class Message:
    """struct virtio_console_control; a name may follow."""

    port: u32
    event: u16
    value: u16


class LineBuffer:
    """Memory for bytes on their way: `count` of them are in it, those before `start` are done with."""

    def __init__(self, order: int) -> None:
        self.pa = frames.allocate_critical(order)
        self.size = PAGE_SIZE << order
        self.start = 0
        self.count = 0

    def __del__(self) -> None:
        frames.unref(self.pa)


class VirtioConsole(VirtioDevice):
    """The driver; `line` is what the rest of the kernel sees. ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(F_MULTIPORT)
        self.line = ConsoleLine(self)
        self._control: Control | None = None
        if self.features & F_MULTIPORT:
            self._control = Control(self)
        self.port = Port(self, 1 if self._control is not None else CONSOLE_PORT)
        self.ready()
        if self._control is None:
            self.port.open()
        else:
            self._control.begin()

    def make_queue(self, number: int, wanted: int) -> Virtqueue[LineBuffer]:
        """A queue, and its memory."""
        size = self.queue_size(number, wanted)
        return Virtqueue(self.queue_memory(number, size), size, event_index=self.event_index)

    def served(self) -> None:
        if self._control is not None:
            self._control.served()
        self.port.served()

    def wait_until_sent(self) -> None:
        """Look at the queue until it is empty: for the last words, when nobody sleeps any more."""
        while self.online and self.port.unsent > 0:
            try:
                self.port.take_back_sent()
            except DeviceError as error:
                self.take_offline(str(error))

    def lost(self) -> None:
        if self._control is not None:
            self._control.abandon()
        self.port.abandon()


class Control:
    """The messages about ports."""

    def __init__(self, device: VirtioConsole) -> None:
        self._device = weakref.ref(device)
        self._incoming = device.make_queue(CONTROL_RECEIVE, CONTROL_SIZE)
        self._outgoing = device.make_queue(CONTROL_TRANSMIT, CONTROL_SIZE)
        self._memory = LineBuffer(0)
        """What is told."""
        self._next = 0
        for _ in range(self._incoming.size):
            self._await(LineBuffer(0))

    def _await(self, buffer: LineBuffer) -> None:
        self._incoming.give([Segment(buffer.pa, buffer.size, device_writes=True)], buffer)

    def begin(self) -> None:
        """Have the device tell of its ports."""
        self._publish()
        self._tell(0, Event.DEVICE_READY, 1)

    def _publish(self) -> None:
        device = self._device()
        if self._incoming.publish() and device is not None:
            device.transport.notify(CONTROL_RECEIVE)

    def _tell(self, port: int, event: Event, value: int) -> None:
        """DeviceError when the device has not taken what it was told before."""
        if not self._outgoing.has_room(1):
            raise DeviceError("it takes no messages")
        at = self._memory.pa + self._next * Message.SIZE
        self._next = (self._next + 1) % self._outgoing.size
        physmem.write(at, Message(port=u32(port), event=u16(event), value=u16(value)).pack())
        self._outgoing.give([Segment(at, Message.SIZE)], self._memory)
        device = self._device()
        if self._outgoing.publish() and device is not None:
            device.transport.notify(CONTROL_TRANSMIT)

    def served(self) -> None:
        looking = True
        while looking:
            while self._outgoing.take() is not None:
                pass
            completion = self._incoming.take()
            while completion is not None:
                if completion.written < Message.SIZE:
                    raise DeviceError(f"a message of {completion.written} bytes")
                message = Message.parse(physmem.read(completion.request.pa, Message.SIZE))
                self._await(completion.request)
                self._heard(int(message.port), int(message.event), int(message.value))
                completion = self._incoming.take()
            self._publish()
            looking = not self._incoming.want_interrupts() or not self._outgoing.want_interrupts()

    def _heard(self, port: int, event: int, value: int) -> None:
        """5.3.6.2: answer that the port is ready, and open it from our side, too; ports that nobody uses stay closed."""
        device = self._device()
        if device is None or port != device.port.number:
            return
        if event == Event.DEVICE_ADD:
            self._tell(port, Event.PORT_READY, 1)
            self._tell(port, Event.OPEN, 1)
            device.port.open()
        elif event == Event.DEVICE_REMOVE:
            raise DeviceError("the port was removed")

    def abandon(self) -> None:
        self._incoming.abandon()
        self._outgoing.abandon()


class Port:
    """The two queues of one port. `is_open`: the device knows that it is used."""

    def __init__(self, device: VirtioConsole, number: int) -> None:
        self._device = weakref.ref(device)
        self.number = number
        self._line = device.line
        self._first_queue = 0 if number == CONSOLE_PORT else 2 * number + 2
        self._incoming = device.make_queue(self._first_queue, QUEUE_SIZE)
        self._outgoing = device.make_queue(self._first_queue + 1, QUEUE_SIZE)
        self._arrived: list[LineBuffer] = []
        """Received, and not yet emptied: the client had no room."""
        self._free = [LineBuffer(TRANSMIT_ORDER) for _ in range(self._outgoing.size)]
        self.unsent = 0
        """Bytes that the device has not taken yet."""
        self.is_open = False

    def open(self) -> None:
        """From now on bytes go both ways."""
        if not self.is_open:
            self.is_open = True
            for _ in range(self._incoming.size):
                self._await(LineBuffer(RECEIVE_ORDER))
            self._publish()
            client = self._line.client()
            if client is not None:
                client.output_ready()

    def _usable(self) -> VirtioConsole | None:
        device = self._device()
        return device if device is not None and device.online and self.is_open else None

    # Receiving

    def _await(self, buffer: LineBuffer) -> None:
        """Give the device a buffer for what comes next."""
        buffer.start = 0
        buffer.count = 0
        self._incoming.give([Segment(buffer.pa, buffer.size, device_writes=True)], buffer)

    def _publish(self) -> None:
        device = self._device()
        if self._incoming.publish() and device is not None:
            device.transport.notify(self._first_queue)

    def pass_on(self) -> None:
        """Let the client have what has arrived, as far as it has room; emptied buffers go back to the device."""
        client = self._line.client()
        while client is not None and len(self._arrived) > 0:
            buffer = self._arrived[0]
            run = min(buffer.count - buffer.start, client.room())
            if run <= 0 and buffer.start < buffer.count:
                break
            if run > 0:
                data = physmem.read(buffer.pa + buffer.start, run)
                buffer.start += run
                client.received(data)
            if buffer.start == buffer.count:
                self._arrived.pop(0)
                if self._usable() is not None:
                    self._await(buffer)
        if self._usable() is not None:
            self._publish()

    # Sending

    def send(self, data: bytes) -> int:
        """Take bytes, as many as there are buffers for: how many. All of them, to nowhere, when the device is offline."""
        device = self._device()
        if device is None or not device.online:
            return len(data)
        done = 0
        while self.is_open and done < len(data) and len(self._free) > 0 and self._outgoing.has_room(1):
            buffer = self._free.pop()
            run = min(len(data) - done, buffer.size)
            physmem.write_slice(buffer.pa, data, done, run)
            buffer.count = run
            self._outgoing.give([Segment(buffer.pa, run)], buffer)
            self.unsent += run
            done += run
        if self._outgoing.publish():
            device.transport.notify(self._first_queue + 1)
        return done

    def served(self) -> None:
        """DeviceError when the device said nonsense."""
        looking = True
        while looking:
            completion = self._incoming.take()
            while completion is not None:
                if completion.written == 0:
                    raise DeviceError("it gave an empty buffer back")
                completion.request.count = completion.written
                self._arrived.append(completion.request)
                completion = self._incoming.take()
            looking = not self._incoming.want_interrupts()
        self.take_back_sent()
        self.pass_on()

    def take_back_sent(self) -> None:
        """Buffers that the device has emptied are free again. DeviceError."""
        looking = True
        sent = False
        while looking:
            completion = self._outgoing.take()
            while completion is not None:
                self.unsent -= completion.request.count
                self._free.append(completion.request)
                sent = True
                completion = self._outgoing.take()
            looking = not self._outgoing.want_interrupts()
        client = self._line.client()
        if sent and client is not None:
            client.output_ready()

    def abandon(self) -> None:
        """What was on its way is gone, and what is written from now on goes nowhere, as with a line that was cut."""
        self._incoming.abandon()
        self._outgoing.abandon()
        self.unsent = 0
        client = self._line.client()
        if client is not None:
            client.hang_up()
            client.output_ready()


class ConsoleLine(TerminalDevice):
    """The line; it holds its driver only weakly, as whoever serves the interrupt holds that."""

    def __init__(self, driver: VirtioConsole) -> None:
        super().__init__()
        self._driver = weakref.ref(driver)

    def write(self, data: bytes) -> int:
        driver = self._driver()
        return driver.port.send(data) if driver is not None else len(data)

    def unsent(self) -> int:
        driver = self._driver()
        return driver.port.unsent if driver is not None else 0

    def resume_input(self) -> None:
        driver = self._driver()
        if driver is not None:
            driver.port.pass_on()

    def flush(self) -> None:
        driver = self._driver()
        if driver is not None:
            driver.wait_until_sent()
