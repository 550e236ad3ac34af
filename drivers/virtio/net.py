"""virtio-net: a network card.

Received: buffers lie in the first queue until the device fills them; a frame may take several (MRG_RXBUF). The interrupt only says that
there is something: interrupts stay off until poll() has found the queue empty, so a flood of frames costs one interrupt.
Sent: a frame is copied into a buffer of its own behind the header that the device wants. Buffers come back when the next frame is sent,
or, when there is none, by an interrupt after three quarters of them.

No offload is accepted: every frame is whole and carries its checksums, so its header is all zero.

Source: VIRTIO 1.2, 5.1 "Network Device".
"""

from typing import Final

from drivers.virtio.device import VirtioDevice
from drivers.virtio.netbuffers import BUFFER_SIZE, BUFFERS_A_FRAME, BufferMemory, NetBuffer
from drivers.virtio.queue import DeviceError, Segment, Virtqueue
from drivers.virtio.transport import F_VERSION_1, Transport
from objects.netdevice import HARDWARE_BYTES, NetDevice, SendBudget
from objects.random import random_bytes
from scarlet.lang import u64
from scarlet.machine import physmem

F_MTU: Final = u64(1 << 3)
F_MAC: Final = u64(1 << 5)
F_MERGEABLE: Final = u64(1 << 15)
"""A frame may be in several receive buffers. (VIRTIO_NET_F_MRG_RXBUF)"""
F_STATUS: Final = u64(1 << 16)
F_ANY_LAYOUT: Final = u64(1 << 27)
"""A legacy device that does not insist on a descriptor of its own for the header."""

RECEIVE: Final = 0
TRANSMIT: Final = 1
"""The queues."""
CONFIG_MAC: Final = 0
CONFIG_STATUS: Final = 6
CONFIG_MTU: Final = 10
LINK_UP: Final = 1

QUEUE_SIZE: Final = 256
RECEIVE_BUFFERS: Final = 128
SHORT_HEADER: Final = 10
"""struct virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset."""
HEADER: Final = 12
"""The same and num_buffers, with F_MERGEABLE or version 1."""
GSO_TYPE: Final = 1
NUM_BUFFERS: Final = 10
"""Offsets in the header."""

ETHERNET_HEADER: Final = 14
VLAN_TAG: Final = 4
DEFAULT_MTU: Final = 1500
MIN_MTU: Final = 68


