"""The options of netlink sockets. (netlink(7), SOL_NETLINK)"""

from enum import IntEnum
from typing import Final

from scarlet.lang.errno import EINVAL, ENOPROTOOPT, Errno

SOL_NETLINK: Final = 270


class NetlinkOption(IntEnum):
    """The options of SOL_NETLINK."""

    ADD_MEMBERSHIP = 1
    DROP_MEMBERSHIP = 2
    PKTINFO = 3
    BROADCAST_ERROR = 4
    NO_ENOBUFS = 5
    LIST_MEMBERSHIPS = 9
    CAP_ACK = 10


class Switches:
    """The options that are on or off."""

    def __init__(self) -> None:
        self.packet_info = False
        """Messages say which group they were for."""
        self.broadcast_error = False
        self.no_overflow = False
        """What was lost is not told."""
        self.capped = False
        """Errors do not repeat the content of the request."""

    def set(self, name: int, on: bool) -> None:
        """ENOPROTOOPT for one that is not there."""
        match name:
            case NetlinkOption.PKTINFO:
                self.packet_info = on
            case NetlinkOption.BROADCAST_ERROR:
                self.broadcast_error = on
            case NetlinkOption.NO_ENOBUFS:
                self.no_overflow = on
            case NetlinkOption.CAP_ACK:
                self.capped = on
            case _:
                raise Errno(ENOPROTOOPT, "not an option of netlink")

    def get(self, name: int) -> bool:
        """ENOPROTOOPT for one that is not there."""
        match name:
            case NetlinkOption.PKTINFO:
                return self.packet_info
            case NetlinkOption.BROADCAST_ERROR:
                return self.broadcast_error
            case NetlinkOption.NO_ENOBUFS:
                return self.no_overflow
            case NetlinkOption.CAP_ACK:
                return self.capped
            case _:
                raise Errno(ENOPROTOOPT, "not an option of netlink")


def require_netlink(level: int) -> None:
    """ENOPROTOOPT for options of other protocols."""
    if level != SOL_NETLINK:
        raise Errno(ENOPROTOOPT, "not an option of netlink")


def netlink_number(level: int, value: bytes) -> int:
    """The int that an option is set to. ENOPROTOOPT, EINVAL."""
    require_netlink(level)
    if len(value) < 4:
        raise Errno(EINVAL, "shorter than an int")
    return int.from_bytes(value[:4], "little")
