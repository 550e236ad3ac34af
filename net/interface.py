"""Network interfaces: what a packet enters and leaves the machine by. The kinds are `loopback` and `ethernet`.

An interface that is up and has addresses sends to what its routes (routes.py) lead to. Addresses and flags change through
`configuration`, which keeps the routes in step.
"""

from enum import IntEnum, IntFlag
from typing import Final

from net.addresses import mask_of
from net.worker import Work
from objects.netdevice import Counters, SendBudget

MIN_MTU: Final = 68
"""What every link must carry. (RFC 791)"""
MAX_MTU: Final = 65535


class InterfaceFlags(IntFlag):
    """netdevice(7)"""

    NONE = 0
    UP = 0x1
    BROADCAST = 0x2
    LOOPBACK = 0x8
    RUNNING = 0x40
    MULTICAST = 0x1000
    LOWER_UP = 0x10000


class HardwareType(IntEnum):
    """ARPHRD_*: what `hardware` is an address of."""

    ETHERNET = 1
    LOOPBACK = 772


class InterfaceAddress:
    """One address of an interface; `valid_until_ns` is NEVER when it was not leased."""

    def __init__(self, address: int, prefix: int, broadcast: int, valid_until_ns: int) -> None:
        self.address = address
        self.prefix = prefix
        self.broadcast = broadcast
        """0 when there is none."""
        self.valid_until_ns = valid_until_ns

    @property
    def mask(self) -> int:
        return mask_of(self.prefix)

    @property
    def network(self) -> int:
        """The first address of the network."""
        return self.address & self.mask

    def contains(self, address: int) -> bool:
        """Is that on the same network?"""
        return address & self.mask == self.network


class Interface(Work):
    """What all kinds have in common. Its work is to take in what came."""

    def __init__(
        self, name: bytes, hardware: bytes, mtu: int, counters: Counters, kind_flags: InterfaceFlags, hardware_type: HardwareType
    ) -> None:
        super().__init__()
        self.name = name
        self.kind_flags = kind_flags
        """The flags that never change."""
        self.hardware_type = hardware_type
        self.index = 0
        """From 1; given by interfaces.add()."""
        self.hardware = hardware
        self.mtu = mtu
        self.largest_mtu = mtu
        self.counters = counters
        self.up = False
        self.addresses: list[InterfaceAddress] = []
        self.expects_any = False
        """While it has no address: take in what is sent to any, since an address may be on offer. (RFC 2131 4.1)"""

    @property
    def carrier(self) -> bool:
        """Does the link work?"""
        return True

    @property
    def flags(self) -> InterfaceFlags:
        """As SIOCGIFFLAGS and netlink show them."""
        flags = self.kind_flags
        if self.up:
            flags |= InterfaceFlags.UP
            if self.carrier:
                flags |= InterfaceFlags.RUNNING | InterfaceFlags.LOWER_UP
        return flags

    def find_address(self, address: int) -> InterfaceAddress | None:
        """The interface's own address of that value."""
        for entry in self.addresses:
            if entry.address == address:
                return entry
        return None

    def is_broadcast(self, address: int) -> bool:
        """Does that mean everybody on one of the interface's networks?"""
        for entry in self.addresses:
            if entry.prefix < 31 and (address == entry.broadcast != 0 or address == entry.network):
                return True
        return False

    def transmit(self, packet: bytes, next_hop: int, budget: SendBudget | None) -> None:
        """Send an IP packet to a neighbour, a broadcast or a multicast address on this link. What cannot be sent is dropped and counted."""
        raise NotImplementedError("Interface.transmit")

    def opened(self) -> None:
        """It is up now."""

    def closed(self) -> None:
        """It is down now."""
