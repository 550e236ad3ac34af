"""Network cards as the protocol stack sees them: they carry Ethernet frames, bytes without the checksum at the end.

A card's interrupt does no more than tell its receiver that frames wait (`frames_wait`); the stack calls `poll` from a thread of its own,
as much at a time as it likes. What is sent is copied at once; the card keeps it, in order, until it is on the wire, and drops what is
beyond the room it has. A sender that wants to know how much of its own is still on the way brings a SendBudget.

Cards announce themselves by `register`; the stack learns of each, present or to come, by `on_new`.
"""

from collections.abc import Callable
from typing import Final, Protocol

from scarlet.kernel.waitqueue import WaitQueue

HARDWARE_BYTES: Final = 6
"""An Ethernet address."""


class Counters:
    """What /proc/net/dev shows of an interface."""

    def __init__(self) -> None:
        self.rx_packets = 0
        self.rx_bytes = 0
        self.rx_errors = 0
        """Frames that the device handed over damaged, or that broke the rules."""
        self.rx_dropped = 0
        """Frames that nobody wanted, or for which there was no room."""
        self.rx_multicast = 0
        self.tx_packets = 0
        self.tx_bytes = 0
        self.tx_errors = 0
        self.tx_dropped = 0

    def received(self, size: int) -> None:
        """A good frame came."""
        self.rx_packets += 1
        self.rx_bytes += size

    def sent(self, size: int) -> None:
        """A frame went out."""
        self.tx_packets += 1
        self.tx_bytes += size


PACKET_COST: Final = 768
"""What a packet counts beside its bytes, so that many small ones are as much as a few large ones."""


class SendBudget:
    """How much of one sender is on its way, in bytes. Whoever waits for room sleeps on `drained`."""

    def __init__(self, limit: int, drained: WaitQueue) -> None:
        self.limit = limit
        self.in_flight = 0
        self.drained = drained

    @property
    def has_room(self) -> bool:
        """May the sender give more? A single packet may go beyond the limit, or none larger than it could ever be sent."""
        return self.in_flight < self.limit

    def charge(self, size: int) -> None:
        """A packet of so many bytes is on its way now."""
        self.in_flight += size + PACKET_COST

    def release(self, size: int) -> None:
        """It is gone, sent or not."""
        self.in_flight -= size + PACKET_COST
        self.drained.wake_all()


class ChargedPacket:
    """A packet that waits somewhere. Its bytes are the sender's as long as this lives, whether it is sent at the end or dropped."""

    def __init__(self, packet: bytes, budget: SendBudget | None) -> None:
        self.packet = packet
        self.budget = budget
        if budget is not None:
            budget.charge(len(packet))

    def __del__(self) -> None:
        if self.budget is not None:
            self.budget.release(len(self.packet))


class FrameReceiver(Protocol):
    """The stack's side of a card."""

    def frames_wait(self) -> None:
        """Call the card's poll() soon, from a thread. Called in an interrupt; must not block."""

    def frame_received(self, frame: bytes) -> None:
        """One frame, from poll()."""

    def link_changed(self) -> None:
        """The card's `link_up` has another value. Called in an interrupt; must not block."""


class NetDevice:
    """One card. `hardware` is its address, `mtu` the largest packet, without the Ethernet header."""

    def __init__(self, hardware: bytes, mtu: int) -> None:
        assert len(hardware) == HARDWARE_BYTES
        self.name = b""
        """eth0, eth1 ...: given by register()."""
        self.hardware = hardware
        self.mtu = mtu
        self.link_up = True
        self.counters = Counters()
        self.receiver: FrameReceiver | None = None

    def send(self, frame: bytes, budget: SendBudget | None = None) -> bool:
        """Send a frame, which was not charged yet; False when it was dropped. Never blocks."""
        raise NotImplementedError("NetDevice.send")

    def poll(self, most: int) -> bool:
        """Give the receiver up to `most` frames that came. True: there may be more; False: the next one brings frames_wait()."""
        raise NotImplementedError("NetDevice.poll")


_devices: Final[list[NetDevice]] = []
_listeners: Final[list[Callable[[NetDevice], None]]] = []


def register(device: NetDevice) -> None:
    """A card that works: give it a name and tell the stack."""
    device.name = f"eth{len(_devices)}".encode()
    _devices.append(device)
    for listener in _listeners:
        listener(device)


def on_new(listener: Callable[[NetDevice], None]) -> None:
    """Have listener(device) called for every card there is or will be."""
    _listeners.append(listener)
    for device in _devices:
        listener(device)


def devices() -> list[NetDevice]:
    """The cards, in the order of their names."""
    return _devices.copy()
