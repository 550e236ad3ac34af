"""Changing interfaces: up and down, addresses, MTU; the routes to their networks follow. (netdevice(7), ip-address(8))"""

from net import interfaces, routes
from net.addresses import is_host, is_loopback, mask_of
from net.interface import MAX_MTU, MIN_MTU, Interface, InterfaceAddress, InterfaceFlags
from net.routes import Route, RouteProtocol
from scarlet.kernel.clock import NEVER
from scarlet.lang.errno import EADDRNOTAVAIL, EEXIST, EINVAL, Errno

MAX_ADDRESSES = 64


def set_up(interface: Interface) -> None:
    """Let it send and receive. Nothing for one that is up."""
    if interface.up:
        return
    interface.up = True
    for entry in interface.addresses:
        _connect(interface, entry)
    interface.opened()
    interfaces.changed(interface)


def set_down(interface: Interface) -> None:
    """Its routes go, its addresses stay."""
    if not interface.up:
        return
    interface.up = False
    routes.forget(interface)
    interface.closed()
    interfaces.changed(interface)


def add_address(interface: Interface, address: int, prefix: int, broadcast: int = 0, valid_until_ns: int = NEVER) -> None:
    """One more address. EINVAL when no host can have it, EEXIST when this interface has it."""
    if not is_host(address) or not 0 <= prefix <= 32:
        raise Errno(EINVAL, "that cannot be a host's address")
    if interface.find_address(address) is not None:
        raise Errno(EEXIST, "the interface has that address")
    if len(interface.addresses) >= MAX_ADDRESSES:
        raise Errno(EINVAL, "too many addresses")
    entry = InterfaceAddress(address, prefix, broadcast, valid_until_ns)
    interface.addresses.append(entry)
    if interface.up:
        _connect(interface, entry)
        interface.opened()
    interfaces.changed(interface)


def default_broadcast(interface: Interface, address: int, prefix: int) -> int:
    """The broadcast address of a network; 0 where there is none."""
    if prefix >= 31 or not interface.kind_flags & InterfaceFlags.BROADCAST:
        return 0
    return address | 0xFFFFFFFF & ~mask_of(prefix)


def remove_address(interface: Interface, address: int, prefix: int = -1) -> None:
    """EADDRNOTAVAIL when it has none such."""
    for place in range(len(interface.addresses)):
        entry = interface.addresses[place]
        if entry.address == address and (prefix < 0 or entry.prefix == prefix):
            interface.addresses.pop(place)
            routes.forget(interface, address)
            _drop_unreachable_gateways(interface)
            interfaces.changed(interface)
            return
    raise Errno(EADDRNOTAVAIL, "the interface has no such address")


def set_mtu(interface: Interface, mtu: int) -> None:
    """EINVAL for more than the link carries, or less than every link must."""
    if not MIN_MTU <= mtu <= min(interface.largest_mtu, MAX_MTU):
        raise Errno(EINVAL, "the link does not carry that")
    interface.mtu = mtu
    interfaces.changed(interface)


def _connect(interface: Interface, entry: InterfaceAddress) -> None:
    """The route to the network that an address is on."""
    if entry.prefix == 32 or is_loopback(entry.address):
        return
    try:
        routes.add(Route(entry.network, entry.prefix, interface, source=entry.address, protocol=RouteProtocol.KERNEL))
    except Errno:
        pass  # another address on the same network made it before


def _drop_unreachable_gateways(interface: Interface) -> None:
    """Routes whose gateway was on a network that is no longer ours."""
    for route in routes.every().copy():
        if route.interface is interface and route.gateway != 0 and routes.find(route.gateway, interface) is route:
            routes.remove(route.destination, route.prefix, interface, route.gateway, route.metric)
