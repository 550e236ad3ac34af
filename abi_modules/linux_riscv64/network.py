"""Sockets: there is no network yet, so no address family is supported, and no descriptor is a socket (socket(2))."""

from enum import IntEnum
from typing import Annotated, NoReturn

from executor.declare import Address, Fd, InBuffer, syscall
from objects.task import Task
from scarlet.lang import Errno, i32, isize, u32, usize
from scarlet.lang.errno import EAFNOSUPPORT, ENOTSOCK


class AddressFamily(IntEnum):
    """socket(2)"""

    AF_UNSPEC = 0
    AF_UNIX = 1
    AF_INET = 2
    AF_INET6 = 10
    AF_NETLINK = 16
    AF_PACKET = 17
    AF_VSOCK = 40


def _not_a_socket(task: Task, fd: i32) -> NoReturn:
    """EBADF when the descriptor is not open, else ENOTSOCK."""
    task.handles.handle(int(fd))
    raise Errno(ENOTSOCK, "there are no sockets")


@syscall(198)
def socket(task: Task, domain: Annotated[i32, AddressFamily], type_: i32, protocol: i32) -> i32:
    """socket(2): EAFNOSUPPORT for every family."""
    raise Errno(EAFNOSUPPORT, "there is no network yet")


@syscall(199)
def socketpair(task: Task, domain: Annotated[i32, AddressFamily], type_: i32, protocol: i32, sv: Address) -> None:
    """socketpair(2): EAFNOSUPPORT for every family."""
    raise Errno(EAFNOSUPPORT, "there is no network yet")


@syscall(200)
def bind(task: Task, sockfd: Fd, addr: Address, addrlen: u32) -> None:
    """bind(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(201)
def listen(task: Task, sockfd: Fd, backlog: i32) -> None:
    """listen(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(202)
def accept(task: Task, sockfd: Fd, addr: Address, addrlen: Address) -> i32:
    """accept(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(242)
def accept4(task: Task, sockfd: Fd, addr: Address, addrlen: Address, flags: u32) -> i32:
    """accept4(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(203)
def connect(task: Task, sockfd: Fd, addr: Address, addrlen: u32) -> None:
    """connect(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(204)
def getsockname(task: Task, sockfd: Fd, addr: Address, addrlen: Address) -> None:
    """getsockname(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(205)
def getpeername(task: Task, sockfd: Fd, addr: Address, addrlen: Address) -> None:
    """getpeername(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(206)
def sendto(task: Task, sockfd: Fd, buf: InBuffer, len_: usize, flags: u32, dest_addr: Address, addrlen: u32) -> isize:
    """sendto(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(207)
def recvfrom(task: Task, sockfd: Fd, buf: Address, len_: usize, flags: u32, src_addr: Address, addrlen: Address) -> isize:
    """recvfrom(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(208)
def setsockopt(task: Task, sockfd: Fd, level: i32, optname: i32, optval: Address, optlen: u32) -> None:
    """setsockopt(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(209)
def getsockopt(task: Task, sockfd: Fd, level: i32, optname: i32, optval: Address, optlen: Address) -> None:
    """getsockopt(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(210)
def shutdown(task: Task, sockfd: Fd, how: i32) -> None:
    """shutdown(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(211)
def sendmsg(task: Task, sockfd: Fd, msg: Address, flags: u32) -> isize:
    """sendmsg(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(212)
def recvmsg(task: Task, sockfd: Fd, msg: Address, flags: u32) -> isize:
    """recvmsg(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(269)
def sendmmsg(task: Task, sockfd: Fd, msgvec: Address, vlen: u32, flags: u32) -> i32:
    """sendmmsg(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)


@syscall(243)
def recvmmsg(task: Task, sockfd: Fd, msgvec: Address, vlen: u32, flags: u32, timeout: Address) -> i32:
    """recvmmsg(2): EBADF or ENOTSOCK."""
    _not_a_socket(task, sockfd)
