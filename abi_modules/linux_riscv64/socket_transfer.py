"""Sending and receiving: sendto, recvfrom, sendmsg, recvmsg and their forms for many messages.

Sources: send(2), recv(2), sendmmsg(2), recvmmsg(2).
"""

from typing import Final

from abi_modules.linux_riscv64.declare import InMessage, InSockaddr, InTimespec, OutMessage, OutSockaddr, SendFlags
from abi_modules.linux_riscv64.network import socket_of
from abi_modules.linux_riscv64.socket_addresses import MAX_SOCKADDR, address_bytes, load_destination, store_address
from abi_modules.linux_riscv64.socket_control import ControlOutput, load_control, store_control
from abi_modules.linux_riscv64.structures import load_timespec_ns, store_timespec_ns
from executor.declare import Address, Fd, InBuffer, OutBuffer, OutU32, syscall
from objects.socket import Socket
from objects.socketmessage import MessageFlags
from objects.task import Task
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.user import UserBytes, load_bytes, store_bytes, store_u32, store_u64
from scarlet.kernel.memory.uservector import MAX_VECTOR, UserVector
from scarlet.lang import Errno, i32, isize, struct, u32, u64, usize
from scarlet.lang.errno import EAGAIN, EINVAL, EMSGSIZE, ENOBUFS

SEND_FLAGS: Final = (
    MessageFlags.OOB | MessageFlags.DONTROUTE | MessageFlags.DONTWAIT | MessageFlags.EOR | MessageFlags.CONFIRM | MessageFlags.NOSIGNAL
    | MessageFlags.MORE
)  # fmt: skip
RECEIVE_FLAGS: Final = (
    MessageFlags.OOB | MessageFlags.PEEK | MessageFlags.TRUNC | MessageFlags.DONTWAIT | MessageFlags.WAITALL | MessageFlags.ERRQUEUE
)  # fmt: skip
"""What a socket is told; Linux, too, passes over what it does not know."""
MSG_WAITFORONE: Final = 0x10000
MSG_CMSG_CLOEXEC: Final = 0x40000000
MAX_CONTROL_LENGTH: Final = 0x7FFFFFFF


@struct
class Msghdr:
    """struct msghdr of the kernel (recvmsg(2))"""

    msg_name: u64
    msg_namelen: i32
    pad: i32
    msg_iov: u64
    msg_iovlen: u64
    msg_control: u64
    msg_controllen: u64
    msg_flags: u32
    pad2: u32


NAMELEN_OFFSET: Final = 8
CONTROLLEN_OFFSET: Final = 40
FLAGS_OFFSET: Final = 48
MMSGHDR_SIZE: Final = 64
"""A struct msghdr, and behind it how many bytes were moved."""
MMSG_LENGTH_OFFSET: Final = 56


@syscall(206)
def sendto(task: Task, sockfd: Fd, buf: InBuffer, len_: usize, flags: SendFlags, dest_addr: InSockaddr, addrlen: i32) -> isize:
    """send(2), sendto(2)"""
    socket = socket_of(task, sockfd)
    buffer = UserBytes(task.space, buf, len_)
    destination = load_destination(task, dest_addr, int(addrlen))
    return isize(socket.send(buffer, _send_flags(flags), destination, None))


@syscall(207)
def recvfrom(task: Task, sockfd: Fd, buf: OutBuffer, len_: usize, flags: SendFlags, src_addr: OutSockaddr, addrlen: OutU32) -> isize:
    """recv(2), recvfrom(2)"""
    socket = socket_of(task, sockfd)
    found = socket.receive(UserBytes(task.space, buf, len_), _receive_flags(flags))
    if src_addr != 0:
        store_address(task, found.address, src_addr, addrlen)
    return isize(found.count)


def _send_flags(flags: int) -> MessageFlags:
    return MessageFlags(flags & int(SEND_FLAGS))


def _receive_flags(flags: int) -> MessageFlags:
    return MessageFlags(flags & int(RECEIVE_FLAGS))


# --- messages -----------------------------------------------------------------------------------------------------------------


@syscall(211)
def sendmsg(task: Task, sockfd: Fd, msg: InMessage, flags: SendFlags) -> isize:
    """sendmsg(2)"""
    return isize(_send(task, socket_of(task, sockfd), msg, int(flags)))


