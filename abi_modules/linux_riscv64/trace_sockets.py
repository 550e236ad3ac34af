"""Socket addresses, messages and flags as strace(1) shows them. Conventions: executor/trace_values.py; offsets: the riscv64 structures."""

from typing import Final

from abi_modules.linux_riscv64.socket_addresses import MAX_SOCKADDR
from abi_modules.linux_riscv64.socket_option_numbers import SocketOption
from abi_modules.linux_riscv64.trace_values import vector_text
from executor.trace_values import Words, fetch, memory_text, quoted, show_address, show_flags
from objects.socketaddress import Family
from objects.task import Task
from scarlet.kernel.memory.user import load_u32
from scarlet.lang import Errno, i32, u64

CONTROL_HEADER: Final = 16
MAX_SHOWN_CONTROL: Final = 1024


# --- numbers ------------------------------------------------------------------------------------------------------------------


def show_socket_kind(value: int) -> str:
    """SOCK_STREAM|SOCK_CLOEXEC"""
    names = ["0", "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET", "SOCK_DCCP"]
    kind = value & 0xF
    shown = names[kind] if kind < len(names) else str(kind)
    rest = value & ~0xF
    return shown if rest == 0 else f"{shown}|{show_flags(rest, '', [(0o2000000, 'SOCK_CLOEXEC'), (0o4000, 'SOCK_NONBLOCK')])}"


def show_message_flags(value: int) -> str:
    return show_flags(
        value,
        "0",
        [
            (0x1, "MSG_OOB"),
            (0x2, "MSG_PEEK"),
            (0x4, "MSG_DONTROUTE"),
            (0x8, "MSG_CTRUNC"),
            (0x20, "MSG_TRUNC"),
            (0x40, "MSG_DONTWAIT"),
            (0x80, "MSG_EOR"),
            (0x100, "MSG_WAITALL"),
            (0x800, "MSG_CONFIRM"),
            (0x2000, "MSG_ERRQUEUE"),
            (0x4000, "MSG_NOSIGNAL"),
            (0x8000, "MSG_MORE"),
            (0x10000, "MSG_WAITFORONE"),
            (0x40000000, "MSG_CMSG_CLOEXEC"),
        ],
    )


# --- addresses ----------------------------------------------------------------------------------------------------------------


def show_sockaddr(task: Task, address: u64, following: u64, result: int) -> str:
    """{sa_family=AF_UNIX, sun_path="/tmp/socket"}; the argument behind it is its length."""
    return _sockaddr(task, address, int(min(following & u64(0xFFFFFFFF), u64(MAX_SOCKADDR))))


def show_filled_sockaddr(task: Task, address: u64, following: u64, result: int) -> str:
    """The same, when the argument behind it points to the length."""
    if address == 0:
        return "NULL"
    try:
        return _sockaddr(task, address, min(load_u32(task.space, following), MAX_SOCKADDR))
    except Errno:
        return show_address(address)


def _sockaddr(task: Task, address: u64, length: int) -> str:
    words = fetch(task, address, length) if length >= 2 else None
    if words is None:
        return show_address(address)
    family = words.u16_at(0)
    match family:
        case Family.UNIX:
            return "{sa_family=AF_UNIX" + _unix_path(words.data[2:]) + "}"
        case Family.INET if length >= 16:
            port = int.from_bytes(words.data[2:4], "big")
            host = ".".join([str(part) for part in words.data[4:8]])
            return "{" + f'sa_family=AF_INET, sin_port=htons({port}), sin_addr=inet_addr("{host}")' + "}"
        case Family.NETLINK if length >= 12:
            return "{" + f"sa_family=AF_NETLINK, nl_pid={words.u32_at(4)}, nl_groups={words.u32_at(8):08x}" + "}"
        case Family.UNSPEC:
            return "{sa_family=AF_UNSPEC, ...}"
        case _:
            return "{" + f"sa_family=0x{family:x}, ..." + "}"


def _unix_path(path: bytes) -> str:
    if len(path) == 0:
        return ""
    if path[0] == 0:
        return ", sun_path=@" + quoted(path[1:], False)
    end = path.find(b"\0")
    return ", sun_path=" + quoted(path if end < 0 else path[:end], False)


# --- options ------------------------------------------------------------------------------------------------------------------


def show_option_name(value: int, level: u64) -> str:
    """The name of an option of its level."""
    match i32(level):
        case 1:
            return ", " + _socket_option(value)
        case 0:
            return ", " + _named(value, IP_OPTIONS)
        case 270:
            return ", " + _named(value, NETLINK_OPTIONS)
        case _:
            return f", {value}"


def _socket_option(value: int) -> str:
    try:
        return SocketOption(value).name
    except ValueError:
        return str(value)


def _named(value: int, names: list[tuple[int, str]]) -> str:
    for number, name in names:
        if number == value:
            return name
    return str(value)


