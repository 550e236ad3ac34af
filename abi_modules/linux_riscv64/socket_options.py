"""Socket options: SOL_SOCKET onto objects/socketoptions; the other levels belong to the sockets themselves.

An option that is not here is ENOPROTOOPT. Most are an int; what is given may be longer, what is asked for is cut to the room there is.

Sources: getsockopt(2), socket(7), unix(7).
"""

from typing import Annotated, Final, TypeAlias

from abi_modules.linux_riscv64.declare import InOption, OutOption
from abi_modules.linux_riscv64.network import socket_of
from abi_modules.linux_riscv64.socket_addresses import address_bytes
from abi_modules.linux_riscv64.socket_control import SOL_SOCKET, identity_bytes
from abi_modules.linux_riscv64.socket_option_numbers import OptionLevel, SocketOption
from executor.declare import Fd, OutU32, syscall
from net import interfaces
from objects.credentials import CAP_NET_ADMIN, CAP_NET_RAW
from objects.socket import Socket
from objects.socketoptions import NO_LINGER, NO_TIMEOUT
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, i64, u64
from scarlet.lang.errno import EACCES, EDOM, EINVAL, ENODEV, ENOPROTOOPT, EPERM

INT: Final = 4
LINGER_SIZE: Final = 8
TIMEVAL_SIZE: Final = 16
IFNAMSIZ: Final = 16
MAX_LENGTH: Final = 4096
"""No option of ours is longer."""
MAX_PRIORITY: Final = 6
"""The highest priority that anybody may set."""
LONGEST_SECONDS: Final = 9_000_000_000


Level: TypeAlias = Annotated[i32, OptionLevel]
Name: TypeAlias = Annotated[i32, "optional option_name"]
"""Its meaning depends on the level before it."""


# --- setting ------------------------------------------------------------------------------------------------------------------


@syscall(208)
def setsockopt(task: Task, sockfd: Fd, level: Level, optname: Name, optval: InOption, optlen: i32) -> None:
    """setsockopt(2)"""
    socket = socket_of(task, sockfd)
    if optlen < 0:
        raise Errno(EINVAL, "a negative length")
    if level != SOL_SOCKET:
        socket.set_option(int(level), int(optname), load_bytes(task.space, optval, min(int(optlen), MAX_LENGTH)))
    elif optname == SocketOption.SO_BINDTODEVICE:
        _bind_to_device(task, socket, load_bytes(task.space, optval, min(int(optlen), IFNAMSIZ - 1)))
    elif not _set_structure(task, socket, int(optname), optval, int(optlen)):
        if optlen < INT:
            raise Errno(EINVAL, "shorter than an int")
        _set_number(task, socket, int(optname), int(i32(load_u32(task.space, optval))))
        socket.options_changed()


def _set_structure(task: Task, socket: Socket, name: int, address: u64, length: int) -> bool:
    """The options that are no int; False when it is none of them."""
    match name:
        case SocketOption.SO_LINGER:
            data = _load(task, address, length, LINGER_SIZE)
            socket.options.linger_s = int(i32(int.from_bytes(data[4:], "little"))) if data[:4] != bytes(4) else NO_LINGER
        case SocketOption.SO_RCVTIMEO_OLD | SocketOption.SO_RCVTIMEO_NEW:
            socket.options.receive_timeout_ns = _timeout_ns(_load(task, address, length, TIMEVAL_SIZE))
        case SocketOption.SO_SNDTIMEO_OLD | SocketOption.SO_SNDTIMEO_NEW:
            socket.options.send_timeout_ns = _timeout_ns(_load(task, address, length, TIMEVAL_SIZE))
        case _:
            return False
    return True


def _load(task: Task, address: u64, length: int, size: int) -> bytes:
    if length < size:
        raise Errno(EINVAL, "shorter than the option")
    return load_bytes(task.space, address, size)


def _timeout_ns(timeval: bytes) -> int:
    """EDOM when the microseconds are no fraction of a second. A negative time is over at once."""
    seconds = i64(u64(int.from_bytes(timeval[:4], "little") | int.from_bytes(timeval[4:8], "little") << 32))
    microseconds = i64(u64(int.from_bytes(timeval[8:12], "little") | int.from_bytes(timeval[12:], "little") << 32))
    if not 0 <= microseconds < 1_000_000:
        raise Errno(EDOM, "microseconds from 0 to 999999")
    if seconds < 0:
        return 1
    if seconds > LONGEST_SECONDS:
        return NO_TIMEOUT
    return int(seconds) * 1_000_000_000 + int(microseconds) * 1000


