"""virtio-console: a line of bytes to the host, by whole buffers where a serial port goes byte by byte.

Only the first port is used, without the messages about ports. What comes in is passed on while the client has room; a buffer that could not
be emptied stays away from the device, so that the host has to wait. What goes out is copied into buffers of the driver's own.

Source: VIRTIO 1.2, 5.3 "Console Device".
"""

import weakref
from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from objects.terminal_device import TerminalDevice
from scarlet.kernel.memory import frames
from scarlet.lang import u64
from scarlet.machine import physmem

RECEIVE: Final = 0
TRANSMIT: Final = 1
"""The queues of the first port."""
QUEUE_SIZE: Final = 16
PAGE_SIZE: Final = 4096
RECEIVE_ORDER: Final = 0
TRANSMIT_ORDER: Final = 2


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
        self.start(u64(0))
        self._incoming = self._queue(RECEIVE)
        self._outgoing = self._queue(TRANSMIT)
        self._arrived: list[LineBuffer] = []
        """Received, and not yet emptied: the client had no room."""
        self._free = [LineBuffer(TRANSMIT_ORDER) for _ in range(self._outgoing.size)]
        self._unsent = 0
        self.line = ConsoleLine(self)
        for _ in range(self._incoming.size):
            self._await(LineBuffer(RECEIVE_ORDER))
        self.ready()
        self._publish_receive()

    def _queue(self, number: int) -> Virtqueue[LineBuffer]:
        size = self.queue_size(number, QUEUE_SIZE)
        return Virtqueue(self.queue_memory(number, size), size, event_index=self.event_index)

    # Receiving

    def _await(self, buffer: LineBuffer) -> None:
        """Give the device a buffer for what comes next."""
        buffer.start = 0
        buffer.count = 0
        self._incoming.give([Segment(buffer.pa, buffer.size, device_writes=True)], buffer)

    def _publish_receive(self) -> None:
        if self._incoming.publish():
            self.transport.notify(RECEIVE)

    def pass_on(self) -> None:
        """Let the client have what has arrived, as far as it has room; emptied buffers go back to the device."""
        client = self.line.client()
        while client is not None and len(self._arrived) > 0:
            buffer = self._arrived[0]
            run = min(buffer.count - buffer.start, client.room())
            if run == 0 and buffer.start < buffer.count:
                break
            if run > 0:
                data = physmem.read(buffer.pa + buffer.start, run)
                buffer.start += run
                client.received(data)
            if buffer.start == buffer.count:
                self._arrived.pop(0)
                if self.online:
                    self._await(buffer)
        if self.online:
            self._publish_receive()

    # Sending

    def send(self, data: bytes) -> int:
        """Take bytes, as many as there are buffers for: how many."""
        done = 0
        while self.online and done < len(data) and len(self._free) > 0 and self._outgoing.has_room(1):
            buffer = self._free.pop()
            run = min(len(data) - done, buffer.size)
            physmem.write_slice(buffer.pa, data, done, run)
            buffer.count = run
            self._outgoing.give([Segment(buffer.pa, run)], buffer)
            self._unsent += run
            done += run
        if self._outgoing.publish():
            self.transport.notify(TRANSMIT)
        return done if self.online else len(data)

    @property
    def unsent(self) -> int:
        """Bytes that the device has not taken yet."""
        return self._unsent

    def served(self) -> None:
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
        self._take_sent_back()
        self.pass_on()

    def _take_sent_back(self) -> None:
        looking = True
        sent = False
        while looking:
            completion = self._outgoing.take()
            while completion is not None:
                self._unsent -= completion.request.count
                self._free.append(completion.request)
                sent = True
                completion = self._outgoing.take()
            looking = not self._outgoing.want_interrupts()
        client = self.line.client()
        if sent and client is not None:
            client.output_ready()

    def wait_until_sent(self) -> None:
        """Look at the queue until it is empty: for the last words, when nobody sleeps any more."""
        while self.online and self._unsent > 0:
            try:
                self._take_sent_back()
            except DeviceError as error:
                self.take_offline(str(error))

    def lost(self) -> None:
        """What was on its way is gone, and what is written from now on goes nowhere, as with a line that was cut."""
        self._incoming.abandon()
        self._outgoing.abandon()
        self._unsent = 0
        client = self.line.client()
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
        return driver.send(data) if driver is not None else len(data)

    def unsent(self) -> int:
        driver = self._driver()
        return driver.unsent if driver is not None else 0

    def resume_input(self) -> None:
        driver = self._driver()
        if driver is not None:
            driver.pass_on()

    def flush(self) -> None:
        driver = self._driver()
        if driver is not None:
            driver.wait_until_sent()