@syscall(212)
def recvmsg(task: Task, sockfd: Fd, msg: OutMessage, flags: SendFlags) -> isize:
    """recvmsg(2)"""
    return isize(_receive(task, socket_of(task, sockfd), msg, int(flags)))


def _load(task: Task, address: u64) -> Msghdr:
    """EINVAL for a negative length of a name, EMSGSIZE for more than 1024 pieces; EFAULT."""
    message = Msghdr.parse(load_bytes(task.space, address, Msghdr.SIZE))
    if message.msg_name != 0 and message.msg_namelen < 0:
        raise Errno(EINVAL, "a negative length")
    if message.msg_iovlen > MAX_VECTOR:
        raise Errno(EMSGSIZE, "more than 1024 pieces")
    return message


def _send(task: Task, socket: Socket, address: u64, flags: int) -> int:
    message = _load(task, address)
    destination = load_destination(task, message.msg_name, min(int(message.msg_namelen), MAX_SOCKADDR))
    buffer = UserVector(task.space, message.msg_iov, int(message.msg_iovlen))
    if message.msg_controllen > MAX_CONTROL_LENGTH:
        raise Errno(ENOBUFS, "too much ancillary data")
    ancillary = load_control(task, socket.family, message.msg_control, int(message.msg_controllen))
    return socket.send(buffer, _send_flags(flags), destination, ancillary)


def _receive(task: Task, socket: Socket, address: u64, flags: int) -> int:
    message = _load(task, address)
    buffer = UserVector(task.space, message.msg_iov, int(message.msg_iovlen))
    found = socket.receive(buffer, _receive_flags(flags))
    output = ControlOutput(task, message.msg_control, message.msg_controllen)
    if found.ancillary is not None:
        cloexec = flags & MSG_CMSG_CLOEXEC != 0
        store_control(output, found.ancillary, timestamp_ns=socket.options.timestamp_ns, close_on_exec=cloexec)
    if message.msg_name != 0:
        name = address_bytes(found.address) if found.address is not None else b""
        store_bytes(task.space, message.msg_name, name[: int(message.msg_namelen)])
        store_u32(task.space, u64(address + NAMELEN_OFFSET), len(name))
    result = int(found.flags) | int(output.flags) | flags & MSG_CMSG_CLOEXEC
    store_u32(task.space, u64(address + FLAGS_OFFSET), result)
    store_u64(task.space, u64(address + CONTROLLEN_OFFSET), u64(output.used))
    return found.count


# --- many messages ------------------------------------------------------------------------------------------------------------


@syscall(269)
def sendmmsg(task: Task, sockfd: Fd, msgvec: Address, vlen: u32, flags: SendFlags) -> i32:
    """sendmmsg(2): how many were sent; the error only when none was."""
    socket = socket_of(task, sockfd)
    done = 0
    while done < min(int(vlen), MAX_VECTOR):
        place = u64(msgvec + u64(done * MMSGHDR_SIZE))
        try:
            count = _send(task, socket, place, int(flags))
            store_u32(task.space, u64(place + MMSG_LENGTH_OFFSET), count)
        except (Errno, MemoryError):
            if done == 0:
                raise
            break
        done += 1
    return i32(done)


@syscall(243)
def recvmmsg(task: Task, sockfd: Fd, msgvec: Address, vlen: u32, flags: SendFlags, timeout: InTimespec) -> i32:
    """recvmmsg(2): how many came. The time limit is looked at after each message, as on Linux; an error that comes late is kept for
    the next call."""
    socket = socket_of(task, sockfd)
    deadline_ns = NEVER
    if timeout != 0:
        deadline_ns = clock.deadline_after(load_timespec_ns(task, timeout))
    socket.raise_pending()
    done = 0
    how = int(flags)
    while done < min(int(vlen), MAX_VECTOR):
        place = u64(msgvec + u64(done * MMSGHDR_SIZE))
        try:
            count = _receive(task, socket, place, how & ~MSG_WAITFORONE)
            store_u32(task.space, u64(place + MMSG_LENGTH_OFFSET), count)
        except Errno as error:
            if done == 0:
                raise
            if error.code != EAGAIN:
                socket.error = error.code
            break
        done += 1
        if how & MSG_WAITFORONE:
            how |= MessageFlags.DONTWAIT
        if clock.monotonic_ns() >= deadline_ns:
            break
    if timeout != 0 and done > 0:
        store_timespec_ns(task, timeout, max(deadline_ns - clock.monotonic_ns(), 0))
    return i32(done)
