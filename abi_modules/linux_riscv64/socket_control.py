"""Control messages in user memory: struct cmsghdr and what is in it, onto objects/socketmessage.Ancillary.

Sources: cmsg(3), unix(7), socket(7), ip(7).
"""

from typing import Final

from objects.handle import Handle, Role
from objects.socketaddress import Family
from objects.socketmessage import Ancillary, ExtendedError, Identity, MessageFlags, PacketInfo
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import Errno, i32, struct, u64
from scarlet.lang.errno import EINVAL, ENOBUFS

SOL_IP: Final = 0
SOL_SOCKET: Final = 1
SOL_NETLINK: Final = 270
SCM_RIGHTS: Final = 1
SCM_CREDENTIALS: Final = 2
SCM_TIMESTAMP: Final = 29
SCM_TIMESTAMPNS: Final = 35
IP_TOS: Final = 1
IP_TTL: Final = 2
IP_PKTINFO: Final = 8
IP_RECVERR: Final = 11
NETLINK_PKTINFO: Final = 3
HEADER: Final = 16
"""sizeof(struct cmsghdr)"""
ALIGNMENT: Final = 8
MAX_RIGHTS: Final = 253
"""SCM_MAX_FD"""
MAX_CONTROL: Final = 131072
"""net.core.optmem_max"""
NS_PER_SECOND: Final = 1_000_000_000


@struct
class Ucred:
    """struct ucred"""

    pid: i32
    uid: i32
    gid: i32


def identity_bytes(identity: Identity) -> bytes:
    """As struct ucred."""
    return Ucred(pid=i32(identity.pid), uid=i32(identity.uid), gid=i32(identity.gid)).pack()


# --- in -----------------------------------------------------------------------------------------------------------------------


