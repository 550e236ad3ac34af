"""What IPv4 packets carry, by number: a protocol puts itself into this registry and gets the packets of its number, and what became of
those that it sent. Raw sockets get a copy of every packet of theirs beside that. (RFC 791, RFC 1122 3.4)"""

from enum import IntEnum
from typing import Final

from net.ipv4.packet import Packet


class IpProtocol(IntEnum):
    """Numbers of protocols. (in.h)"""

    IP = 0
    ICMP = 1
    TCP = 6
    UDP = 17
    RAW = 255


class DeliveryError:
    """Why a packet did not arrive: `code` is the errno for its sender, `fatal` when trying again is of no use. `type` and `code_number`
    are those of the ICMP message, from `offender`; 0 and 0 when no message came."""

    def __init__(self, code: int, *, fatal: bool, type: int = 0, code_number: int = 0, info: int = 0, offender: int = 0) -> None:
        self.code = code
        self.fatal = fatal
        self.type = type
        self.code_number = code_number
        self.info = info
        """The MTU that a packet was too large for."""
        self.offender = offender


class Protocol:
    """One protocol. Derive from it."""

    def receive(self, packet: Packet) -> None:
        """A packet for one of our addresses, or for all. Must not block."""
        raise NotImplementedError("Protocol.receive")

    def not_delivered(self, packet: Packet, error: DeliveryError) -> None:
        """A packet that we sent, of which at least the first eight bytes of payload are there, did not arrive."""


class Tap:
    """Gets a copy of the packets of one protocol: a raw socket. Derive from it."""

    def tapped(self, packet: Packet) -> bool:
        """A packet came; False when this tap does not want it."""
        raise NotImplementedError("Tap.tapped")

    def tap_error(self, packet: Packet, error: DeliveryError) -> None:
        """A packet of this protocol did not arrive."""


_protocols: Final[dict[int, Protocol]] = {}
_taps: Final[dict[int, list[Tap]]] = {}


def announce(number: int, protocol: Protocol) -> None:
    """Have the packets of this number given to the protocol."""
    _protocols[number] = protocol


def find(number: int) -> Protocol | None:
    """The protocol of a number."""
    return _protocols.get(number)


def add_tap(number: int, tap: Tap) -> None:
    """Have copies of the packets of this number given to the tap. It is in the table until remove_tap."""
    if number not in _taps:
        _taps[number] = []
    _taps[number].append(tap)


def remove_tap(number: int, tap: Tap) -> None:
    """No more of them."""
    taps = _taps.get(number)
    if taps is not None:
        for place in range(len(taps)):
            if taps[place] is tap:
                taps.pop(place)
                return


def tapped(packet: Packet) -> bool:
    """Give copies of a packet to whoever taps its protocol; did anybody want it?"""
    taps = _taps.get(packet.protocol)
    wanted = False
    if taps is not None:
        for tap in taps:
            if tap.tapped(packet):
                wanted = True
    return wanted


def failed(packet: Packet, error: DeliveryError) -> None:
    """Tell whoever may have sent a packet that it did not arrive."""
    taps = _taps.get(packet.protocol)
    if taps is not None:
        for tap in taps:
            tap.tap_error(packet, error)
    protocol = _protocols.get(packet.protocol)
    if protocol is not None:
        protocol.not_delivered(packet, error)