def _set_number(task: Task, socket: Socket, name: int, value: int) -> None:
    options = socket.options
    who = task.credentials
    match name:
        case SocketOption.SO_DEBUG:
            if value != 0 and not who.capable(CAP_NET_ADMIN):
                raise Errno(EACCES, "debugging needs CAP_NET_ADMIN")
            options.debug = value != 0
        case SocketOption.SO_REUSEADDR:
            options.reuse_address = value != 0
        case SocketOption.SO_REUSEPORT:
            options.reuse_port = value != 0
        case SocketOption.SO_DONTROUTE:
            options.dont_route = value != 0
        case SocketOption.SO_BROADCAST:
            options.broadcast = value != 0
        case SocketOption.SO_KEEPALIVE:
            options.keep_alive = value != 0
        case SocketOption.SO_OOBINLINE:
            options.out_of_band_inline = value != 0
        case SocketOption.SO_NO_CHECK:
            options.no_check = value != 0
        case SocketOption.SO_PASSCRED:
            options.pass_credentials = value != 0
        case SocketOption.SO_BSDCOMPAT:
            return  # Linux, too, has not obeyed it since 2.4
        case SocketOption.SO_TIMESTAMP_OLD | SocketOption.SO_TIMESTAMP_NEW:
            options.timestamp = value != 0
            options.timestamp_ns = False
        case SocketOption.SO_TIMESTAMPNS_OLD | SocketOption.SO_TIMESTAMPNS_NEW:
            options.timestamp = value != 0
            options.timestamp_ns = value != 0
        case SocketOption.SO_RCVLOWAT:
            options.receive_low = max(value, 1) if value >= 0 else 0x7FFFFFFF
        case SocketOption.SO_PEEK_OFF:
            socket.set_peek_offset(value)
        case _:
            _set_resource(task, socket, name, value)


def _set_resource(task: Task, socket: Socket, name: int, value: int) -> None:
    """What is bounded for the unprivileged."""
    options = socket.options
    who = task.credentials
    privileged = who.capable(CAP_NET_ADMIN) or who.capable(CAP_NET_RAW)
    match name:
        case SocketOption.SO_SNDBUF:
            options.set_send_buffer(value)
        case SocketOption.SO_RCVBUF:
            options.set_receive_buffer(value)
        case SocketOption.SO_SNDBUFFORCE:
            who.require(CAP_NET_ADMIN, "beyond the limits needs CAP_NET_ADMIN")
            options.set_send_buffer(value, force=True)
        case SocketOption.SO_RCVBUFFORCE:
            who.require(CAP_NET_ADMIN, "beyond the limits needs CAP_NET_ADMIN")
            options.set_receive_buffer(value, force=True)
        case SocketOption.SO_PRIORITY:
            if not 0 <= value <= MAX_PRIORITY and not privileged:
                raise Errno(EPERM, "a priority above 6 needs CAP_NET_ADMIN")
            options.priority = value
        case SocketOption.SO_MARK:
            if not privileged:
                raise Errno(EPERM, "a mark needs CAP_NET_ADMIN")
            options.mark = value
        case _:
            raise Errno(ENOPROTOOPT, "no such option, or one that cannot be set")


def _bind_to_device(task: Task, socket: Socket, text: bytes) -> None:
    """ENODEV for an interface that is not there; EPERM to leave one without CAP_NET_RAW."""
    name = text.split(b"\0")[0]
    if len(socket.options.device) > 0:
        task.credentials.require(CAP_NET_RAW, "leaving an interface needs CAP_NET_RAW")
    if len(name) > 0 and interfaces.by_name(name) is None:
        raise Errno(ENODEV, "no interface has that name")
    socket.options.device = name
    socket.options_changed()


# --- asking -------------------------------------------------------------------------------------------------------------------


