"""The machine's interfaces, by index and by name, and its own addresses."""

from collections.abc import Callable
from typing import Final

from net.addresses import BROADCAST, is_loopback, is_multicast
from net.interface import Interface, InterfaceAddress, InterfaceFlags

_all: Final[list[Interface]] = []
_watchers: Final[list[Callable[[Interface], None]]] = []


def add(interface: Interface) -> None:
    """A new interface; it is down and gets the next index."""
    interface.index = len(_all) + 1
    _all.append(interface)


def every() -> list[Interface]:
    """All of them, by index."""
    return _all


def by_index(index: int) -> Interface | None:
    """The interface of that index."""
    return _all[index - 1] if 0 < index <= len(_all) else None


def by_name(name: bytes) -> Interface | None:
    """The interface of that name."""
    for interface in _all:
        if interface.name == name:
            return interface
    return None


def loopback() -> Interface | None:
    """The loopback interface, when it is up."""
    for interface in _all:
        if interface.up and interface.kind_flags & InterfaceFlags.LOOPBACK:
            return interface
    return None


def owner_of(address: int) -> Interface | None:
    """The interface that has this address as its own. All of 127.0.0.0/8 belongs to the loopback interface."""
    if is_loopback(address):
        return loopback()
    for interface in _all:
        if interface.up and interface.find_address(address) is not None:
            return interface
    return None


def is_own(address: int) -> bool:
    """Is that one of the machine's own addresses?"""
    return owner_of(address) is not None


def is_broadcast(address: int) -> bool:
    """Is that everybody's address on some link of ours?"""
    if address == BROADCAST:
        return True
    for interface in _all:
        if interface.up and interface.is_broadcast(address):
            return True
    return False


def source_on(interface: Interface, destination: int) -> int:
    """The address to speak from on this interface: one on the destination's network, else the first; 0 when it has none."""
    for entry in interface.addresses:
        if entry.contains(destination) and not is_multicast(destination):
            return entry.address
    return interface.addresses[0].address if len(interface.addresses) > 0 else 0


def first_source() -> int:
    """Any address of the machine that others may answer to; 0 when there is none."""
    for interface in _all:
        if interface.up:
            for entry in interface.addresses:
                if not is_loopback(entry.address):
                    return entry.address
    return 0


def on_change(watcher: Callable[[Interface], None]) -> None:
    """Have watcher(interface) called whenever flags, link, MTU or addresses of one change (netlink's groups)."""
    _watchers.append(watcher)


def changed(interface: Interface) -> None:
    """Tell the watchers."""
    for watcher in _watchers:
        watcher(interface)


def addresses() -> list[tuple[Interface, InterfaceAddress]]:
    """All addresses with their interfaces."""
    found: list[tuple[Interface, InterfaceAddress]] = []
    for interface in _all:
        for entry in interface.addresses:
            found.append((interface, entry))
    return found
