"""`lo`: the interface that leads back to this machine. (RFC 1122 3.2.1.3)"""

from typing import Final

from net.addresses import NO_HARDWARE
from net.interface import HardwareType, Interface, InterfaceFlags
from net.loopqueue import loop_back
from objects.netdevice import Counters, SendBudget

MTU: Final = 65536


class LoopbackInterface(Interface):
    """All that is sent comes back."""

    def __init__(self) -> None:
        super().__init__(b"lo", NO_HARDWARE, MTU, Counters(), InterfaceFlags.LOOPBACK, HardwareType.LOOPBACK)

    def transmit(self, packet: bytes, next_hop: int, budget: SendBudget | None) -> None:
        loop_back(self, packet, budget)

    def work(self) -> bool:
        return False
