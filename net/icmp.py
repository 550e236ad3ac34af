"""ICMP: answers echo requests, gives replies to the sockets that asked, and errors to the protocol whose packet they are about. (RFC
792, RFC 1122 3.2.2)
"""

from typing import Final

from net import interfaces, protocols, statistics
from net.checksum import checksum
from net.icmp_errors import (
    ECHO_REPLY,
    ECHO_REQUEST,
    FRAGMENTATION_NEEDED,
    PARAMETER_PROBLEM,
    SOURCE_QUENCH,
    TIME_EXCEEDED,
    UNREACHABLE,
    IcmpHeader,
    errno_of,
    is_fatal,
    make_message,
)  # fmt: skip
from net.ipv4 import pathmtu
from net.ipv4.output import Discover, SendOptions, find_path, send
from net.ipv4.packet import MIN_HEADER, Packet, parse
from net.protocols import DeliveryError, IpProtocol, Protocol
from net.ratelimit import RateLimit
from scarlet.lang import Errno

ECHOES_PER_SECOND: Final = 5000
"""Replies; more requests than that come from nobody who wants to know."""
MIN_QUOTED_PAYLOAD: Final = 8
"""What every message says of the packet beside its header."""
PLATEAUS: Final = (65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68)
"""Sizes of packets that links are made for, for routers that do not say theirs. (RFC 1191, 7)"""


class EchoListener:
    """Gets the replies to the echo requests with one identifier: a ping socket. Derive from it."""

    def replied(self, packet: Packet) -> None:
        """An echo reply; the payload is the ICMP message."""
        raise NotImplementedError("EchoListener.replied")

    def echo_failed(self, packet: Packet, error: DeliveryError) -> None:
        """A request did not arrive."""
        raise NotImplementedError("EchoListener.echo_failed")


listeners: Final[dict[int, EchoListener]] = {}
"""By identifier."""


class Icmp(Protocol):
    """The protocol."""

    def __init__(self) -> None:
        self._echoes = RateLimit(per_second=ECHOES_PER_SECOND, burst=ECHOES_PER_SECOND // 10)

    def receive(self, packet: Packet) -> None:
        counters = statistics.icmp
        counters.in_msgs += 1
        message = packet.payload
        if len(message) < IcmpHeader.SIZE:
            counters.in_errors += 1
            return
        if checksum(message) != 0:
            counters.in_errors += 1
            counters.in_csum_errors += 1
            return
        header = IcmpHeader.parse(message)
        kind = int(header.type)
        statistics.count_type(counters.in_types, kind)
        if kind == ECHO_REQUEST:
            self._answer(packet, header)
        elif kind == ECHO_REPLY:
            listener = listeners.get(int(header.rest >> 16))
            if listener is not None and not packet.to_all:
                listener.replied(packet)
        elif kind == UNREACHABLE or kind == SOURCE_QUENCH or kind == TIME_EXCEEDED or kind == PARAMETER_PROBLEM:
            self._report(packet, header)

    def _answer(self, packet: Packet, header: IcmpHeader) -> None:
        """Echo the request; not one for everybody, which would be many answers to a forged address. (RFC 1122 3.2.2.6)"""
        if packet.to_all or not self._echoes.allow():
            return
        reply = make_message(ECHO_REPLY, 0, int(header.rest), packet.payload[IcmpHeader.SIZE :])
        try:
            send(find_path(packet.source, packet.destination), IpProtocol.ICMP, reply, SendOptions(tos=packet.tos, discover=Discover.DONT))
        except Errno:
            statistics.icmp.out_errors += 1
            return
        statistics.icmp.out_msgs += 1
        statistics.count_type(statistics.icmp.out_types, ECHO_REPLY)

    def _report(self, packet: Packet, header: IcmpHeader) -> None:
        """An error: it must be about a packet that we can have sent."""
        kind = int(header.type)
        code = int(header.code)
        about = parse(packet.payload[IcmpHeader.SIZE :], quoted=True)
        if about is None or packet.to_all or len(about.payload) < MIN_QUOTED_PAYLOAD or not interfaces.is_own(about.source):
            statistics.icmp.in_errors += 1
            return
        if about.offset > 0 or kind == SOURCE_QUENCH:
            return
        info = 0
        if kind == UNREACHABLE and code == FRAGMENTATION_NEEDED:
            info = _mtu_of(int(header.rest & 0xFFFF), about)
            pathmtu.learn(about.destination, info)
        errno = errno_of(kind, code)
        if errno != 0:
            error = DeliveryError(errno, fatal=is_fatal(kind, code), type=kind, code_number=code, info=info, offender=packet.source)
            protocols.failed(about, error)

    def not_delivered(self, packet: Packet, error: DeliveryError) -> None:
        if packet.payload[0] == ECHO_REQUEST:
            listener = listeners.get(packet.payload[4] << 8 | packet.payload[5])
            if listener is not None:
                listener.echo_failed(packet, error)


def _mtu_of(told: int, about: Packet) -> int:
    """What fits; an old router says 0, then it is the next smaller usual size."""
    if told >= MIN_HEADER:
        return told
    for size in PLATEAUS:
        if size < about.total_length:
            return size
    return PLATEAUS[-1]
