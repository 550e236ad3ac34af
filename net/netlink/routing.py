"""Routes as messages: RTM_GETROUTE, RTM_NEWROUTE, RTM_DELROUTE. There is one table, `main`. (rtnetlink(7), linux/rtnetlink.h)"""

from enum import IntEnum
from typing import Final

from net import interfaces, routes
from net.interface import Interface
from net.netlink.message import Answer, Request, RequestFlags, host, number
from net.routes import Route, RouteProtocol
from objects.socketaddress import Family
from scarlet.lang.errno import EAFNOSUPPORT, EEXIST, EINVAL, ENETUNREACH, ENODEV, EOPNOTSUPP, ESRCH, Errno

STRUCTURE: Final = 12
"""struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; }"""
MAIN: Final = 254
UNSPECIFIED: Final = 0
CLONED: Final = 0x200
"""RTM_F_CLONED: the answer to a question about one destination."""


class RouteType(IntEnum):
    """Types of messages."""

    NEW = 24
    DELETE = 25
    GET = 26


class RouteAttribute(IntEnum):
    """RTA_*"""

    DST = 1
    OIF = 4
    GATEWAY = 5
    PRIORITY = 6
    PREFSRC = 7
    TABLE = 15


class RouteKind(IntEnum):
    """RTN_*"""

    UNICAST = 1
    LOCAL = 2


def encode(route: Route, type: int, flags: int, sequence: int, port: int) -> bytes:
    """One route."""
    structure = bytes([Family.INET, route.prefix, 0, 0, MAIN, route.protocol, route.scope, RouteKind.UNICAST]) + bytes(4)
    answer = Answer(type, flags, sequence, port, structure)
    answer.add_number(RouteAttribute.TABLE, MAIN)
    if route.prefix > 0:
        answer.add_host(RouteAttribute.DST, route.destination)
    if route.metric > 0:
        answer.add_number(RouteAttribute.PRIORITY, route.metric)
    if route.source != 0:
        answer.add_host(RouteAttribute.PREFSRC, route.source)
    if route.gateway != 0:
        answer.add_host(RouteAttribute.GATEWAY, route.gateway)
    answer.add_number(RouteAttribute.OIF, route.interface.index)
    return answer.finish()


def dump(request: Request, port: int) -> list[bytes]:
    """All routes of the family that is asked for."""
    if request.data[16:17] not in (b"", b"\0", bytes([Family.INET])):
        return []
    return [encode(route, RouteType.NEW, RequestFlags.MULTI, request.sequence, port) for route in routes.by_destination()]


def get(request: Request, port: int) -> list[bytes]:
    """How one destination is reached. ENETUNREACH. (`ip route get`)"""
    structure = request.structure(STRUCTURE)
    _require_inet(structure)
    attributes = request.attributes(STRUCTURE)
    destination = host(attributes, RouteAttribute.DST)
    if destination < 0:
        raise Errno(EINVAL, "no destination")
    out = _interface(attributes)
    owner = interfaces.owner_of(destination)
    if owner is not None:
        return [_path(request, port, destination, RouteKind.LOCAL, owner, 0)]
    route = routes.find(destination, out)
    if route is None:
        raise Errno(ENETUNREACH, "no route leads there")
    return [_path(request, port, destination, RouteKind.UNICAST, route.interface, route.gateway)]


def _path(request: Request, port: int, destination: int, kind: RouteKind, interface: Interface, gateway: int) -> bytes:
    structure = bytes([Family.INET, 32, 0, 0, MAIN, UNSPECIFIED, 0, kind]) + CLONED.to_bytes(4, "little")
    answer = Answer(RouteType.NEW, 0, request.sequence, port, structure)
    answer.add_host(RouteAttribute.DST, destination)
    if gateway != 0:
        answer.add_host(RouteAttribute.GATEWAY, gateway)
    answer.add_number(RouteAttribute.OIF, interface.index)
    source = destination if kind is RouteKind.LOCAL else interfaces.source_on(interface, gateway if gateway != 0 else destination)
    if source != 0:
        answer.add_host(RouteAttribute.PREFSRC, source)
    return answer.finish()


