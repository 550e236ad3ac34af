"""A virtio console: bytes in both directions, through port 0, or through port 1 of a device that tells of its ports.

Source: VIRTIO 1.2, 5.3 "Console Device".
"""

import struct
from collections import deque

from scarlet.machine.hosted.devices.uart import Input
from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

F_MULTIPORT = 1 << 1
DEVICE_READY, DEVICE_ADD, PORT_READY, OPEN = 0, 1, 3, 6


class Line(Model):
    """`sent` is what the driver wrote; `give` is what it is to receive, as soon as it has given buffers for it. What comes from a
    `source` waits there until then."""

    device_type = 3

    def __init__(self, *, largest: int = 1 << 20, ports: bool = True, source: Input | None = None) -> None:
        self.sent = bytearray()
        self.largest = largest
        """Bytes that go into one buffer at most."""
        self.ports = ports
        self.source = source
        self.queues = 6 if ports else 2
        self.features = Model.features | (F_MULTIPORT if ports else 0)
        self.receive, self.transmit = (4, 5) if ports else (0, 1)
        self.waiting = bytearray()
        self.opened = not ports

    def config(self) -> bytes:
        return struct.pack("<HHI", 80, 25, 2)

    def reset(self) -> None:
        self.held: deque[Request] = deque()
        self.control: deque[Request] = deque()
        self.opened = not self.ports

    def handle(self, request: Request) -> int | None:
        if request.queue == self.transmit:
            assert self.opened, "a port that is not open"
            self.sent += request.read()
            return 0
        if request.queue == self.receive:
            self.held.append(request)
            self.poll()
            return None
        if request.queue == 2:
            self.control.append(request)
            return None
        _port, event, value = struct.unpack("<IHH", request.read())
        if event == DEVICE_READY:
            self.tell(0, DEVICE_ADD, 1)
            self.tell(1, DEVICE_ADD, 1)
        elif event == OPEN:
            self.opened = bool(value)
        return 0

    def tell(self, port: int, event: int, value: int) -> None:
        request = self.control.popleft()
        self.device.finish(request, request.write(struct.pack("<IHH", port, event, value)))

    def give(self, data: bytes) -> None:
        self.waiting += data
        self.poll()

    def poll(self) -> None:
        if self.source is not None and self.held and self.opened:
            self.waiting += self.source.take(self.largest)
        while self.waiting and self.held and self.opened:
            request = self.held.popleft()
            run = min(request.room, self.largest, len(self.waiting))
            data = bytes(self.waiting[:run])
            del self.waiting[:run]
            self.device.finish(request, request.write(data))
