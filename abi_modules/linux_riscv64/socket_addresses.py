"""Socket addresses in user memory: struct sockaddr of each family, onto the addresses of objects/socketaddress.

A sockaddr comes with its length, and goes out cut to the length of the room for it, together with the length that it really has.

Sources: sockaddr(3type), unix(7), ip(7), netlink(7), getsockname(2).
"""

from typing import Final

from objects.socketaddress import Address, Family, InetAddress, NetlinkAddress, UnixAddress
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EINVAL

MAX_SOCKADDR: Final = 128
"""sizeof(struct sockaddr_storage)"""
MAX_UNIX: Final = 110
"""sizeof(struct sockaddr_un)"""
INET_SIZE: Final = 16
NETLINK_SIZE: Final = 12
FAMILY_SIZE: Final = 2


# --- in -----------------------------------------------------------------------------------------------------------------------


def load_address(task: Task, address: u64, length: int) -> Address:
    """The address there. EINVAL for one that is too long, or too short for its family; EFAULT."""
    if not FAMILY_SIZE <= length <= MAX_SOCKADDR:
        raise Errno(EINVAL, "not the length of an address")
    return parse_address(load_bytes(task.space, address, length))


def load_destination(task: Task, address: u64, length: int) -> Address | None:
    """The same for a call in which it may be missing. EINVAL, EFAULT."""
    if address == 0 or length == 0:
        return None
    return load_address(task, address, length)


def parse_address(data: bytes) -> Address:
    """EINVAL when it is too short for its family."""
    family = int.from_bytes(data[:FAMILY_SIZE], "little")
    match family:
        case Family.UNIX:
            return UnixAddress(_unix_name(data))
        case Family.INET:
            _require(data, INET_SIZE)
            return InetAddress(int.from_bytes(data[4:8], "big"), int.from_bytes(data[2:4], "big"))
        case Family.NETLINK:
            _require(data, NETLINK_SIZE)
            return NetlinkAddress(int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:12], "little"))
        case _:
            return Address(family)


def _unix_name(data: bytes) -> bytes:
    """A path ends at its NUL or with the address; a name that begins with a NUL is all the bytes there are."""
    if len(data) > MAX_UNIX:
        raise Errno(EINVAL, "longer than struct sockaddr_un")
    name = data[FAMILY_SIZE:]
    if name[:1] == b"\0":
        return name
    end = name.find(b"\0")
    return name if end < 0 else name[:end]


def _require(data: bytes, size: int) -> None:
    if len(data) < size:
        raise Errno(EINVAL, "shorter than addresses of its family")


# --- out ----------------------------------------------------------------------------------------------------------------------


def address_bytes(address: Address) -> bytes:
    """The sockaddr of an address."""
    family = address.family.to_bytes(FAMILY_SIZE, "little")
    if isinstance(address, UnixAddress):
        return family + address.name + (b"\0" if address.is_path() else b"")
    if isinstance(address, InetAddress):
        return family + address.port.to_bytes(2, "big") + address.host.to_bytes(4, "big") + bytes(8)
    if isinstance(address, NetlinkAddress):
        return family + bytes(2) + address.port.to_bytes(4, "little") + address.groups.to_bytes(4, "little")
    return family


def store_address(task: Task, address: Address | None, target: u64, length_address: u64) -> None:
    """Store an address, or none, where there is as much room as *length_address says; that becomes its real length. EINVAL, EFAULT."""
    data = address_bytes(address) if address is not None else b""
    room = int(i32(load_u32(task.space, length_address)))
    if room < 0:
        raise Errno(EINVAL, "a negative length")
    store_bytes(task.space, target, data[:room])
    store_u32(task.space, length_address, len(data))
