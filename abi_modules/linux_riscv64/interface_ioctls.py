"""Requests of ioctl(2) about network interfaces: struct ifreq onto net/interfaces and net/configuration. (netdevice(7))

Any socket takes those about the interface itself, an AF_INET one those about its addresses as well. An interface may have several
addresses; these requests know the first. What the drivers cannot change is EOPNOTSUPP.
"""

from enum import IntEnum
from typing import Final

from abi_modules.linux_riscv64.socket_addresses import address_bytes
from net import configuration, interfaces
from net.addresses import natural_prefix, prefix_of
from net.interface import Interface, InterfaceAddress, InterfaceFlags
from objects.credentials import CAP_NET_ADMIN
from objects.socketaddress import Family, InetAddress
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32, load_u64, store_bytes, store_u32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EADDRNOTAVAIL, EINVAL, ENODEV, EOPNOTSUPP

NAME_SIZE: Final = 16
"""IFNAMSIZ: ifr_name, and behind it a union of 24 bytes."""
REQUEST_SIZE: Final = 40
MAX_LENGTH: Final = 0x7FFFFFFF
QUEUE_LENGTH: Final = 1000
"""What Linux shows for an interface with a queue."""


class InterfaceRequest(IntEnum):
    """linux/sockios.h"""

    SIOCGIFNAME = 0x8910
    SIOCGIFCONF = 0x8912
    SIOCGIFFLAGS = 0x8913
    SIOCSIFFLAGS = 0x8914
    SIOCGIFADDR = 0x8915
    SIOCSIFADDR = 0x8916
    SIOCGIFDSTADDR = 0x8917
    SIOCSIFDSTADDR = 0x8918
    SIOCGIFBRDADDR = 0x8919
    SIOCSIFBRDADDR = 0x891A
    SIOCGIFNETMASK = 0x891B
    SIOCSIFNETMASK = 0x891C
    SIOCGIFMETRIC = 0x891D
    SIOCSIFMETRIC = 0x891E
    SIOCGIFMTU = 0x8921
    SIOCSIFMTU = 0x8922
    SIOCSIFNAME = 0x8923
    SIOCSIFHWADDR = 0x8924
    SIOCGIFHWADDR = 0x8927
    SIOCADDMULTI = 0x8931
    SIOCDELMULTI = 0x8932
    SIOCGIFINDEX = 0x8933
    SIOCGIFTXQLEN = 0x8942
    SIOCSIFTXQLEN = 0x8943
    SIOCGIFMAP = 0x8970
    SIOCSIFMAP = 0x8971


FIRST: Final = 0x8910
LAST: Final = 0x8971
CHANGEABLE: Final = int(InterfaceFlags.UP)
SETTABLE: Final = 0x7FFF & ~(0x1 | 0x2 | 0x8 | 0x10 | 0x40)
"""Flags of SIOCSIFFLAGS that mean something on Linux, and which no driver here can change."""


def interface_ioctl(task: Task, family: int, request: int, argument: u64) -> bool:
    """A request about interfaces; False when it is none. ENODEV, EADDRNOTAVAIL, EPERM, EINVAL, EFAULT."""
    match request:
        case InterfaceRequest.SIOCGIFCONF:
            _list(task, argument)
            return True
        case InterfaceRequest.SIOCGIFNAME:
            _name_of_index(task, argument)
            return True
        case _:
            if not FIRST <= request <= LAST:
                return False
    data = load_bytes(task.space, argument, REQUEST_SIZE)
    interface = _interface(data)
    value = u64(argument + NAME_SIZE)
    if _tell(task, interface, request, value):
        return True
    if family == Family.INET and _tell_address(task, interface, request, value):
        return True
    return _change(task, interface, family, request, data[NAME_SIZE:])


def _interface(data: bytes) -> Interface:
    """The interface that a struct ifreq names; a label behind a colon names the same."""
    name = data[: NAME_SIZE - 1].split(b"\0")[0].split(b":")[0]
    found = interfaces.by_name(name)
    if found is None:
        raise Errno(ENODEV, "no interface has that name")
    return found


def _name_of_index(task: Task, argument: u64) -> None:
    found = interfaces.by_index(int(i32(load_u32(task.space, u64(argument + NAME_SIZE)))))
    if found is None:
        raise Errno(ENODEV, "no interface has that index")
    store_bytes(task.space, argument, found.name + bytes(NAME_SIZE - len(found.name)))


def _list(task: Task, argument: u64) -> None:
    """struct ifconf: a struct ifreq for each address, as many as fit; without a buffer, the size that it needs."""
    room = int(i32(load_u32(task.space, argument)))
    buffer = load_u64(task.space, u64(argument + 8))
    rows: list[bytes] = []
    for interface, entry in interfaces.addresses():
        if buffer == 0 or (len(rows) + 1) * REQUEST_SIZE <= room:
            rows.append(interface.name + bytes(NAME_SIZE - len(interface.name)) + _sockaddr(entry.address) + bytes(8))
    if buffer != 0:
        store_bytes(task.space, buffer, b"".join(rows))
    store_u32(task.space, argument, len(rows) * REQUEST_SIZE)


# --- asking -------------------------------------------------------------------------------------------------------------------


