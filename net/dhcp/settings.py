"""What a lease means for the machine: an address, a way out, an MTU, a name; and the undoing of it."""

from net import configuration, routes
from net.addresses import text_of
from net.dhcp.lease import Lease
from net.interface import Interface
from net.routes import Route, RouteProtocol
from objects.uts import MAX_NAME, uts
from scarlet.kernel import log
from scarlet.lang import Errno

SOMEWHERE = 0xF0000001
"""No host has that address: only a default route leads there."""


def apply(interface: Interface, lease: Lease, ends_ns: int) -> bool:
    """Let the interface be what the lease says; False when the address cannot be used, which is logged."""
    try:
        entry = interface.find_address(lease.address)
        if entry is None:
            configuration.add_address(interface, lease.address, lease.prefix, lease.broadcast, ends_ns)
        else:
            entry.valid_until_ns = ends_ns
        if lease.mtu != 0 and lease.mtu < interface.mtu:
            configuration.set_mtu(interface, lease.mtu)
    except Errno as error:
        log.warn(f"{interface.name.decode()}: {text_of(lease.address)} cannot be used: {error}")
        return False
    _set_router(interface, lease)
    if len(lease.host_name) > 0:
        uts.nodename = lease.host_name[:MAX_NAME]
    return True


def withdraw(interface: Interface, lease: Lease) -> None:
    """The address goes, and all routes with it."""
    if interface.find_address(lease.address) is not None:
        configuration.remove_address(interface, lease.address)


def _set_router(interface: Interface, lease: Lease) -> None:
    """The default route goes through the first router; with several cards, through the first card."""
    for route in routes.every():
        if route.interface is interface and route.prefix == 0 and route.protocol is RouteProtocol.DHCP:
            if len(lease.routers) > 0 and route.gateway == lease.routers[0]:
                return
            routes.remove(0, 0, interface, route.gateway, route.metric)
            break
    if len(lease.routers) == 0:
        return
    router = lease.routers[0]
    metric = 0 if routes.find(SOMEWHERE) is None else interface.index
    try:
        if routes.find(router, interface) is None:  # a network of one host: the router is a neighbour all the same
            routes.add(Route(router, 32, interface, source=lease.address, protocol=RouteProtocol.DHCP))
        routes.add(Route(0, 0, interface, router, metric=metric, source=lease.address, protocol=RouteProtocol.DHCP))
    except Errno as error:
        log.warn(f"{interface.name.decode()}: no way through router {text_of(router)}: {error}")
