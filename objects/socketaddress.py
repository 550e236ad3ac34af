"""Where sockets are: addresses of each family, in no ABI's layout. (socket(2), unix(7), ip(7), netlink(7))

An Address is never changed once it is made, so sockets and messages share it. The base class itself stands for a family that has no
addresses here: `Address(Family.UNSPEC)` given to connect() ends a connection.
"""

from enum import IntEnum


class Family(IntEnum):
    """Address families, with Linux's numbers."""

    UNSPEC = 0
    UNIX = 1
    INET = 2
    INET6 = 10
    NETLINK = 16


class Address:
    """An address of some family."""

    def __init__(self, family: int) -> None:
        self.family = family


class UnixAddress(Address):
    """A path; or, beginning with a NUL byte, a name of the abstract name space; or, empty, no name. (unix(7))"""

    def __init__(self, name: bytes) -> None:
        super().__init__(Family.UNIX)
        self.name = name

    def is_path(self) -> bool:
        """Is it a name in the file system?"""
        return len(self.name) > 0 and self.name[0] != 0


class InetAddress(Address):
    """An IPv4 host, as a number (127.0.0.1 is 0x7f000001), and a port. (ip(7))"""

    def __init__(self, host: int, port: int) -> None:
        super().__init__(Family.INET)
        self.host = host
        self.port = port


class NetlinkAddress(Address):
    """A port, 0 for the kernel, and a set of multicast groups. (netlink(7))"""

    def __init__(self, port: int, groups: int = 0) -> None:
        super().__init__(Family.NETLINK)
        self.port = port
        self.groups = groups
