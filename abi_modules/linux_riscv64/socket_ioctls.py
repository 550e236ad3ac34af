"""Requests of ioctl(2) on sockets: what waits in their queues; interfaces, routes and neighbours have files of their own.

ioctl itself is declared in descriptors.py, which hands every request on a socket to socket_ioctl. A request that is not there is ENOTTY.

Sources: unix(7), udp(7), netdevice(7).
"""

from abi_modules.linux_riscv64.interface_ioctls import interface_ioctl
from abi_modules.linux_riscv64.route_ioctls import route_ioctl
from abi_modules.linux_riscv64.terminal import IoctlRequest
from objects.socket import Socket
from objects.socketaddress import Family
from objects.task import Task
from scarlet.kernel.memory.user import store_i32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import ENOTTY


def socket_ioctl(task: Task, socket: Socket, request: int, argument: u64) -> i32:
    """A request on a socket. ENOTTY for one that sockets do not know, and the errors of each."""
    match request:
        case IoctlRequest.FIONREAD:
            store_i32(task.space, argument, min(socket.available(), 0x7FFFFFFF))
        case IoctlRequest.TIOCOUTQ:  # SIOCOUTQ is the same number
            store_i32(task.space, argument, min(socket.unsent(), 0x7FFFFFFF))
        case _:
            if socket.family == Family.INET and route_ioctl(task, request, argument):
                return i32(0)
            if not interface_ioctl(task, socket.family, request, argument):
                raise Errno(ENOTTY, "a socket does not know this request")
    return i32(0)
