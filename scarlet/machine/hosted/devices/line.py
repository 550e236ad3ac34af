"""A virtio console with one port: bytes in both directions.

Source: VIRTIO 1.2, 5.3 "Console Device".
"""

from collections import deque

from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

RECEIVE, TRANSMIT = 0, 1


class Line(Model):
    """`sent` is what the driver wrote; `give` is what it is to receive, as soon as it has given buffers for it."""

    device_type = 3
    queues = 2

    def __init__(self, *, largest: int = 1 << 20) -> None:
        self.sent = bytearray()
        self.largest = largest
        """Bytes that go into one buffer at most."""
        self.held: deque[Request] = deque()
        self.waiting = bytearray()

    def reset(self) -> None:
        self.held.clear()

    def handle(self, request: Request) -> int | None:
        if request.queue == TRANSMIT:
            self.sent += request.read()
            return 0
        self.held.append(request)
        self.poll()
        return None

    def give(self, data: bytes) -> None:
        self.waiting += data
        self.poll()

    def poll(self) -> None:
        while self.waiting and self.held:
            request = self.held.popleft()
            run = min(request.room, self.largest, len(self.waiting))
            data = bytes(self.waiting[:run])
            del self.waiting[:run]
            self.device.finish(request, request.write(data))
