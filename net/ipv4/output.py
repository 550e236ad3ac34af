"""Sending IPv4 packets: which way, from which address, in how many pieces. (RFC 1122 3.3, RFC 791 3.2)

find_path() answers what a socket asks before it sends (and connect(2) without sending); send() sends along the path. A packet for one of
the machine's own addresses goes through the loopback interface; one for everybody, and for a group that we are in, also comes back.
"""

from enum import IntEnum
from typing import Final

from net import interfaces, routes, statistics
from net.addresses import ANY, BROADCAST, LOOPBACK, is_multicast
from net.interface import Interface, InterfaceFlags
from net.ipv4 import groups, pathmtu
from net.ipv4.packet import DONT_FRAGMENT, MAX_PACKET, MIN_HEADER, MORE_FRAGMENTS, make_header
from net.loopqueue import loop_back
from objects.netdevice import SendBudget
from objects.random import random_bytes
from scarlet.lang.errno import EADDRNOTAVAIL, EHOSTUNREACH, EMSGSIZE, ENETDOWN, ENETUNREACH, Errno

DEFAULT_TTL: Final = 64


class PathKind(IntEnum):
    """Who is meant."""

    UNICAST = 0
    LOCAL = 1
    BROADCAST = 2
    MULTICAST = 3


class Discover(IntEnum):
    """How to treat packets that are too large for the way: IP_PMTUDISC_*. (ip(7))"""

    DONT = 0
    """Let routers fragment them."""
    WANT = 1
    """Learn what fits, and fragment here."""
    DO = 2
    """Learn what fits, and refuse more."""
    PROBE = 3
    """Refuse what the link does not carry, whatever was learned."""


class Path:
    """The way to a destination."""

    def __init__(self, kind: PathKind, source: int, destination: int, next_hop: int, interface: Interface) -> None:
        self.kind = kind
        self.source = source
        self.destination = destination
        self.next_hop = next_hop
        self.interface = interface

    @property
    def through_gateway(self) -> bool:
        """Is the destination not on the link itself?"""
        return self.next_hop != self.destination

    def mtu(self, discover: Discover) -> int:
        """The largest packet that may be sent in one piece."""
        if discover is Discover.PROBE or self.kind is not PathKind.UNICAST:
            return self.interface.mtu
        return pathmtu.get(self.destination, self.interface.mtu)


class SendOptions:
    """How a packet is to be sent."""

    def __init__(
        self,
        *,
        ttl: int = DEFAULT_TTL,
        tos: int = 0,
        discover: Discover = Discover.WANT,
        loop: bool = True,
        budget: SendBudget | None = None,
    ) -> None:
        self.ttl = ttl
        self.tos = tos
        self.discover = discover
        self.loop = loop
        """Does a multicast come back to our own members of the group?"""
        self.budget = budget


_next_identification = 0


def identification() -> int:
    """The next number for a packet that may be fragmented; the first is random."""
    global _next_identification
    if _next_identification == 0:
        start = random_bytes(2)
        _next_identification = start[0] << 8 | start[1]
    _next_identification = (_next_identification + 1) & 0xFFFF
    return _next_identification


def find_path(destination: int, source: int = ANY, interface: Interface | None = None) -> Path:
    """The way to a destination, from an address or by an interface if one is given. ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL."""
    if destination == ANY:
        destination = source if source != ANY else LOOPBACK
    if source != ANY and not interfaces.is_own(source):
        raise Errno(EADDRNOTAVAIL, "the source is not an address of ours")
    if interface is not None and not interface.up:
        raise Errno(ENETDOWN, "the interface is down")
    if interfaces.is_own(destination):
        return _local(destination, source)
    if destination == BROADCAST or is_multicast(destination):
        return _to_all(destination, source, interface)
    route = routes.find(destination, interface)
    if route is None:
        if interface is None or interface.kind_flags & InterfaceFlags.LOOPBACK:
            statistics.ip.out_no_routes += 1
            raise Errno(ENETUNREACH, "there is no route")
        return Path(PathKind.UNICAST, _source_for(source, interface, destination), destination, destination, interface)
    chosen = route.source if route.source != 0 else interfaces.source_on(route.interface, route.next_hop(destination))
    kind = PathKind.BROADCAST if route.interface.is_broadcast(destination) else PathKind.UNICAST
    return Path(kind, source if source != ANY else chosen, destination, route.next_hop(destination), route.interface)