def _tell(task: Task, interface: Interface, request: int, value: u64) -> bool:
    """What an interface says of itself; False when the request asks for nothing such."""
    match request:
        case InterfaceRequest.SIOCGIFFLAGS:
            store_bytes(task.space, value, (int(interface.flags) & 0xFFFF).to_bytes(2, "little"))
        case InterfaceRequest.SIOCGIFMETRIC:
            store_u32(task.space, value, 0)
        case InterfaceRequest.SIOCGIFMTU:
            store_u32(task.space, value, interface.mtu)
        case InterfaceRequest.SIOCGIFHWADDR:
            data = int(interface.hardware_type).to_bytes(2, "little") + interface.hardware
            store_bytes(task.space, value, data + bytes(16 - len(data)))
        case InterfaceRequest.SIOCGIFINDEX:
            store_u32(task.space, value, interface.index)
        case InterfaceRequest.SIOCGIFTXQLEN:
            store_u32(task.space, value, QUEUE_LENGTH)
        case InterfaceRequest.SIOCGIFMAP:
            store_bytes(task.space, value, bytes(24))
        case _:
            return False
    return True


def _tell_address(task: Task, interface: Interface, request: int, value: u64) -> bool:
    """The first address and what belongs to it; False when the request asks for nothing such. EADDRNOTAVAIL when there is none."""
    match request:
        case InterfaceRequest.SIOCGIFADDR | InterfaceRequest.SIOCGIFDSTADDR:
            host = _first(interface).address
        case InterfaceRequest.SIOCGIFBRDADDR:
            host = _first(interface).broadcast
        case InterfaceRequest.SIOCGIFNETMASK:
            host = _first(interface).mask
        case _:
            return False
    store_bytes(task.space, value, _sockaddr(host))
    return True


def _first(interface: Interface) -> InterfaceAddress:
    if len(interface.addresses) == 0:
        raise Errno(EADDRNOTAVAIL, "the interface has no address")
    return interface.addresses[0]


def _sockaddr(host: int) -> bytes:
    return address_bytes(InetAddress(host, 0))


# --- changing -----------------------------------------------------------------------------------------------------------------


def _change(task: Task, interface: Interface, family: int, request: int, value: bytes) -> bool:
    """Flags, MTU, addresses; False when the request is unknown. EPERM without CAP_NET_ADMIN."""
    inet = family == Family.INET
    match request:
        case InterfaceRequest.SIOCSIFFLAGS:
            _require_admin(task)
            _set_flags(interface, int.from_bytes(value[:2], "little"))
        case InterfaceRequest.SIOCSIFMTU:
            _require_admin(task)
            configuration.set_mtu(interface, int(i32(int.from_bytes(value[:4], "little"))))
        case InterfaceRequest.SIOCSIFADDR if inet:
            _require_admin(task)
            _set_address(interface, _host(value))
        case InterfaceRequest.SIOCSIFNETMASK if inet:
            _require_admin(task)
            _set_mask(interface, _host(value))
        case InterfaceRequest.SIOCSIFBRDADDR if inet:
            _require_admin(task)
            _first(interface).broadcast = _host(value)
            interfaces.changed(interface)
        case _:
            if request in _FIXED:
                _require_admin(task)
                raise Errno(EOPNOTSUPP, "this cannot be changed")
            return False
    return True


_FIXED: Final = (
    int(InterfaceRequest.SIOCSIFDSTADDR), int(InterfaceRequest.SIOCSIFMETRIC), int(InterfaceRequest.SIOCSIFNAME),
    int(InterfaceRequest.SIOCSIFHWADDR), int(InterfaceRequest.SIOCADDMULTI), int(InterfaceRequest.SIOCDELMULTI),
    int(InterfaceRequest.SIOCSIFTXQLEN), int(InterfaceRequest.SIOCSIFMAP),
)  # fmt: skip


def _require_admin(task: Task) -> None:
    task.credentials.require(CAP_NET_ADMIN, "changing interfaces needs CAP_NET_ADMIN")


def _host(sockaddr: bytes) -> int:
    if int.from_bytes(sockaddr[:2], "little") != Family.INET:
        raise Errno(EINVAL, "not an AF_INET address")
    return int.from_bytes(sockaddr[4:8], "big")


def _set_flags(interface: Interface, flags: int) -> None:
    """Up and down; RUNNING and its like follow by themselves."""
    if (flags ^ int(interface.flags)) & SETTABLE:
        raise Errno(EOPNOTSUPP, "only IFF_UP can be changed")
    if flags & CHANGEABLE:
        configuration.set_up(interface)
    else:
        configuration.set_down(interface)


def _set_address(interface: Interface, host: int) -> None:
    """The first address gives way to this one, with the mask of its class; 0.0.0.0 only takes it away."""
    if len(interface.addresses) > 0:
        if interface.addresses[0].address == host:
            return
        configuration.remove_address(interface, interface.addresses[0].address)
    if host != 0:
        prefix = natural_prefix(host)
        configuration.add_address(interface, host, prefix, configuration.default_broadcast(interface, host, prefix))
        configuration.set_up(interface)


def _set_mask(interface: Interface, mask: int) -> None:
    entry = _first(interface)
    prefix = prefix_of(mask)
    if prefix < 0:
        raise Errno(EINVAL, "not a network mask")
    if prefix != entry.prefix:
        was_default = entry.broadcast == configuration.default_broadcast(interface, entry.address, entry.prefix)
        broadcast = configuration.default_broadcast(interface, entry.address, prefix) if was_default else entry.broadcast
        configuration.remove_address(interface, entry.address)
        configuration.add_address(interface, entry.address, prefix, broadcast)
