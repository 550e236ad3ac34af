"""ICMP messages that say why a packet was not delivered: which are sent, and what those that come mean to the sender.

Source: RFC 792, RFC 1122 3.2.2; the errno of each is in icmp(7) and ip(7) as Linux gives them.
"""

from typing import TYPE_CHECKING, Final

from net import interfaces, statistics
from net.addresses import is_host
from net.checksum import checksum
from net.ipv4.output import Discover, SendOptions, find_path, send
from net.ratelimit import RateLimit
from scarlet.lang import Errno, struct, u8, u16, u32
from scarlet.lang.errno import (
    ECONNREFUSED,
    EHOSTDOWN,
    EHOSTUNREACH,
    EMSGSIZE,
    ENETUNREACH,
    ENONET,
    ENOPROTOOPT,
    EOPNOTSUPP,
    EPROTO,
)  # fmt: skip

if TYPE_CHECKING:
    from net.ipv4.packet import Packet

ICMP: Final = 1
ECHO_REPLY: Final = 0
UNREACHABLE: Final = 3
SOURCE_QUENCH: Final = 4
REDIRECT: Final = 5
ECHO_REQUEST: Final = 8
TIME_EXCEEDED: Final = 11
PARAMETER_PROBLEM: Final = 12

NET: Final = 0
HOST: Final = 1
PROTOCOL: Final = 2
PORT: Final = 3
FRAGMENTATION_NEEDED: Final = 4
"""Codes of UNREACHABLE."""
REASSEMBLY: Final = 1
"""Code of TIME_EXCEEDED."""

QUOTED: Final = 548
"""Bytes of the packet in question that go into a message: with headers, 576 are not exceeded. (RFC 1812 4.3.2.3)"""

_UNREACHABLE_ERRORS: Final = (
    ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED, EMSGSIZE, EOPNOTSUPP, ENETUNREACH, EHOSTDOWN,
    ENONET, ENETUNREACH, EHOSTUNREACH, ENETUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH, EHOSTUNREACH,
)  # fmt: skip
"""By code."""
_PASSING: Final = (NET, HOST, FRAGMENTATION_NEEDED, 5, 11, 12)
"""Codes of what may be over soon: the others are fatal."""


@struct(packed=True, big_endian=True)
class IcmpHeader:
    """What every message begins with. `rest` is: identifier and sequence of an echo; unused and MTU of fragmentation needed."""

    type: u8
    code: u8
    checksum: u16
    rest: u32


def make_message(type: int, code: int, rest: int, data: bytes) -> bytes:
    """A message with its checksum."""
    header = IcmpHeader(type=u8(type), code=u8(code), rest=u32(rest))
    header.checksum = u16(checksum(header.pack() + data))
    return header.pack() + data


def errno_of(type: int, code: int) -> int:
    """What the sender of the packet is told; 0 when it is not told anything."""
    if type == UNREACHABLE:
        return _UNREACHABLE_ERRORS[code] if code < len(_UNREACHABLE_ERRORS) else 0
    if type == TIME_EXCEEDED:
        return EHOSTUNREACH
    return EPROTO if type == PARAMETER_PROBLEM else 0


def is_fatal(type: int, code: int) -> bool:
    """Is it of no use to try again?"""
    if type == UNREACHABLE:
        return code not in _PASSING
    return type == PARAMETER_PROBLEM


_limit: Final[list[RateLimit]] = []


def _allowed() -> bool:
    if len(_limit) == 0:
        _limit.append(RateLimit(per_second=1000, burst=50))
    return _limit[0].allow()


def _send_error(packet: "Packet", type: int, code: int) -> None:
    """Tell the sender of a packet; never about an ICMP error, nor what could be an avalanche. (RFC 1122 3.2.2)"""
    if packet.to_all or packet.offset > 0 or not is_host(packet.source) or not interfaces.is_own(packet.destination):
        return
    if packet.protocol == ICMP and (len(packet.payload) == 0 or packet.payload[0] not in (ECHO_REPLY, ECHO_REQUEST)):
        return
    if not _allowed():
        return
    message = make_message(type, code, 0, (packet.head + packet.payload)[:QUOTED])
    try:
        path = find_path(packet.source, packet.destination)
        send(path, ICMP, message, SendOptions(tos=packet.tos & 0x1E | 0xC0, discover=Discover.DONT))
    except Errno:
        statistics.icmp.out_errors += 1
        return
    statistics.icmp.out_msgs += 1
    statistics.count_type(statistics.icmp.out_types, type)


def port_unreachable(packet: "Packet") -> None:
    """Nobody has the port."""
    _send_error(packet, UNREACHABLE, PORT)


def protocol_unreachable(packet: "Packet") -> None:
    """Nobody here knows the protocol."""
    _send_error(packet, UNREACHABLE, PROTOCOL)


def reassembly_timed_out(packet: "Packet") -> None:
    """Fragments were missing; `packet` is the first."""
    _send_error(packet, TIME_EXCEEDED, REASSEMBLY)