def load_control(task: Task, family: int, address: u64, length: int) -> Ancillary | None:
    """What a program sends along. EINVAL when malformed or unknown, EBADF for a descriptor, ENOBUFS when there is too much; EFAULT."""
    if length > MAX_CONTROL:
        raise Errno(ENOBUFS, "too much ancillary data")
    if length < HEADER:
        return None
    data = load_bytes(task.space, address, length)
    ancillary = Ancillary()
    offset = 0
    while offset + HEADER <= length:
        size = _word(data, offset)
        if size < HEADER or size > length - offset or _word(data, offset + 4) != 0:
            raise Errno(EINVAL, "the length of a control message is wrong")
        _parse(task, family, _word(data, offset + 8), _word(data, offset + 12), data[offset + HEADER : offset + size], ancillary)
        offset += (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
    return ancillary


def _parse(task: Task, family: int, level: int, type: int, data: bytes, ancillary: Ancillary) -> None:
    """One message. A level that does not concern the socket's family is passed over, as on Linux."""
    if level == SOL_SOCKET:
        match type:
            case 1 if family == Family.UNIX:
                _parse_rights(task, data, ancillary)
            case 2 if family == Family.UNIX or family == Family.NETLINK:
                ancillary.identity = _parse_identity(data)
            case 1 | 2 if family == Family.INET:
                return
            case _:
                raise Errno(EINVAL, "a control message that cannot be sent")
    elif level == SOL_IP and family == Family.INET:
        _parse_ip(type, data, ancillary)


def _parse_rights(task: Task, data: bytes, ancillary: Ancillary) -> None:
    count = len(data) // 4
    if len(ancillary.rights) + count > MAX_RIGHTS:
        raise Errno(EINVAL, "more descriptors than a message holds")
    for index in range(count):
        slot = int(i32(_word(data, 4 * index)))
        handle = task.handles.handle(slot)
        ancillary.rights.append(task.handles.lend(slot, handle.rights, Role.NONE))


def _parse_identity(data: bytes) -> Identity:
    if len(data) != Ucred.SIZE:
        raise Errno(EINVAL, "not a struct ucred")
    return Identity(int(i32(_word(data, 0))), _word(data, 4), _word(data, 8))


def _parse_ip(type: int, data: bytes, ancillary: Ancillary) -> None:
    match type:
        case 8 if len(data) == 12:
            local = int.from_bytes(data[4:8], "big")
            ancillary.packet_info = PacketInfo(_word(data, 0), local, int.from_bytes(data[8:12], "big"))
        case 2 if len(data) == 4 and 1 <= _word(data, 0) <= 255:
            ancillary.ttl = _word(data, 0)
        case 1 if len(data) in (1, 4) and int.from_bytes(data, "little") <= 255:
            ancillary.tos = int.from_bytes(data, "little")
        case _:
            raise Errno(EINVAL, "a control message that cannot be sent")


def _word(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")


# --- out ----------------------------------------------------------------------------------------------------------------------


class ControlOutput:
    """The room for control messages in user memory, filled from the beginning; `used` bytes are."""

    def __init__(self, task: Task, address: u64, room: u64) -> None:
        self.task = task
        self.address = address
        self.room = int(min(room, u64(MAX_CONTROL))) if address != 0 else 0
        self.used = 0
        self.flags = MessageFlags.NONE

    def put(self, level: int, type: int, data: bytes) -> None:
        """One message, cut when there is no room for all of it. EFAULT."""
        rest = self.room - self.used
        if rest < HEADER:
            self.flags |= MessageFlags.CTRUNC
            return
        size = HEADER + len(data)
        if size > rest:
            self.flags |= MessageFlags.CTRUNC
            size = rest
        header = size.to_bytes(8, "little") + level.to_bytes(4, "little") + type.to_bytes(4, "little")
        store_bytes(self.task.space, u64(self.address + u64(self.used)), header + data[: size - HEADER])
        self.used += min((size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT, rest)

    def put_rights(self, handles: list[Handle], *, close_on_exec: bool) -> None:
        """New descriptors, as many as there is room and slots for; the other handles close. EFAULT."""
        room = (self.room - self.used - HEADER) // 4
        table = self.task.handles
        given: list[int] = []
        for handle in handles[: max(room, 0)]:
            try:
                given.append(table.allocate(handle.object, handle.rights, close_on_exec=close_on_exec))
            except (Errno, MemoryError):
                break
        if len(given) < len(handles):
            self.flags |= MessageFlags.CTRUNC
        if len(given) > 0:
            try:
                self.put(SOL_SOCKET, SCM_RIGHTS, b"".join([slot.to_bytes(4, "little") for slot in given]))
            except (Errno, MemoryError):
                for slot in given:
                    table.close(slot)
                raise


def store_control(output: ControlOutput, ancillary: Ancillary, *, timestamp_ns: bool, close_on_exec: bool) -> None:
    """Everything that came with a message, in the order of Linux. EFAULT."""
    if ancillary.timestamp_ns >= 0:
        seconds = (ancillary.timestamp_ns // NS_PER_SECOND).to_bytes(8, "little")
        rest = ancillary.timestamp_ns % NS_PER_SECOND
        if timestamp_ns:
            output.put(SOL_SOCKET, SCM_TIMESTAMPNS, seconds + rest.to_bytes(8, "little"))
        else:
            output.put(SOL_SOCKET, SCM_TIMESTAMP, seconds + (rest // 1000).to_bytes(8, "little"))
    info = ancillary.packet_info
    if info is not None:
        hosts = info.local.to_bytes(4, "big") + info.destination.to_bytes(4, "big")
        output.put(SOL_IP, IP_PKTINFO, info.interface.to_bytes(4, "little") + hosts)
    if ancillary.ttl >= 0:
        output.put(SOL_IP, IP_TTL, ancillary.ttl.to_bytes(4, "little"))
    if ancillary.tos >= 0:
        output.put(SOL_IP, IP_TOS, bytes([ancillary.tos]))
    if ancillary.extended_error is not None:
        output.put(SOL_IP, IP_RECVERR, _error_bytes(ancillary.extended_error))
    if ancillary.group >= 0:
        output.put(SOL_NETLINK, NETLINK_PKTINFO, ancillary.group.to_bytes(4, "little"))
    if ancillary.identity is not None:
        output.put(SOL_SOCKET, SCM_CREDENTIALS, identity_bytes(ancillary.identity))
    if len(ancillary.rights) > 0:
        output.put_rights(ancillary.rights, close_on_exec=close_on_exec)


def _error_bytes(error: ExtendedError) -> bytes:
    """struct sock_extended_err and behind it the address of who said it: AF_UNSPEC when nobody did."""
    fields = error.code.to_bytes(4, "little") + bytes([error.origin, error.type, error.code_number, 0]) + error.info.to_bytes(4, "little")
    family = Family.INET if error.offender != 0 else Family.UNSPEC
    return fields + bytes(4) + family.to_bytes(2, "little") + bytes(2) + error.offender.to_bytes(4, "big") + bytes(8)