class VirtioNet(VirtioDevice):
    """The driver's side; VirtioCard is what the protocols see. ENODEV when the device cannot be used."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.start(u64(F_MTU | F_MAC | F_MERGEABLE | F_STATUS | (F_ANY_LAYOUT if transport.is_legacy() else u64(0))))
        self.header_size = HEADER if self.features & (F_MERGEABLE | F_VERSION_1) != 0 else SHORT_HEADER
        self._header_apart = self.features & (F_ANY_LAYOUT | F_VERSION_1) == 0
        self._receive = self._make_queue(RECEIVE)
        self._transmit = self._make_queue(TRANSMIT)
        self._memory_pool = BufferMemory()
        self._free: list[NetBuffer] = []
        """Buffers to send in."""
        self._sending_limit = self._transmit.size // (2 if self._header_apart else 1)
        self._made = 0
        self.card = VirtioCard(self)
        self._fill()
        self.ready()
        self._notify_receive()

    def _make_queue(self, number: int) -> Virtqueue[NetBuffer]:
        size = self.queue_size(number, QUEUE_SIZE)
        return Virtqueue(self.queue_memory(number, size), size, indirect=self.indirect, event_index=self.event_index)

    # What the device says of itself

    def read_hardware(self) -> bytes:
        """Its address; a random one that is marked so when it has none. (IEEE 802: second bit of the first byte)"""
        if self.features & F_MAC == 0:
            chosen = random_bytes(HARDWARE_BYTES)
            return bytes([chosen[0] & 0xFE | 2]) + chosen[1:]
        told = bytearray()
        for place in range(HARDWARE_BYTES):
            told.append(self.transport.read_config(CONFIG_MAC + place, 1))
        return bytes(told)

    def read_mtu(self) -> int:
        """What it says that the link carries, at most the usual."""
        if self.features & F_MTU == 0:
            return DEFAULT_MTU
        told = self.transport.read_config(CONFIG_MTU, 2)
        return min(told, DEFAULT_MTU) if told >= MIN_MTU else DEFAULT_MTU

    def read_link(self) -> bool:
        """Does the link work?"""
        return self.features & F_STATUS == 0 or self.transport.read_config(CONFIG_STATUS, 2) & LINK_UP != 0

    def configuration_changed(self) -> None:
        self.card.set_link(self.read_link())

    # Receiving

    def _segments(self, buffer: NetBuffer, size: int, *, device_writes: bool) -> list[Segment]:
        """Header and frame, of `size` bytes together."""
        if not self._header_apart:
            return [Segment(buffer.pa, size, device_writes=device_writes)]
        return [
            Segment(buffer.pa, self.header_size, device_writes=device_writes),
            Segment(buffer.pa + self.header_size, size - self.header_size, device_writes=device_writes),
        ]

    def _give_receive(self, buffer: NetBuffer) -> None:
        self._receive.give(self._segments(buffer, BUFFER_SIZE, device_writes=True), buffer)

    def _fill(self) -> None:
        """Give the device all the buffers it is to have."""
        needed = 2 if self._header_apart else 1
        for _pair in range(RECEIVE_BUFFERS // BUFFERS_A_FRAME):
            if not self._receive.has_room(BUFFERS_A_FRAME * needed):
                return
            for buffer in self._memory_pool.two():
                self._give_receive(buffer)

    def _notify_receive(self) -> None:
        if self._receive.publish():
            self.transport.notify(RECEIVE)

    def poll(self, most: int) -> bool:
        """As NetDevice.poll."""
        if not self.online:
            return False
        try:
            for _frame in range(most):
                frame = self._next_frame()
                if frame is None:
                    self._notify_receive()
                    return not self._receive.want_interrupts()
                self.card.hand_over(frame)
                if not self.online:
                    return False
        except DeviceError as error:
            self.take_offline(str(error))
            return False
        self._notify_receive()
        return True

    def _next_frame(self) -> bytes | None:
        """Put together what the device has received; its buffers go back at once."""
        completion = self._receive.take()
        if completion is None:
            return None
        buffer = completion.request
        if completion.written < self.header_size:
            raise DeviceError("a frame without a header")
        merged = physmem.load16(buffer.pa + NUM_BUFFERS) if self.features & F_MERGEABLE else 1
        whole = physmem.load8(buffer.pa + GSO_TYPE) == 0
        frame = physmem.read(buffer.pa + self.header_size, completion.written - self.header_size)
        self._give_receive(buffer)
        if merged == 0:
            raise DeviceError("a frame in no buffer")
        for _more in range(merged - 1):
            part = self._receive.take()
            if part is None:
                raise DeviceError("a frame in more buffers than came")
            if len(frame) <= self.card.largest:
                frame += physmem.read(part.request.pa, part.written)
            self._give_receive(part.request)
        return frame if whole else b""

    # Sending

    def send(self, frame: bytes, budget: SendBudget | None) -> bool:
        """As NetDevice.send."""
        if not self.online:
            return False
        try:
            return self._send(frame, budget)
        except DeviceError as error:
            self.take_offline(str(error))
            return False

    def _send(self, frame: bytes, budget: SendBudget | None) -> bool:
        buffer = self._buffer()
        if buffer is None:
            return False
        physmem.write(buffer.pa + self.header_size, frame)
        buffer.size = len(frame)
        buffer.budget = budget
        if budget is not None:
            budget.charge(buffer.size)
        self._transmit.give(self._segments(buffer, self.header_size + buffer.size, device_writes=False), buffer)
        if self._transmit.publish():
            self.transport.notify(TRANSMIT)
        self._watch_sending()
        return True

    def _watch_sending(self) -> None:
        """Ask for an interrupt after three quarters of the frames in flight; what has come back meanwhile would bring none, so it is taken
        back here. DeviceError."""
        in_flight = self._made - len(self._free)
        while in_flight > 0 and not self._transmit.want_interrupts(after=(in_flight - 1) * 3 // 4):
            self._reclaim()
            in_flight = self._made - len(self._free)

    def _buffer(self) -> NetBuffer | None:
        """A free one: one that the device is done with, or one more; None when the queue is full. DeviceError."""
        if len(self._free) == 0:
            self._reclaim()
        if len(self._free) == 0 and self._made + BUFFERS_A_FRAME <= self._sending_limit:
            try:
                self._free.extend(self._memory_pool.two())
            except MemoryError:
                return None
            self._made += BUFFERS_A_FRAME
        return self._free.pop() if len(self._free) > 0 else None

    def _reclaim(self) -> None:
        """Take back the buffers of what has been sent. DeviceError."""
        completion = self._transmit.take()
        while completion is not None:
            buffer = completion.request
            self._free.append(buffer)
            buffer.give_up()
            completion = self._transmit.take()

    # The interrupt

    def served(self) -> None:
        self._reclaim()
        self._watch_sending()
        if self._receive.has_answers():
            self._receive.suppress_interrupts()
            self.card.frames_wait()

    def lost(self) -> None:
        for buffer in self._transmit.abandon():
            buffer.give_up()
        self._receive.abandon()
        self.card.set_link(False)


class VirtioCard(NetDevice):
    """The card behind a VirtioNet. The two refer to one another, as they live as long as the machine."""

    def __init__(self, driver: VirtioNet) -> None:
        super().__init__(driver.read_hardware(), driver.read_mtu())
        self._driver = driver
        self.link_up = driver.read_link()

    @property
    def largest(self) -> int:
        """The longest frame that is taken in."""
        return self.mtu + ETHERNET_HEADER + VLAN_TAG

    def send(self, frame: bytes, budget: SendBudget | None = None) -> bool:
        if len(frame) > self.mtu + ETHERNET_HEADER or not self._driver.send(frame, budget):
            self.counters.tx_dropped += 1
            return False
        self.counters.sent(len(frame))
        return True

    def poll(self, most: int) -> bool:
        return self._driver.poll(most)

    def hand_over(self, frame: bytes) -> None:
        """A frame came."""
        if not ETHERNET_HEADER <= len(frame) <= self.largest:
            self.counters.rx_errors += 1
            return
        self.counters.received(len(frame))
        if self.receiver is not None:
            self.receiver.frame_received(frame)

    def frames_wait(self) -> None:
        """Tell the receiver that there is something."""
        if self.receiver is not None:
            self.receiver.frames_wait()

    def set_link(self, up: bool) -> None:
        """The link changed, or not."""
        if up != self.link_up:
            self.link_up = up
            if self.receiver is not None:
                self.receiver.link_changed()
