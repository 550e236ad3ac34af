"""Interfaces as messages: RTM_GETLINK, RTM_NEWLINK, RTM_SETLINK. (rtnetlink(7), linux/if_link.h)"""

from enum import IntEnum
from typing import Final

from net import configuration, interfaces
from net.interface import MAX_MTU, MIN_MTU, Interface, InterfaceFlags
from net.netlink.message import Answer, Request, RequestFlags, number, word
from scarlet.lang.errno import EINVAL, ENODEV, EOPNOTSUPP, Errno

STRUCTURE: Final = 16
"""struct ifinfomsg { u8 family, pad; u16 type; i32 index; u32 flags, change; }"""
QUEUE_LENGTH: Final = 1000


class LinkType(IntEnum):
    """Types of messages."""

    NEW = 16
    DELETE = 17
    GET = 18
    SET = 19


class LinkAttribute(IntEnum):
    """IFLA_*"""

    ADDRESS = 1
    BROADCAST = 2
    IFNAME = 3
    MTU = 4
    QDISC = 6
    STATS = 7
    TXQLEN = 13
    OPERSTATE = 16
    LINKMODE = 17
    STATS64 = 23
    EXT_MASK = 29
    CARRIER = 33
    MIN_MTU = 50
    MAX_MTU = 51


class OperationalState(IntEnum):
    """RFC 2863, ifOperStatus"""

    UNKNOWN = 0
    DOWN = 2
    UP = 6


def encode(interface: Interface, type: int, flags: int, sequence: int, port: int) -> bytes:
    """One interface."""
    kind = int(interface.hardware_type).to_bytes(2, "little")
    structure = bytes(2) + kind + interface.index.to_bytes(4, "little") + int(interface.flags).to_bytes(4, "little") + bytes(4)
    answer = Answer(type, flags, sequence, port, structure)
    answer.add_text(LinkAttribute.IFNAME, interface.name)
    answer.add_number(LinkAttribute.TXQLEN, QUEUE_LENGTH)
    answer.add_number(LinkAttribute.OPERSTATE, _state(interface), 1)
    answer.add_number(LinkAttribute.LINKMODE, 0, 1)
    answer.add_number(LinkAttribute.MTU, interface.mtu)
    answer.add_number(LinkAttribute.MIN_MTU, MIN_MTU)
    answer.add_number(LinkAttribute.MAX_MTU, min(interface.largest_mtu, MAX_MTU))
    answer.add_number(LinkAttribute.CARRIER, int(interface.up and interface.carrier), 1)
    answer.add_text(LinkAttribute.QDISC, b"noqueue")
    answer.add(LinkAttribute.ADDRESS, interface.hardware)
    answer.add(LinkAttribute.BROADCAST, bytes(6) if interface.kind_flags & InterfaceFlags.LOOPBACK else b"\xff" * 6)
    counts = _counters(interface)
    answer.add(LinkAttribute.STATS64, b"".join([count.to_bytes(8, "little") for count in counts]))
    answer.add(LinkAttribute.STATS, b"".join([(count & 0xFFFFFFFF).to_bytes(4, "little") for count in counts]))
    return answer.finish()


def _state(interface: Interface) -> OperationalState:
    """A loopback interface has no link of which it could know."""
    if interface.kind_flags & InterfaceFlags.LOOPBACK:
        return OperationalState.UNKNOWN
    return OperationalState.UP if interface.up and interface.carrier else OperationalState.DOWN


def _counters(interface: Interface) -> list[int]:
    """struct rtnl_link_stats64, as far as there is something to count."""
    counters = interface.counters
    return [
        counters.rx_packets, counters.tx_packets, counters.rx_bytes, counters.tx_bytes, counters.rx_errors, counters.tx_errors,
        counters.rx_dropped, counters.tx_dropped, counters.rx_multicast, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]  # fmt: skip


def dump(request: Request, port: int) -> list[bytes]:
    """All interfaces."""
    return [encode(interface, LinkType.NEW, RequestFlags.MULTI, request.sequence, port) for interface in interfaces.every()]


def get(request: Request, port: int) -> list[bytes]:
    """One interface, by index or name. ENODEV."""
    return [encode(_wanted(request), LinkType.NEW, 0, request.sequence, port)]


def change(request: Request) -> None:
    """Up or down, MTU. ENODEV; EOPNOTSUPP to make an interface, and for everything else that an interface has."""
    structure = request.structure(STRUCTURE)
    attributes = request.attributes(STRUCTURE)
    interface = _wanted(request)
    for type in attributes:
        if type not in (LinkAttribute.IFNAME, LinkAttribute.MTU, LinkAttribute.EXT_MASK):
            raise Errno(EOPNOTSUPP, "this cannot be changed")
    if attributes.get(LinkAttribute.IFNAME, interface.name).split(b"\0")[0] != interface.name:
        raise Errno(EOPNOTSUPP, "interfaces keep their names")
    flags = word(structure, 8, 4)
    mask = word(structure, 12, 4)
    if mask & ~int(InterfaceFlags.UP) & (flags ^ int(interface.flags)):
        raise Errno(EOPNOTSUPP, "only IFF_UP can be changed")
    mtu = number(attributes, LinkAttribute.MTU)
    if mtu >= 0:
        configuration.set_mtu(interface, mtu)
    if mask & InterfaceFlags.UP or mask == 0 and flags != 0:
        if flags & InterfaceFlags.UP:
            configuration.set_up(interface)
        else:
            configuration.set_down(interface)


def _wanted(request: Request) -> Interface:
    index = word(request.structure(STRUCTURE), 4, 4)
    name = request.attributes(STRUCTURE).get(LinkAttribute.IFNAME)
    if index > 0:
        found = interfaces.by_index(index)
    elif name is not None:
        found = interfaces.by_name(name.split(b"\0")[0])
        if found is None and request.has(RequestFlags.CREATE):
            raise Errno(EOPNOTSUPP, "interfaces cannot be made")
    else:
        raise Errno(EINVAL, "neither an index nor a name")
    if found is None:
        raise Errno(ENODEV, "no such interface")
    return found
