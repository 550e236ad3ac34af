"""The routing table: by which interface, and through which gateway, a destination is reached. (ip-route(8), RFC 1812 5.2.4.3)

The longest prefix that contains the destination wins; among equal ones the smallest metric, then the oldest. The machine's own addresses
are not in the table: they are looked up first (ipv4/output.py).
"""

from enum import IntEnum
from typing import Final

from net import interfaces
from net.addresses import is_host, mask_of
from net.interface import Interface
from scarlet.lang.errno import EEXIST, EINVAL, ENETDOWN, ENETUNREACH, ENOMEM, ESRCH, Errno

MAX_ROUTES: Final = 4096


class RouteProtocol(IntEnum):
    """Who made a route. (RTPROT_*)"""

    KERNEL = 2
    BOOT = 3
    STATIC = 4
    DHCP = 16


class RouteScope(IntEnum):
    """How far the destination is. (RT_SCOPE_*)"""

    UNIVERSE = 0
    LINK = 253
    HOST = 254


class Route:
    """One entry; `gateway` is 0 when the destination is on the link itself, `source` 0 when the interface's address is to be used."""

    def __init__(
        self, destination: int, prefix: int, interface: Interface, gateway: int = 0, *, metric: int = 0, source: int = 0,
        protocol: RouteProtocol = RouteProtocol.BOOT,
    ) -> None:  # fmt: skip
        self.destination = destination
        self.prefix = prefix
        self.interface = interface
        self.gateway = gateway
        self.metric = metric
        self.source = source
        self.protocol = protocol

    @property
    def scope(self) -> RouteScope:
        return RouteScope.UNIVERSE if self.gateway != 0 else RouteScope.LINK

    def contains(self, address: int) -> bool:
        """Does it lead there?"""
        return address & mask_of(self.prefix) == self.destination

    def next_hop(self, destination: int) -> int:
        """The neighbour that a packet goes to."""
        return self.gateway if self.gateway != 0 else destination


_table: Final[list[Route]] = []
"""Longest prefix first, then smallest metric, then oldest."""


def every() -> list[Route]:
    """All routes, the most specific first."""
    return _table


def by_destination() -> list[Route]:
    """All routes as they are shown: by destination, and of those to one destination the most specific first."""
    return sorted(_table, key=_shown_place)


def _shown_place(route: Route) -> int:
    return route.destination << 6 | 32 - route.prefix


def find(destination: int, interface: Interface | None = None) -> Route | None:
    """The route to an address, by that interface alone if one is given."""
    for route in _table:
        if route.contains(destination) and (interface is None or route.interface is interface):
            return route
    return None


def add(route: Route) -> None:
    """EINVAL for a destination with bits beyond its prefix or a gateway that cannot be one, ENETDOWN, ENETUNREACH for a gateway that is
    on no network of ours, EEXIST, ENOMEM."""
    if not 0 <= route.prefix <= 32 or route.destination & ~mask_of(route.prefix) != 0:
        raise Errno(EINVAL, "the destination has bits beyond its prefix")
    if not route.interface.up:
        raise Errno(ENETDOWN, "the interface is down")
    if route.gateway != 0:
        _check_gateway(route)
    if len(_table) >= MAX_ROUTES:
        raise Errno(ENOMEM, "the routing table is full")
    place = 0
    while place < len(_table) and not _before(route, _table[place]):
        if _same(route, _table[place]):
            raise Errno(EEXIST, "there is such a route")
        place += 1
    _table.insert(place, route)


def _check_gateway(route: Route) -> None:
    if not is_host(route.gateway) or interfaces.is_own(route.gateway):
        raise Errno(EINVAL, "that cannot be a gateway")
    through = find(route.gateway, route.interface)
    if through is None or through.gateway != 0:
        raise Errno(ENETUNREACH, "the gateway is not on the link")


def _before(route: Route, other: Route) -> bool:
    if route.prefix != other.prefix:
        return route.prefix > other.prefix
    return route.metric < other.metric


def _same(route: Route, other: Route) -> bool:
    return (
        route.destination == other.destination
        and route.prefix == other.prefix
        and route.metric == other.metric
    )  # fmt: skip


def remove(destination: int, prefix: int, interface: Interface | None = None, gateway: int = 0, metric: int = -1) -> None:
    """Remove the first route that fits; what is None, 0 or negative fits all. ESRCH when none does."""
    for place in range(len(_table)):
        route = _table[place]
        if (
            route.destination == destination
            and route.prefix == prefix
            and (interface is None or route.interface is interface)
            and (gateway == 0 or route.gateway == gateway)
            and (metric < 0 or route.metric == metric)
        ):
            _table.pop(place)
            return
    raise Errno(ESRCH, "there is no such route")


def forget(interface: Interface, source: int = 0) -> None:
    """Remove all routes by an interface; only those that speak from `source`, when it is given."""
    place = 0
    while place < len(_table):
        route = _table[place]
        if route.interface is interface and (source == 0 or route.source == source):
            _table.pop(place)
        else:
            place += 1
