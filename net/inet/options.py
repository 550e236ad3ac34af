"""The options of the level IPPROTO_IP, and how their values stand in memory. (ip(7))"""

from enum import IntEnum
from typing import Final

from net import interfaces, routes
from net.addresses import ANY, is_multicast
from net.interface import Interface, InterfaceFlags
from net.ipv4 import groups
from net.ipv4.output import DEFAULT_TTL, Discover
from scarlet.lang.errno import EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV, ENOPROTOOPT, Errno

LEVEL_IP: Final = 0
MAX_MEMBERSHIPS: Final = 20
"""net.ipv4.igmp_max_memberships"""


class IpOption(IntEnum):
    """IP_*"""

    TOS = 1
    TTL = 2
    HDRINCL = 3
    PKTINFO = 8
    MTU_DISCOVER = 10
    RECVERR = 11
    RECVTTL = 12
    RECVTOS = 13
    MTU = 14
    FREEBIND = 15
    MULTICAST_IF = 32
    MULTICAST_TTL = 33
    MULTICAST_LOOP = 34
    ADD_MEMBERSHIP = 35
    DROP_MEMBERSHIP = 36
    MULTICAST_ALL = 49


NEED_A_VALUE: Final = (IpOption.TTL, IpOption.FREEBIND, IpOption.MULTICAST_TTL, IpOption.MULTICAST_LOOP, IpOption.MULTICAST_ALL)
"""Options that an empty value does not set to 0."""


class Membership:
    """A group that a socket is in, on one interface."""

    def __init__(self, interface: Interface, group: int) -> None:
        self.interface = interface
        self.group = group


