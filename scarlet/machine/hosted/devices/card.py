"""A virtio network card; what is at the other end of its cable is a Cable.

Source: VIRTIO 1.2, 5.1 "Network Device".
"""

import struct
from collections import deque

from scarlet.machine.hosted.devices.virtio import F_VERSION_1, Model
from scarlet.machine.hosted.devices.virtqueue import Request

F_MTU = 1 << 3
F_MAC = 1 << 5
F_MERGEABLE = 1 << 15
F_STATUS = 1 << 16
F_ANY_LAYOUT = 1 << 27
RECEIVE, TRANSMIT = 0, 1
MAC = bytes.fromhex("525400123456")
MAX_WAITING = 256


class Cable:
    """The other end: gets what the card sends, and gives it frames by `card.receive`."""

    card: "Card"

    def sent(self, frame: bytes) -> None:
        """The card sends a frame."""


class Card(Model):
    """A virtio-net device. `piece`: put at most so many bytes into each receive buffer."""

    device_type = 1
    queues = 2
    queue_size = 256

    def __init__(self, cable: Cable, *, mac: bytes = MAC, mergeable: bool = True, mtu: int = 0, piece: int = 1 << 20) -> None:
        self.mac = mac
        self.mtu = mtu
        self.piece = piece
        self.link = True
        self.features = Model.features | F_MAC | F_STATUS | F_ANY_LAYOUT * mergeable | F_MERGEABLE * mergeable | F_MTU * bool(mtu)
        self.cable = cable
        cable.card = self
        self.reset()

    def config(self) -> bytes:
        return struct.pack("<6sHHH", self.mac, self.link, 1, self.mtu)

    def reset(self) -> None:
        self.buffers: deque[Request] = deque()
        self.waiting: deque[bytes] = deque()
        self.dropped = 0
        self.frames_sent = 0

    @property
    def header_size(self) -> int:
        return 12 if self.device.accepted & (F_VERSION_1 | F_MERGEABLE) else 10

    def set_link(self, up: bool) -> None:
        """Pull the cable out, or put it in."""
        self.link = up
        self.device.configuration_changed()

    def handle(self, request: Request) -> int | None:
        if request.queue == RECEIVE:
            self.buffers.append(request)
            self._fill()
            return None
        given = request.read()
        assert given[: self.header_size] == bytes(self.header_size), "an offload that was not agreed on"
        self.frames_sent += 1
        if self.link:
            self.cable.sent(given[self.header_size :])
        return 0

    def receive(self, frame: bytes) -> None:
        """A frame comes out of the cable; it waits a little for room, as in the host."""
        if not self.link or len(self.waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        self.waiting.append(frame)
        self._fill()

    def _fill(self) -> None:
        while self.waiting:
            data = bytes(self.header_size) + self.waiting[0]
            parts: list[bytes] = []
            for request in self.buffers:
                room = min(request.room, self.piece)
                parts.append(data[:room])
                data = data[room:]
                if not data:
                    break
            if data:
                return
            self.waiting.popleft()
            if self.header_size == 12:
                parts[0] = parts[0][:10] + struct.pack("<H", len(parts)) + parts[0][12:]
            for part in parts:
                request = self.buffers.popleft()
                self.device.finish(request, request.write(part))
