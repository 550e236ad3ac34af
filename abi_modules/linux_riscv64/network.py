"""Sockets: making them, naming them, connecting them. Transfers are in socket_transfer.py, options in socket_options.py.

Sources: socket(2), socketpair(2), bind(2), listen(2), accept(2), connect(2), getsockname(2), getpeername(2), shutdown(2).
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.declare import InSockaddr, OutSockaddr, SocketKind
from abi_modules.linux_riscv64.places import content
from abi_modules.linux_riscv64.socket_addresses import load_address, store_address
from executor.declare import Fd, OutFdPair, OutU32, has_other_bits, syscall
from objects.object import Rights, Status
from objects.socket import Shutdown, Socket
from objects.socketfamilies import create
from objects.task import Task
from scarlet.kernel.memory.user import store_i32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EAFNOSUPPORT, EINVAL, ENOTSOCK
from vfs.opening import OPEN_RIGHTS

SOCKET_RIGHTS: Final = Rights.READ | Rights.WRITE | OPEN_RIGHTS
TYPE_MASK: Final = 0xF
MAX_TYPE: Final = 10
MAX_FAMILY: Final = 46
"""AF_MAX: no family has a higher number."""


class AddressFamily(IntEnum):
    """socket(2)"""

    AF_UNSPEC = 0
    AF_UNIX = 1
    AF_INET = 2
    AF_INET6 = 10
    AF_NETLINK = 16
    AF_PACKET = 17
    AF_BLUETOOTH = 31
    AF_ALG = 38
    AF_VSOCK = 40


class SocketFlags(IntFlag):
    """The flags beside the type of a socket; those of accept4(2)."""

    SOCK_NONBLOCK = 0o4000
    SOCK_CLOEXEC = 0o2000000


class ShutdownHow(IntEnum):
    """shutdown(2)"""

    SHUT_RD = 0
    SHUT_WR = 1
    SHUT_RDWR = 2


def socket_of(task: Task, fd: int) -> Socket:
    """The socket of a descriptor. EBADF; ENOTSOCK for anything else."""
    object = content(task, fd)
    if not isinstance(object, Socket):
        raise Errno(ENOTSOCK, "not a socket")
    return object


# --- making -------------------------------------------------------------------------------------------------------------------


@syscall(198)
def socket(task: Task, domain: Annotated[i32, AddressFamily], type_: SocketKind, protocol: i32) -> i32:
    """socket(2): EAFNOSUPPORT for a family, ESOCKTNOSUPPORT for a type, EPROTONOSUPPORT for a protocol that is not there."""
    made = _make(int(domain), int(type_), int(protocol))
    return i32(task.handles.allocate(made, SOCKET_RIGHTS, close_on_exec=type_ & SocketFlags.SOCK_CLOEXEC != 0))


@syscall(199)
def socketpair(task: Task, domain: Annotated[i32, AddressFamily], type_: SocketKind, protocol: i32, sv: OutFdPair) -> None:
    """socketpair(2): EOPNOTSUPP for a family without pairs, which are all but AF_UNIX."""
    first = _make(int(domain), int(type_), int(protocol))
    second = _make(int(domain), int(type_), int(protocol))
    first.connect_to(second)
    close_on_exec = type_ & SocketFlags.SOCK_CLOEXEC != 0
    handles = task.handles
    one = handles.allocate(first, SOCKET_RIGHTS, close_on_exec=close_on_exec)
    other = -1
    try:
        other = handles.allocate(second, SOCKET_RIGHTS, close_on_exec=close_on_exec)
        store_i32(task.space, sv, one)
        store_i32(task.space, u64(u64(sv) + 4), other)
    except (Errno, MemoryError):
        handles.close(one)
        if other >= 0:
            handles.close(other)
        raise


def _make(family: int, type: int, protocol: int) -> Socket:
    """The checks in the order of Linux: flags, family, type."""
    if has_other_bits(type, TYPE_MASK | SocketFlags.SOCK_NONBLOCK | SocketFlags.SOCK_CLOEXEC):
        raise Errno(EINVAL, "unknown flags beside the type")
    kind = type & TYPE_MASK
    if not 0 <= family < MAX_FAMILY:
        raise Errno(EAFNOSUPPORT, "no such address family")
    if kind > MAX_TYPE:
        raise Errno(EINVAL, "no such type of socket")
    return create(family, kind, protocol, _status(type))


def _status(flags: int) -> Status:
    return Status.NONBLOCK if flags & SocketFlags.SOCK_NONBLOCK else Status.NONE


# --- names and connections ----------------------------------------------------------------------------------------------------


@syscall(200)
def bind(task: Task, sockfd: Fd, addr: InSockaddr, addrlen: i32) -> None:
    """bind(2)"""
    socket = socket_of(task, sockfd)
    socket.bind(load_address(task, addr, int(addrlen)))


@syscall(201)
def listen(task: Task, sockfd: Fd, backlog: i32) -> None:
    """listen(2)"""
    socket_of(task, sockfd).listen(int(backlog))


@syscall(202)
def accept(task: Task, sockfd: Fd, addr: OutSockaddr, addrlen: OutU32) -> i32:
    """accept(2)"""
    return i32(_accept(task, sockfd, addr, addrlen, 0))


@syscall(242)
def accept4(task: Task, sockfd: Fd, addr: OutSockaddr, addrlen: OutU32, flags: SocketFlags) -> i32:
    """accept4(2)"""
    if has_other_bits(flags, SocketFlags.SOCK_NONBLOCK | SocketFlags.SOCK_CLOEXEC):
        raise Errno(EINVAL, "unknown flags")
    return i32(_accept(task, sockfd, addr, addrlen, int(flags)))


def _accept(task: Task, fd: int, address: u64, length_address: u64, flags: int) -> int:
    """A connection whose address cannot be stored is lost, as on Linux."""
    socket = socket_of(task, fd)
    task.handles.require_room()
    connection = socket.accept(_status(flags))
    slot = task.handles.allocate(connection, SOCKET_RIGHTS, close_on_exec=flags & SocketFlags.SOCK_CLOEXEC != 0)
    if address != 0:
        try:
            store_address(task, connection.peer_name(), address, length_address)
        except (Errno, MemoryError):
            task.handles.close(slot)
            raise
    return slot


@syscall(203)
def connect(task: Task, sockfd: Fd, addr: InSockaddr, addrlen: i32) -> None:
    """connect(2)"""
    socket = socket_of(task, sockfd)
    socket.connect(load_address(task, addr, int(addrlen)))


@syscall(204)
def getsockname(task: Task, sockfd: Fd, addr: OutSockaddr, addrlen: OutU32) -> None:
    """getsockname(2)"""
    store_address(task, socket_of(task, sockfd).name(), addr, addrlen)


@syscall(205)
def getpeername(task: Task, sockfd: Fd, addr: OutSockaddr, addrlen: OutU32) -> None:
    """getpeername(2)"""
    store_address(task, socket_of(task, sockfd).peer_name(), addr, addrlen)


@syscall(210)
def shutdown(task: Task, sockfd: Fd, how: Annotated[i32, ShutdownHow]) -> None:
    """shutdown(2)"""
    socket = socket_of(task, sockfd)
    match int(how):
        case ShutdownHow.SHUT_RD:
            socket.shutdown(Shutdown.RECEIVE)
        case ShutdownHow.SHUT_WR:
            socket.shutdown(Shutdown.SEND)
        case ShutdownHow.SHUT_RDWR:
            socket.shutdown(Shutdown.BOTH)
        case _:
            raise Errno(EINVAL, "SHUT_RD, SHUT_WR or SHUT_RDWR")
