"""Addresses of interfaces as messages: RTM_GETADDR, RTM_NEWADDR, RTM_DELADDR. (rtnetlink(7), linux/if_addr.h)"""

from enum import IntEnum
from typing import Final

from net import configuration, interfaces
from net.addresses import is_loopback
from net.interface import Interface, InterfaceAddress
from net.netlink.message import Answer, Request, RequestFlags, host, word
from net.routes import RouteScope
from objects.socketaddress import Family
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.lang.errno import EAFNOSUPPORT, EEXIST, EINVAL, ENODEV, EOPNOTSUPP, Errno

STRUCTURE: Final = 8
"""struct ifaddrmsg { u8 family, prefixlen, flags, scope; u32 index; }"""
PERMANENT: Final = 0x80
"""IFA_F_PERMANENT: not leased."""
FOREVER: Final = 0xFFFFFFFF


class AddressType(IntEnum):
    """Types of messages."""

    NEW = 20
    DELETE = 21
    GET = 22


class AddressAttribute(IntEnum):
    """IFA_*"""

    ADDRESS = 1
    LOCAL = 2
    LABEL = 3
    BROADCAST = 4
    CACHEINFO = 6
    FLAGS = 8


def encode(interface: Interface, entry: InterfaceAddress, type: int, flags: int, sequence: int, port: int) -> bytes:
    """One address."""
    permanent = PERMANENT if entry.valid_until_ns == NEVER else 0
    scope = RouteScope.HOST if is_loopback(entry.address) else RouteScope.UNIVERSE
    structure = bytes([Family.INET, entry.prefix, permanent, scope]) + interface.index.to_bytes(4, "little")
    answer = Answer(type, flags, sequence, port, structure)
    answer.add_host(AddressAttribute.ADDRESS, entry.address)
    answer.add_host(AddressAttribute.LOCAL, entry.address)
    if entry.broadcast != 0:
        answer.add_host(AddressAttribute.BROADCAST, entry.broadcast)
    answer.add_text(AddressAttribute.LABEL, interface.name)
    answer.add_number(AddressAttribute.FLAGS, permanent)
    rest = FOREVER
    if entry.valid_until_ns != NEVER:
        rest = max(entry.valid_until_ns - clock.monotonic_ns(), 0) // clock.NS_PER_SECOND
    answer.add(AddressAttribute.CACHEINFO, rest.to_bytes(4, "little") + rest.to_bytes(4, "little") + bytes(8))
    return answer.finish()


def dump(request: Request, port: int) -> list[bytes]:
    """All addresses of the family that is asked for."""
    if request.data[16:17] not in (b"", b"\0", bytes([Family.INET])):
        return []
    wanted = word(request.data, 20, 4) if len(request.data) >= 24 else 0
    return [
        encode(interface, entry, AddressType.NEW, RequestFlags.MULTI, request.sequence, port)
        for interface, entry in interfaces.addresses()
        if wanted == 0 or wanted == interface.index
    ]


def add(request: Request) -> None:
    """EINVAL, ENODEV, EEXIST; EAFNOSUPPORT for other families than IPv4; EOPNOTSUPP to replace an address, and for a lifetime."""
    interface, prefix, attributes = _target(request)
    address = _own(attributes)
    label = attributes.get(AddressAttribute.LABEL, interface.name).split(b"\0")[0]
    if AddressAttribute.CACHEINFO in attributes or label != interface.name:
        raise Errno(EOPNOTSUPP, "addresses without lifetime and name of their own")
    if interface.find_address(address) is not None and request.has(RequestFlags.REPLACE):
        raise Errno(EOPNOTSUPP, "addresses are not replaced")
    if interface.find_address(address) is not None:
        raise Errno(EEXIST, "the interface has that address")
    broadcast = max(host(attributes, AddressAttribute.BROADCAST), 0)
    configuration.add_address(interface, address, prefix, broadcast)


def remove(request: Request) -> None:
    """EINVAL, ENODEV, EADDRNOTAVAIL."""
    interface, prefix, attributes = _target(request)
    configuration.remove_address(interface, _own(attributes), prefix)


def _target(request: Request) -> tuple[Interface, int, dict[int, bytes]]:
    """The interface, the prefix length and the attributes of a request that changes something."""
    structure = request.structure(STRUCTURE)
    if structure[0] != Family.INET:
        raise Errno(EAFNOSUPPORT, "not IPv4")
    if structure[1] > 32:
        raise Errno(EINVAL, "no prefix is that long")
    found = interfaces.by_index(word(structure, 4, 4))
    if found is None:
        raise Errno(ENODEV, "no interface has that index")
    return (found, structure[1], request.attributes(STRUCTURE))


def _own(attributes: dict[int, bytes]) -> int:
    """IFA_LOCAL, or IFA_ADDRESS when it is alone; both must be the same, as there are no point-to-point links."""
    local = host(attributes, AddressAttribute.LOCAL)
    address = host(attributes, AddressAttribute.ADDRESS)
    if local < 0:
        local = address
    if local < 0:
        raise Errno(EINVAL, "no address")
    if address >= 0 and address != local:
        raise Errno(EOPNOTSUPP, "no point-to-point links")
    return local
