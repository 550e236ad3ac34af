"""Announcements: who joined a group hears of links and addresses that change. (rtnetlink(7), RTMGRP_LINK and RTMGRP_IPV4_IFADDR)

The interfaces only say that something has changed (interfaces.on_change). What an interface had before is kept here, so that addresses that
came and went can be told apart.
"""

from typing import Final

from net import interfaces
from net.interface import Interface, InterfaceAddress
from net.netlink import addresses, links
from net.netlink.addresses import AddressType
from net.netlink.links import LinkType
from net.netlink.socket import GROUP_ADDRESS, GROUP_LINK, make, sockets
from objects.socketaddress import Family
from objects.socketfamilies import register

_before: Final[dict[int, list[InterfaceAddress]]] = {}
"""The addresses of each interface when it was last looked at."""


def start() -> None:
    """Register the family, and listen."""
    register(Family.NETLINK, make)
    interfaces.on_change(_changed)


def _changed(interface: Interface) -> None:
    old = _before.get(interface.index, [])
    _before[interface.index] = interface.addresses.copy()
    moved = False
    for entry in old:
        if entry not in interface.addresses:
            moved = True
            _announce(addresses.encode(interface, entry, AddressType.DELETE, 0, 0, 0), GROUP_ADDRESS)
    for entry in interface.addresses:
        if entry not in old:
            moved = True
            _announce(addresses.encode(interface, entry, AddressType.NEW, 0, 0, 0), GROUP_ADDRESS)
    if not moved:
        _announce(links.encode(interface, LinkType.NEW, 0, 0, 0), GROUP_LINK)


def _announce(message: bytes, group: int) -> None:
    for socket in sockets():
        socket.announce(message, group)