def add(request: Request) -> None:
    """EINVAL, EEXIST, ENETUNREACH, ENODEV, ESRCH; EOPNOTSUPP for what the table cannot hold: other tables, kinds, several hops."""
    structure = request.structure(STRUCTURE)
    attributes = request.attributes(STRUCTURE)
    _require_plain(structure, attributes)
    destination = max(host(attributes, RouteAttribute.DST), 0)
    gateway = max(host(attributes, RouteAttribute.GATEWAY), 0)
    metric = max(number(attributes, RouteAttribute.PRIORITY), 0)
    interface = _interface(attributes)
    if interface is None:
        if gateway == 0:
            raise Errno(ENODEV, "neither an interface nor a gateway")
        through = routes.find(gateway)
        if through is None:
            raise Errno(ENETUNREACH, "the gateway cannot be reached")
        interface = through.interface
    source = max(host(attributes, RouteAttribute.PREFSRC), 0)
    if source != 0 and not interfaces.is_own(source):
        raise Errno(EINVAL, "not an address of this machine")
    prefix = structure[1]
    route = Route(destination, prefix, interface, gateway, metric=metric, source=source, protocol=_protocol(structure[5]))
    if request.has(RequestFlags.REPLACE):
        _remove_same(destination, prefix, metric)
    elif not request.has(RequestFlags.CREATE):
        raise Errno(ESRCH, "there is no such route to be changed")
    elif _find_same(destination, prefix, metric) is not None:
        raise Errno(EEXIST, "there is such a route")
    routes.add(route)


def remove(request: Request) -> None:
    """ESRCH when there is no such route."""
    structure = request.structure(STRUCTURE)
    attributes = request.attributes(STRUCTURE)
    _require_inet(structure)
    destination = max(host(attributes, RouteAttribute.DST), 0)
    gateway = max(host(attributes, RouteAttribute.GATEWAY), 0)
    routes.remove(destination, structure[1], _interface(attributes), gateway, number(attributes, RouteAttribute.PRIORITY))


def _find_same(destination: int, prefix: int, metric: int) -> Route | None:
    for route in routes.every():
        if route.destination == destination and route.prefix == prefix and route.metric == metric:
            return route
    return None


def _remove_same(destination: int, prefix: int, metric: int) -> None:
    if _find_same(destination, prefix, metric) is not None:
        routes.remove(destination, prefix, metric=metric)


def _interface(attributes: dict[int, bytes]) -> Interface | None:
    """RTA_OIF; None when it is missing. ENODEV."""
    index = number(attributes, RouteAttribute.OIF)
    if index < 0:
        return None
    found = interfaces.by_index(index)
    if found is None:
        raise Errno(ENODEV, "no interface has that index")
    return found


def _require_inet(structure: bytes) -> None:
    if structure[0] != Family.INET:
        raise Errno(EAFNOSUPPORT, "not IPv4")
    if structure[1] > 32:
        raise Errno(EINVAL, "no prefix is that long")


def _require_plain(structure: bytes, attributes: dict[int, bytes]) -> None:
    """A route to one neighbour or network in the table `main`."""
    _require_inet(structure)
    table = number(attributes, RouteAttribute.TABLE)
    if structure[2] != 0 or structure[3] != 0 or structure[7] != RouteKind.UNICAST:
        raise Errno(EOPNOTSUPP, "routes by destination alone, which lead somewhere")
    if structure[4] not in (UNSPECIFIED, MAIN) or table not in (-1, UNSPECIFIED, MAIN):
        raise Errno(EOPNOTSUPP, "there is one table")
    for type in attributes:
        if type not in _KNOWN:
            raise Errno(EOPNOTSUPP, "an attribute that routes have not got")


_KNOWN: Final = (1, 4, 5, 6, 7, 15)
"""The types of RouteAttribute."""


def _protocol(value: int) -> RouteProtocol:
    match value:
        case RouteProtocol.KERNEL:
            return RouteProtocol.KERNEL
        case RouteProtocol.STATIC:
            return RouteProtocol.STATIC
        case RouteProtocol.DHCP:
            return RouteProtocol.DHCP
        case _:
            return RouteProtocol.BOOT
