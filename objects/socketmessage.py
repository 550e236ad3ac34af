"""What goes through a socket beside the bytes: flags of the call, and ancillary data. (recv(2), unix(7), ip(7))

Handles in ancillary data belong to nobody: they have left no table and are in none yet. If they are never received, they close with the
message.
"""

from enum import IntEnum, IntFlag
from typing import Final

from objects.handle import Handle
from objects.socketaddress import Address

OVERFLOW_ID: Final = 65534
"""The user and group of who is not known. (proc_sys_kernel(5), overflowuid)"""


class MessageFlags(IntFlag):
    """How to send or receive, and what happened; with Linux's values. (send(2), recv(2))"""

    NONE = 0
    OOB = 0x1
    PEEK = 0x2
    DONTROUTE = 0x4
    CTRUNC = 0x8
    """Received: ancillary data did not fit and is gone."""
    TRUNC = 0x20
    """Received: the message was longer than the buffer. Given to receive(): its whole length is wanted."""
    DONTWAIT = 0x40
    EOR = 0x80
    WAITALL = 0x100
    CONFIRM = 0x800
    ERRQUEUE = 0x2000
    NOSIGNAL = 0x4000
    MORE = 0x8000


class Identity:
    """Who sent a message, or who is at the other end. Never changed. (unix(7), struct ucred)"""

    def __init__(self, pid: int, uid: int, gid: int) -> None:
        self.pid = pid
        self.uid = uid
        self.gid = gid

    def same(self, other: "Identity") -> bool:
        """Are they equal?"""
        return self.pid == other.pid and self.uid == other.uid and self.gid == other.gid


class PacketInfo:
    """By which interface, and to which address, a datagram came or shall go. (ip(7), IP_PKTINFO)"""

    def __init__(self, interface: int, local: int, destination: int) -> None:
        self.interface = interface
        """Its index; 0: as routed."""
        self.local = local
        self.destination = destination


class ErrorOrigin(IntEnum):
    """Who found it. (SO_EE_ORIGIN_*)"""

    LOCAL = 1
    ICMP = 2


class ExtendedError:
    """Why something that was sent did not arrive: struct sock_extended_err. `info` is the MTU of EMSGSIZE, `offender` who said it.
    (ip(7))
    """

    def __init__(self, code: int, origin: ErrorOrigin, type: int, code_number: int, info: int, offender: int) -> None:
        self.code = code
        self.origin = origin
        self.type = type
        self.code_number = code_number
        self.info = info
        self.offender = offender


class Ancillary:
    """The control messages of one call; what is not there is None, empty or -1."""

    def __init__(self) -> None:
        self.rights: list[Handle] = []
        self.identity: Identity | None = None
        self.timestamp_ns = -1
        """When it came, on the realtime clock. (SO_TIMESTAMP)"""
        self.packet_info: PacketInfo | None = None
        self.ttl = -1
        self.tos = -1
        self.extended_error: ExtendedError | None = None
        self.group = -1
        """The multicast groups a netlink message was for. (NETLINK_PKTINFO)"""


class Received:
    """What receive() found: the bytes are in the buffer."""

    def __init__(self, count: int) -> None:
        self.count = count
        """The result of the call: bytes in the buffer, or under TRUNC the length of the whole message."""
        self.flags = MessageFlags.NONE
        """TRUNC, CTRUNC, EOR, OOB."""
        self.address: Address | None = None
        """Who sent it, where messages tell."""
        self.ancillary: Ancillary | None = None
