"""A virtio entropy device whose bytes follow from a seed.

Source: VIRTIO 1.2, 5.4 "Entropy Device".
"""

import random

from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request


class Entropy(Model):
    """Fills whatever it is given."""

    device_type = 4

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.given = b""

    def handle(self, request: Request) -> int | None:
        self.given += (data := self.random.randbytes(request.room))
        return request.write(data)