IP_OPTIONS: Final = [
    (1, "IP_TOS"), (2, "IP_TTL"), (3, "IP_HDRINCL"), (4, "IP_OPTIONS"), (6, "IP_RECVOPTS"), (7, "IP_RETOPTS"), (8, "IP_PKTINFO"),
    (10, "IP_MTU_DISCOVER"), (11, "IP_RECVERR"), (12, "IP_RECVTTL"), (13, "IP_RECVTOS"), (14, "IP_MTU"), (15, "IP_FREEBIND"),
    (19, "IP_TRANSPARENT"), (20, "IP_RECVORIGDSTADDR"), (21, "IP_MINTTL"), (22, "IP_NODEFRAG"), (24, "IP_BIND_ADDRESS_NO_PORT"),
    (32, "IP_MULTICAST_IF"), (33, "IP_MULTICAST_TTL"), (34, "IP_MULTICAST_LOOP"), (35, "IP_ADD_MEMBERSHIP"), (36, "IP_DROP_MEMBERSHIP"),
    (49, "IP_MULTICAST_ALL"),
]  # fmt: skip
NETLINK_OPTIONS: Final = [
    (1, "NETLINK_ADD_MEMBERSHIP"), (2, "NETLINK_DROP_MEMBERSHIP"), (3, "NETLINK_PKTINFO"), (4, "NETLINK_BROADCAST_ERROR"),
    (5, "NETLINK_NO_ENOBUFS"), (9, "NETLINK_LIST_MEMBERSHIPS"), (10, "NETLINK_CAP_ACK"), (11, "NETLINK_EXT_ACK"),
    (12, "NETLINK_GET_STRICT_CHK"),
]  # fmt: skip


def show_option(task: Task, address: u64, following: u64, result: int) -> str:
    """[1], or the bytes of an option that is no int."""
    return _option(task, address, int(min(following & u64(0xFFFFFFFF), u64(MAX_SHOWN_CONTROL))))


def show_filled_option(task: Task, address: u64, following: u64, result: int) -> str:
    try:
        return _option(task, address, min(load_u32(task.space, following), MAX_SHOWN_CONTROL))
    except Errno:
        return show_address(address)


def _option(task: Task, address: u64, length: int) -> str:
    if length != 4:
        return memory_text(task, address, length)
    words = fetch(task, address, 4)
    return show_address(address) if words is None else f"[{words.i32_at(0)}]"


# --- messages -----------------------------------------------------------------------------------------------------------------


def show_message(task: Task, address: u64, following: u64, result: int) -> str:
    """{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="a", iov_len=1}], msg_iovlen=1, msg_controllen=0, msg_flags=0}"""
    return _message(task, address, -1)


def show_filled_message(task: Task, address: u64, following: u64, result: int) -> str:
    return _message(task, address, result)


def _message(task: Task, address: u64, available: int) -> str:
    words = fetch(task, address, 56)
    if words is None:
        return show_address(address)
    length = words.i32_at(8)
    name = _sockaddr(task, words.u64_at(0), length) if 0 < length <= MAX_SOCKADDR else show_address(words.u64_at(0))
    vector = vector_text(task, words.u64_at(16), words.u64_at(24), available)
    control = _control(task, words.u64_at(32), words.u64_at(40))
    counts = f"msg_iovlen={words.u64_at(24)}{control}, msg_controllen={words.u64_at(40)}"
    flags = show_message_flags(words.u32_at(48))
    return "{" + f"msg_name={name}, msg_namelen={length}, msg_iov={vector}, {counts}, msg_flags={flags}" + "}"


def _control(task: Task, address: u64, length: u64) -> str:
    """, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3]}]"""
    if length == 0:
        return ""
    size = int(min(length, u64(MAX_SHOWN_CONTROL)))
    words = fetch(task, address, size)
    if words is None:
        return f", msg_control={show_address(address)}"
    shown: list[str] = []
    offset = 0
    while offset + CONTROL_HEADER <= size:
        length_here = words.u32_at(offset)
        if not CONTROL_HEADER <= length_here <= size - offset:
            break
        shown.append(_control_message(words, offset, length_here))
        offset += (length_here + 7) // 8 * 8
    return ", msg_control=[" + ", ".join(shown) + "]"


def _control_message(words: Words, offset: int, length: int) -> str:
    level = words.i32_at(offset + 8)
    kind = words.i32_at(offset + 12)
    data = Words(words.data[offset + CONTROL_HEADER : offset + length])
    if level == 1 and kind == 1:
        slots = ", ".join([str(i32(data.u32_at(4 * index))) for index in range(len(data.data) // 4)])
        what = f"SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[{slots}]"
    elif level == 1 and kind == 2 and len(data.data) >= 12:
        who = "{" + f"pid={data.i32_at(0)}, uid={data.u32_at(4)}, gid={data.u32_at(8)}" + "}"
        what = f"SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={who}"
    else:
        what = f"0x{level:x}, cmsg_type=0x{kind:x}, cmsg_data={quoted(data.data[:32], len(data.data) > 32)}"
    return "{" + f"cmsg_len={length}, cmsg_level={what}" + "}"