@syscall(209)
def getsockopt(task: Task, sockfd: Fd, level: Level, optname: Name, optval: OutOption, optlen: OutU32) -> None:
    """getsockopt(2)"""
    socket = socket_of(task, sockfd)
    room = int(i32(load_u32(task.space, optlen)))
    if room < 0:
        raise Errno(EINVAL, "a negative length")
    if level != SOL_SOCKET:
        value = socket.option(int(level), int(optname), min(room, MAX_LENGTH))
    else:
        value = _value(socket, int(optname), room)
    store_bytes(task.space, optval, value[:room])
    store_u32(task.space, optlen, min(len(value), room))


def _value(socket: Socket, name: int, room: int) -> bytes:
    options = socket.options
    match name:
        case SocketOption.SO_LINGER:
            on = options.linger_s != NO_LINGER
            return int(on).to_bytes(4, "little") + (options.linger_s if on else 0).to_bytes(4, "little")
        case SocketOption.SO_RCVTIMEO_OLD | SocketOption.SO_RCVTIMEO_NEW:
            return _timeval(options.receive_timeout_ns)
        case SocketOption.SO_SNDTIMEO_OLD | SocketOption.SO_SNDTIMEO_NEW:
            return _timeval(options.send_timeout_ns)
        case SocketOption.SO_PEERCRED:
            return identity_bytes(socket.peer_identity())
        case SocketOption.SO_PEERNAME:
            name_bytes = address_bytes(socket.peer_name())
            if len(name_bytes) < room:
                raise Errno(EINVAL, "the address is shorter")
            return name_bytes
        case SocketOption.SO_BINDTODEVICE:
            if len(options.device) == 0:
                return b""
            if room < IFNAMSIZ:
                raise Errno(EINVAL, "shorter than IFNAMSIZ")
            return options.device + b"\0"
        case SocketOption.SO_COOKIE:
            if room < 8:
                raise Errno(EINVAL, "shorter than a cookie")
            return socket.number.to_bytes(8, "little")
        case _:
            return u64(_number(socket, name)).to_bytes(8, "little")[:INT]


def _timeval(ns: int) -> bytes:
    return (ns // 1_000_000_000).to_bytes(8, "little") + (ns % 1_000_000_000 // 1000).to_bytes(8, "little")


def _number(socket: Socket, name: int) -> int:
    options = socket.options
    match name:
        case SocketOption.SO_TYPE:
            return int(socket.type)
        case SocketOption.SO_DOMAIN:
            return socket.family
        case SocketOption.SO_PROTOCOL:
            return socket.protocol
        case SocketOption.SO_ERROR:
            return socket.take_error()
        case SocketOption.SO_ACCEPTCONN:
            return int(socket.listening())
        case SocketOption.SO_SNDBUF:
            return options.send_buffer
        case SocketOption.SO_RCVBUF:
            return options.receive_buffer
        case SocketOption.SO_RCVLOWAT:
            return options.receive_low
        case SocketOption.SO_SNDLOWAT:
            return 1
        case SocketOption.SO_PRIORITY:
            return options.priority
        case SocketOption.SO_MARK:
            return options.mark
        case SocketOption.SO_PEEK_OFF:
            return socket.peek_offset()
        case _:
            return int(_switch(socket, name))


def _switch(socket: Socket, name: int) -> bool:
    """The options that are on or off."""
    options = socket.options
    match name:
        case SocketOption.SO_DEBUG:
            return options.debug
        case SocketOption.SO_REUSEADDR:
            return options.reuse_address
        case SocketOption.SO_REUSEPORT:
            return options.reuse_port
        case SocketOption.SO_DONTROUTE:
            return options.dont_route
        case SocketOption.SO_BROADCAST:
            return options.broadcast
        case SocketOption.SO_KEEPALIVE:
            return options.keep_alive
        case SocketOption.SO_OOBINLINE:
            return options.out_of_band_inline
        case SocketOption.SO_NO_CHECK:
            return options.no_check
        case SocketOption.SO_PASSCRED:
            return options.pass_credentials
        case SocketOption.SO_BSDCOMPAT:
            return False
        case SocketOption.SO_TIMESTAMP_OLD | SocketOption.SO_TIMESTAMP_NEW:
            return options.timestamp and not options.timestamp_ns
        case SocketOption.SO_TIMESTAMPNS_OLD | SocketOption.SO_TIMESTAMPNS_NEW:
            return options.timestamp_ns
        case _:
            raise Errno(ENOPROTOOPT, "no such option")
