"""The open sockets of the family, by their numbers, for /proc/net/udp, raw and icmp. The table keeps none of them open."""

import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from net.inet.datagram import DatagramSocket


class Entry:
    """One socket."""

    def __init__(self, socket: "weakref.ref[DatagramSocket]") -> None:
        self.socket = socket


_entries: Final[dict[int, Entry]] = {}


def add(number: int, entry: Entry) -> None:
    """A new socket."""
    _entries[number] = entry


def remove(number: int) -> None:
    """It closes."""
    _entries.pop(number, None)


def sockets() -> "list[DatagramSocket]":
    """All that are open, the oldest first."""
    found: list[DatagramSocket] = []
    for entry in _entries.values():
        socket = entry.socket()
        if socket is not None:
            found.append(socket)
    return found