class IpOptions:
    """The options of one socket."""

    def __init__(self, discover: Discover) -> None:
        self.tos = 0
        self.ttl = DEFAULT_TTL
        self.discover = discover
        self.packet_info = False
        self.receive_ttl = False
        self.receive_tos = False
        self.receive_errors = False
        """Report every error, and keep what is known of each. (IP_RECVERR)"""
        self.free_bind = False
        self.header_included = False
        self.multicast_ttl = 1
        self.multicast_loop = True
        self.multicast_all = True
        """Take what comes for any group that the machine is in, joined by this socket or not."""
        self.multicast_interface: Interface | None = None
        self.multicast_source = ANY
        self.memberships: list[Membership] = []

    def is_in(self, interface: Interface | None, group: int) -> bool:
        """Has this socket joined that group there?"""
        for membership in self.memberships:
            if membership.group == group and membership.interface is interface:
                return True
        return False

    def get(self, name: int, length: int) -> bytes:
        """The value of an option. ENOPROTOOPT."""
        if name == IpOption.MULTICAST_IF:
            return self.multicast_source.to_bytes(4, "big")[:length]
        return encode_number(self._number(name), length)

    def _number(self, name: int) -> int:
        match name:
            case IpOption.TOS:
                return self.tos
            case IpOption.TTL:
                return self.ttl
            case IpOption.HDRINCL:
                return int(self.header_included)
            case IpOption.PKTINFO:
                return int(self.packet_info)
            case IpOption.MTU_DISCOVER:
                return int(self.discover)
            case IpOption.RECVERR:
                return int(self.receive_errors)
            case IpOption.RECVTTL:
                return int(self.receive_ttl)
            case IpOption.RECVTOS:
                return int(self.receive_tos)
            case IpOption.FREEBIND:
                return int(self.free_bind)
            case IpOption.MULTICAST_TTL:
                return self.multicast_ttl
            case IpOption.MULTICAST_LOOP:
                return int(self.multicast_loop)
            case IpOption.MULTICAST_ALL:
                return int(self.multicast_all)
            case _:
                raise Errno(ENOPROTOOPT, "no such option of IP")

    def set(self, name: int, value: bytes) -> None:
        """Set an option. EINVAL for a value that it cannot have; ENOPROTOOPT; and what joining a group raises."""
        if name == IpOption.ADD_MEMBERSHIP:
            self._join(value)
        elif name == IpOption.DROP_MEMBERSHIP:
            self._leave(value)
        elif name == IpOption.MULTICAST_IF:
            self._set_multicast_interface(value)
        elif len(value) == 0 and name in NEED_A_VALUE:
            raise Errno(EINVAL, "an option without a value")
        else:
            self._set_number(name, decode_number(value))

    def _set_number(self, name: int, number: int) -> None:
        match name:
            case IpOption.TOS:
                self.tos = number & 0xFF
            case IpOption.TTL:
                self.ttl = DEFAULT_TTL if number == -1 else _within(number, 1, 255)
            case IpOption.PKTINFO:
                self.packet_info = number != 0
            case IpOption.MTU_DISCOVER:
                self.discover = Discover(_within(number, 0, 3))
            case IpOption.RECVERR:
                self.receive_errors = number != 0
            case IpOption.RECVTTL:
                self.receive_ttl = number != 0
            case IpOption.RECVTOS:
                self.receive_tos = number != 0
            case IpOption.FREEBIND:
                self.free_bind = number != 0
            case IpOption.MULTICAST_TTL:
                self.multicast_ttl = 1 if number == -1 else _within(number, 0, 255)
            case IpOption.MULTICAST_LOOP:
                self.multicast_loop = number != 0
            case IpOption.MULTICAST_ALL:
                self.multicast_all = _within(number, 0, 1) != 0
            case _:
                raise Errno(ENOPROTOOPT, "no such option of IP")

    # Groups

    def _join(self, value: bytes) -> None:
        group, address, index = _read_request(value)
        if not is_multicast(group):
            raise Errno(EINVAL, "that is no multicast group")
        interface = _choose_interface(address, index, group)
        if interface is None:
            raise Errno(ENODEV, "there is no such interface")
        if self.is_in(interface, group):
            raise Errno(EADDRINUSE, "the socket is in that group already")
        if len(self.memberships) >= MAX_MEMBERSHIPS:
            raise Errno(ENOBUFS, "too many groups")
        self.memberships.append(Membership(interface, group))
        groups.join(interface, group)

    def _leave(self, value: bytes) -> None:
        group, address, index = _read_request(value)
        interface = _choose_interface(address, index, group) if address != ANY or index != 0 else None
        for place in range(len(self.memberships)):
            membership = self.memberships[place]
            if membership.group == group and (interface is None or membership.interface is interface):
                self.memberships.pop(place)
                groups.leave(membership.interface, group)
                return
        raise Errno(EADDRNOTAVAIL, "the socket is not in that group")

    def leave_all(self) -> None:
        """The socket is closed."""
        while len(self.memberships) > 0:
            membership = self.memberships.pop()
            groups.leave(membership.interface, membership.group)

    def _set_multicast_interface(self, value: bytes) -> None:
        """An address of the interface, or one of the two structures of IP_ADD_MEMBERSHIP."""
        if len(value) < 8:
            if len(value) < 4:
                raise Errno(EINVAL, "an address has four bytes")
            address = int.from_bytes(value[:4], "big")
            index = 0
        else:
            _group, address, index = _read_request(value)
        if address == ANY and index == 0:
            self.multicast_interface = None
            self.multicast_source = ANY
            return
        interface = interfaces.by_index(index) if index != 0 else interfaces.owner_of(address)
        if interface is None:
            raise Errno(EADDRNOTAVAIL, "there is no such interface")
        self.multicast_interface = interface
        self.multicast_source = address


def _read_request(value: bytes) -> tuple[int, int, int]:
    """Group, address of an interface, index of one: struct ip_mreq or ip_mreqn."""
    if len(value) < 8:
        raise Errno(EINVAL, "struct ip_mreq has eight bytes")
    index = int.from_bytes(value[8:12], "little") if len(value) >= 12 else 0
    return (int.from_bytes(value[:4], "big"), int.from_bytes(value[4:8], "big"), index)


def _choose_interface(address: int, index: int, group: int) -> Interface | None:
    if index != 0:
        return interfaces.by_index(index)
    if address != ANY:
        return interfaces.owner_of(address)
    route = routes.find(group)
    if route is not None:
        return route.interface
    for interface in interfaces.every():
        if interface.up and interface.flags & InterfaceFlags.MULTICAST:
            return interface
    return None


def encode_number(value: int, length: int) -> bytes:
    """An int as getsockopt(2) gives it: four bytes, or one where there is no room for four."""
    if 0 < length < 4 and 0 <= value <= 255:
        return bytes([value])
    return (value & 0xFFFFFFFF).to_bytes(4, "little")[:length]


def decode_number(value: bytes) -> int:
    """An int as setsockopt(2) takes it: four bytes, or one, or none for 0."""
    if len(value) >= 4:
        return int.from_bytes(value[:4], "little", signed=True)
    return value[0] if len(value) >= 1 else 0


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise Errno(EINVAL, "the option cannot have that value")
    return number
