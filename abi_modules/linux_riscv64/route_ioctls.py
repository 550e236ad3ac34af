"""Requests of ioctl(2) about routes and neighbours: struct rtentry onto net/routes, struct arpreq onto the tables of neighbours.

Only AF_INET sockets take them. Routes that refuse packets, or carry limits of their own, are EOPNOTSUPP.

Sources: rtnetlink(7), arp(7), linux/route.h, linux/if_arp.h.
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.socket_addresses import address_bytes
from net import interfaces, routes
from net.addresses import is_host, prefix_of
from net.ethernetlink import EthernetInterface
from net.interface import Interface
from net.neighbours import NeighbourState
from net.routes import Route
from objects.credentials import CAP_NET_ADMIN
from objects.socketaddress import Family, InetAddress
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, read_cstring, store_bytes
from scarlet.lang import Errno, i16, struct, u16, u32, u64
from scarlet.lang.errno import EAFNOSUPPORT, EINVAL, ENETUNREACH, ENODEV, ENXIO, EOPNOTSUPP

NAME_SIZE: Final = 16
HARDWARE_BYTES: Final = 6
ETHERNET: Final = 1


class RouteRequest(IntEnum):
    """linux/sockios.h"""

    SIOCADDRT = 0x890B
    SIOCDELRT = 0x890C
    SIOCDARP = 0x8953
    SIOCGARP = 0x8954
    SIOCSARP = 0x8955


class RouteFlags(IntFlag):
    """rt_flags (linux/route.h)"""

    RTF_UP = 0x1
    RTF_GATEWAY = 0x2
    RTF_HOST = 0x4
    RTF_REINSTATE = 0x8
    RTF_DYNAMIC = 0x10
    RTF_MODIFIED = 0x20
    RTF_MTU = 0x40
    RTF_WINDOW = 0x80
    RTF_IRTT = 0x100
    RTF_REJECT = 0x200


UNSUPPORTED: Final = 0x3C0
"""RTF_MTU, RTF_WINDOW, RTF_IRTT, RTF_REJECT."""


@struct
class Rtentry:
    """struct rtentry (linux/route.h)"""

    rt_pad1: u64
    rt_dst: Annotated[bytes, 16]
    rt_gateway: Annotated[bytes, 16]
    rt_genmask: Annotated[bytes, 16]
    rt_flags: u16
    rt_pad2: i16
    rt_pad3: u64
    rt_pad4: u64
    rt_metric: i16
    rt_dev: u64
    rt_mtu: u64
    rt_window: u64
    rt_irtt: u16


@struct
class Arpreq:
    """struct arpreq (linux/if_arp.h)"""

    arp_pa: Annotated[bytes, 16]
    arp_ha: Annotated[bytes, 16]
    arp_flags: u32
    arp_netmask: Annotated[bytes, 16]
    arp_dev: Annotated[bytes, 16]


ATF_COM: Final = 2
ATF_PERM: Final = 4
ATF_PUBLISHED: Final = 8


def route_ioctl(task: Task, request: int, argument: u64) -> bool:
    """A request about routes or neighbours; False when it is none. EPERM, EINVAL, ENODEV, ESRCH, EEXIST, ENETUNREACH, ENXIO, EFAULT."""
    match request:
        case RouteRequest.SIOCADDRT:
            _require_admin(task)
            _add_route(task, Rtentry.parse(load_bytes(task.space, argument, Rtentry.SIZE)))
        case RouteRequest.SIOCDELRT:
            _require_admin(task)
            _remove_route(task, Rtentry.parse(load_bytes(task.space, argument, Rtentry.SIZE)))
        case RouteRequest.SIOCGARP:
            _tell_neighbour(task, argument)
        case RouteRequest.SIOCSARP:
            _require_admin(task)
            _set_neighbour(Arpreq.parse(load_bytes(task.space, argument, Arpreq.SIZE)))
        case RouteRequest.SIOCDARP:
            _require_admin(task)
            _remove_neighbour(Arpreq.parse(load_bytes(task.space, argument, Arpreq.SIZE)))
        case _:
            return False
    return True


def _require_admin(task: Task) -> None:
    task.credentials.require(CAP_NET_ADMIN, "changing routes needs CAP_NET_ADMIN")


def _host(sockaddr: bytes) -> int:
    if int.from_bytes(sockaddr[:2], "little") != Family.INET:
        raise Errno(EAFNOSUPPORT, "not an AF_INET address")
    return int.from_bytes(sockaddr[4:8], "big")


# --- routes -------------------------------------------------------------------------------------------------------------------


def _prefix(entry: Rtentry) -> int:
    if entry.rt_flags & RouteFlags.RTF_HOST:
        return 32
    prefix = prefix_of(int.from_bytes(entry.rt_genmask[4:8], "big"))
    if prefix < 0:
        raise Errno(EINVAL, "not a network mask")
    return prefix


def _gateway(entry: Rtentry) -> int:
    """0 for a route on the link."""
    if not entry.rt_flags & RouteFlags.RTF_GATEWAY:
        return 0
    gateway = _host(entry.rt_gateway)
    if gateway == 0:
        raise Errno(EINVAL, "a gateway without an address")
    return gateway


def _device(task: Task, entry: Rtentry) -> Interface | None:
    """None when no interface is named."""
    if entry.rt_dev == 0:
        return None
    found = interfaces.by_name(read_cstring(task.space, entry.rt_dev, NAME_SIZE))
    if found is None:
        raise Errno(ENODEV, "no interface has that name")
    return found


def _add_route(task: Task, entry: Rtentry) -> None:
    if entry.rt_flags & UNSUPPORTED:
        raise Errno(EOPNOTSUPP, "routes that refuse, or have limits of their own")
    destination = _host(entry.rt_dst)
    gateway = _gateway(entry)
    interface = _device(task, entry)
    if interface is None and gateway != 0:
        through = routes.find(gateway)
        if through is None:
            raise Errno(ENETUNREACH, "the gateway cannot be reached")
        interface = through.interface
    if interface is None:
        raise Errno(ENODEV, "no interface is named")
    routes.add(Route(destination, _prefix(entry), interface, gateway, metric=max(int(entry.rt_metric) - 1, 0)))


def _remove_route(task: Task, entry: Rtentry) -> None:
    metric = int(entry.rt_metric) - 1 if entry.rt_metric > 0 else -1
    routes.remove(_host(entry.rt_dst), _prefix(entry), _device(task, entry), _gateway(entry), metric)


# --- neighbours ---------------------------------------------------------------------------------------------------------------


def _link(request: Arpreq, host: int) -> EthernetInterface:
    """The interface that is named, or by which the host is reached. ENODEV, ENXIO."""
    name = request.arp_dev.split(b"\0")[0]
    found: Interface | None = None
    if len(name) > 0:
        found = interfaces.by_name(name)
        if found is None:
            raise Errno(ENODEV, "no interface has that name")
    else:
        route = routes.find(host)
        found = route.interface if route is not None else None
    if not isinstance(found, EthernetInterface):
        raise Errno(ENXIO, "no link with neighbours")
    return found


def _tell_neighbour(task: Task, argument: u64) -> None:
    request = Arpreq.parse(load_bytes(task.space, argument, Arpreq.SIZE))
    host = _host(request.arp_pa)
    link = _link(request, host)
    entry = link.neighbours.find(host)
    if entry is None:
        raise Errno(ENXIO, "nothing is known of that neighbour")
    flags = ATF_COM if entry.usable else 0
    if entry.state is NeighbourState.PERMANENT:
        flags |= ATF_PERM
    hardware = ETHERNET.to_bytes(2, "little") + entry.hardware + bytes(14 - len(entry.hardware))
    name = link.name + bytes(NAME_SIZE - len(link.name))
    answer = Arpreq(
        arp_pa=address_bytes(InetAddress(host, 0)), arp_ha=hardware, arp_flags=u32(flags), arp_netmask=request.arp_netmask, arp_dev=name
    )
    store_bytes(task.space, argument, answer.pack())


def _set_neighbour(request: Arpreq) -> None:
    """Permanent entries; answering for others (ATF_PUBL) is not done here."""
    host = _host(request.arp_pa)
    if request.arp_flags & ATF_PUBLISHED:
        raise Errno(EOPNOTSUPP, "no answers for others")
    if not is_host(host) or int.from_bytes(request.arp_ha[:2], "little") not in (0, ETHERNET):
        raise Errno(EINVAL, "not a host, or not an Ethernet address")
    _link(request, host).neighbours.set_permanent(host, request.arp_ha[2 : 2 + HARDWARE_BYTES])


def _remove_neighbour(request: Arpreq) -> None:
    host = _host(request.arp_pa)
    if not _link(request, host).neighbours.remove(host):
        raise Errno(ENXIO, "nothing is known of that neighbour")
