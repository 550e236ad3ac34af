"""virtio-rng: random bytes from the host, mixed into the kernel's generator (objects/random.py).

The device is asked once when it is found, and again whenever the generator wants fresh entropy; nobody waits for the answer, which comes by
interrupt. At most one request is in flight.

Source: VIRTIO 1.2, 5.4 "Entropy Device".
"""

from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import Transport
from objects import random
from scarlet.kernel.memory import frames
from scarlet.lang import u64
from scarlet.machine import physmem

REQUESTS: Final = 0
"""The one queue."""
QUEUE_SIZE: Final = 2
WANTED: Final = 64
"""Bytes in one request: twice the generator's key."""


class Buffer:
    """The frame that the device fills, alive as long as the queue has it."""

    def __init__(self) -> None:
        self.pa = frames.allocate_critical(0)

    def __del__(self) -> None:
        frames.unref(self.pa)


class VirtioRng(VirtioDevice):
    """The driver; ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(u64(0))
        size = self.queue_size(REQUESTS, QUEUE_SIZE)
        base_pa = self.queue_memory(REQUESTS, size)
        self._queue: Virtqueue[Buffer] = Virtqueue(base_pa, size, event_index=self.event_index)
        self._buffer = Buffer()
        self._asked = False
        self.ready()
        self.ask()

    def ask(self) -> None:
        """Have the generator's entropy refreshed soon."""
        if self._asked or not self.online:
            return
        self._asked = True
        self._queue.give([Segment(self._buffer.pa, WANTED, device_writes=True)], self._buffer)
        if self._queue.publish():
            self.transport.notify(REQUESTS)

    def served(self) -> None:
        looking = True
        while looking:
            completion = self._queue.take()
            if completion is not None:
                if completion.written == 0:
                    raise DeviceError("an answer without random bytes")
                random.mix(physmem.read(completion.request.pa, completion.written))
                physmem.zero(completion.request.pa, WANTED)
                self._asked = False
            looking = not self._queue.want_interrupts()

    def lost(self) -> None:
        self._queue.abandon()


class HostEntropy(random.EntropySource):
    """What the generator knows of the device."""

    def __init__(self, driver: VirtioRng) -> None:
        self._driver = driver

    def ask(self) -> None:
        self._driver.ask()
