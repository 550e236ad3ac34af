"""The open sockets of the family, for /proc/net/udp, raw and icmp. An entry goes when it is found dead."""

import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from net.inet.datagram import DatagramSocket


class Entry:
    """One socket, which it does not keep alive."""

    def __init__(self, socket: "weakref.ref[DatagramSocket]") -> None:
        self.socket = socket


_entries: Final[list[Entry]] = []


def add(entry: Entry) -> None:
    """A new socket; the dead ones are swept out from time to time."""
    if len(_entries) >= 16 and len(_entries).bit_count() == 1:
        _sweep()
    _entries.append(entry)


def _sweep() -> None:
    place = 0
    while place < len(_entries):
        if _entries[place].socket() is None:
            _entries.pop(place)
        else:
            place += 1


def sockets() -> "list[DatagramSocket]":
    """All that are open."""
    _sweep()
    found: list[DatagramSocket] = []
    for entry in _entries:
        socket = entry.socket()
        if socket is not None:
            found.append(socket)
    return found