def _source_for(source: int, interface: Interface, destination: int) -> int:
    if source != ANY:
        return source
    found = interfaces.source_on(interface, destination)
    return found if found != ANY else interfaces.first_source()


def _local(destination: int, source: int) -> Path:
    """To ourselves."""
    loopback = interfaces.loopback()
    if loopback is None:
        raise Errno(ENETUNREACH, "the loopback interface is down")
    return Path(PathKind.LOCAL, source if source != ANY else destination, destination, destination, loopback)


def _to_all(destination: int, source: int, interface: Interface | None) -> Path:
    """To everybody on a link: the given one, that of the source, that of a route, or the first there is."""
    if interface is None and source != ANY:
        interface = interfaces.owner_of(source)
    if interface is None:
        route = routes.find(destination)
        interface = route.interface if route is not None else _first_link()
    if interface is None:
        statistics.ip.out_no_routes += 1
        raise Errno(ENETUNREACH, "there is no link to send it on")
    kind = PathKind.MULTICAST if is_multicast(destination) else PathKind.BROADCAST
    return Path(kind, _source_for(source, interface, destination), destination, destination, interface)


def _first_link() -> Interface | None:
    for interface in interfaces.every():
        if interface.up and interface.kind_flags & InterfaceFlags.BROADCAST and len(interface.addresses) > 0:
            return interface
    return None


def send(path: Path, protocol: int, payload: bytes, options: SendOptions) -> None:
    """Send one packet. EMSGSIZE when it may not be divided and is too large, EHOSTUNREACH when nothing carries it."""
    statistics.ip.out_requests += 1
    if len(payload) > MAX_PACKET - MIN_HEADER:
        raise Errno(EMSGSIZE, "no packet is that large")
    mtu = path.mtu(options.discover)
    size = MIN_HEADER + len(payload)
    if size <= mtu:
        whole = options.discover is not Discover.DONT
        number = 0 if whole and path.kind is not PathKind.LOCAL else identification()
        _pass_on(path, _make(path, protocol, payload, number, DONT_FRAGMENT if whole else 0, options), options)
        return
    if options.discover is Discover.DO or options.discover is Discover.PROBE:
        statistics.ip.frag_fails += 1
        raise Errno(EMSGSIZE, "the packet is too large for the way, and may not be divided")
    _send_in_pieces(path, protocol, payload, mtu, options)


def _send_in_pieces(path: Path, protocol: int, payload: bytes, mtu: int, options: SendOptions) -> None:
    """All but the last piece are multiples of eight bytes. (RFC 791)"""
    room = (mtu - MIN_HEADER) // 8 * 8
    if room <= 0:
        raise Errno(EHOSTUNREACH, "the link carries no packets")
    number = identification()
    for start in range(0, len(payload), room):
        piece = payload[start : start + room]
        more = MORE_FRAGMENTS if start + room < len(payload) else 0
        _pass_on(path, _make(path, protocol, piece, number, more | start // 8, options), options)
        statistics.ip.frag_creates += 1
    statistics.ip.frag_oks += 1


def _make(path: Path, protocol: int, payload: bytes, number: int, fragment: int, options: SendOptions) -> bytes:
    header = make_header(
        path.source, path.destination, protocol, len(payload), identification=number, fragment=fragment, ttl=options.ttl, tos=options.tos
    )
    return header + payload


def send_raw(path: Path, packet: bytes, budget: SendBudget | None) -> None:
    """Send a packet whose header is made already (IP_HDRINCL). EMSGSIZE."""
    statistics.ip.out_requests += 1
    if len(packet) > path.interface.mtu:
        raise Errno(EMSGSIZE, "packets with a header of their own are not divided")
    _pass_on(path, packet, SendOptions(budget=budget))


def _pass_on(path: Path, packet: bytes, options: SendOptions) -> None:
    interface = path.interface
    if path.kind is PathKind.LOCAL or interface.kind_flags & InterfaceFlags.LOOPBACK:
        loop_back(interface, packet, options.budget)
        return
    comes_back = path.kind is PathKind.BROADCAST
    if path.kind is PathKind.MULTICAST:
        comes_back = options.loop and groups.is_member(interface, path.destination)
    if comes_back:
        loop_back(interface, packet, None)
    if path.kind is PathKind.MULTICAST and options.ttl == 0:
        return
    interface.transmit(packet, BROADCAST if path.kind is PathKind.BROADCAST else path.next_hop, options.budget)
