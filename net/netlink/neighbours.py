"""Neighbours on links as messages: RTM_GETNEIGH, RTM_NEWNEIGH, RTM_DELNEIGH. (rtnetlink(7), linux/neighbour.h)"""

from enum import IntEnum
from typing import Final

from net import interfaces
from net.addresses import is_host
from net.ethernetlink import EthernetInterface
from net.interface import Interface
from net.neighbours import Neighbour, NeighbourState
from net.netlink.message import Answer, Request, RequestFlags, host, word
from objects.socketaddress import Family
from scarlet.kernel import clock
from scarlet.lang.errno import EAFNOSUPPORT, EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, Errno

STRUCTURE: Final = 12
"""struct ndmsg { u8 family, pad; u16 pad; i32 ifindex; u16 state; u8 flags, type; }"""
HARDWARE_BYTES: Final = 6
UNICAST: Final = 1
TICKS_PER_SECOND: Final = 100
"""USER_HZ, in which ages are told."""


class NeighbourType(IntEnum):
    """Types of messages."""

    NEW = 28
    DELETE = 29
    GET = 30


class NeighbourAttribute(IntEnum):
    """NDA_*"""

    DST = 1
    LLADDR = 2
    CACHEINFO = 3


def encode(interface: Interface, entry: Neighbour, sequence: int, port: int) -> bytes:
    """One neighbour."""
    state = int(entry.state).to_bytes(2, "little") + bytes([0, UNICAST])
    structure = bytes([Family.INET, 0, 0, 0]) + interface.index.to_bytes(4, "little") + state
    answer = Answer(NeighbourType.NEW, RequestFlags.MULTI, sequence, port, structure)
    answer.add_host(NeighbourAttribute.DST, entry.address)
    if entry.usable:
        answer.add(NeighbourAttribute.LLADDR, entry.hardware)
    now = clock.monotonic_ns()
    confirmed = (now - entry.confirmed_ns) * TICKS_PER_SECOND // clock.NS_PER_SECOND
    used = (now - entry.used_ns) * TICKS_PER_SECOND // clock.NS_PER_SECOND
    ages = confirmed.to_bytes(4, "little") + used.to_bytes(4, "little") + confirmed.to_bytes(4, "little")
    answer.add(NeighbourAttribute.CACHEINFO, ages + bytes(4))
    return answer.finish()


def dump(request: Request, port: int) -> list[bytes]:
    """All neighbours on all links."""
    found: list[bytes] = []
    if request.data[16:17] in (b"", b"\0", bytes([Family.INET])):
        for interface in interfaces.every():
            if isinstance(interface, EthernetInterface):
                for entry in interface.neighbours.every():
                    found.append(encode(interface, entry, request.sequence, port))
    return found


def add(request: Request) -> None:
    """A permanent entry; others come and go by themselves (EOPNOTSUPP). EINVAL, ENODEV, EEXIST, ENOENT."""
    link, address, attributes = _target(request)
    if word(request.structure(STRUCTURE), 8, 2) != NeighbourState.PERMANENT:
        raise Errno(EOPNOTSUPP, "only permanent entries are made by hand")
    hardware = attributes.get(NeighbourAttribute.LLADDR)
    if hardware is None or len(hardware) != HARDWARE_BYTES or not is_host(address):
        raise Errno(EINVAL, "a host and its Ethernet address")
    known = link.neighbours.find(address) is not None
    if known and not request.has(RequestFlags.REPLACE):
        raise Errno(EEXIST, "there is an entry of that neighbour")
    if not known and not request.has(RequestFlags.CREATE):
        raise Errno(ENOENT, "there is no entry of that neighbour")
    link.neighbours.set_permanent(address, hardware)


def remove(request: Request) -> None:
    """EINVAL, ENODEV, ENOENT."""
    link, address, _attributes = _target(request)
    if not link.neighbours.remove(address):
        raise Errno(ENOENT, "there is no entry of that neighbour")


def _target(request: Request) -> tuple[EthernetInterface, int, dict[int, bytes]]:
    structure = request.structure(STRUCTURE)
    if structure[0] != Family.INET:
        raise Errno(EAFNOSUPPORT, "not IPv4")
    attributes = request.attributes(STRUCTURE)
    address = host(attributes, NeighbourAttribute.DST)
    if address < 0:
        raise Errno(EINVAL, "no neighbour")
    found = interfaces.by_index(word(structure, 4, 4))
    if found is None:
        raise Errno(ENODEV, "no interface has that index")
    if not isinstance(found, EthernetInterface):
        raise Errno(EINVAL, "an interface without neighbours")
    return (found, address, attributes)
