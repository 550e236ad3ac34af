"""Packets that go from this machine to this machine: they wait here until the network thread takes them in, so that a sender never runs
its own receiver. `take_in` is ipv4/arrival.py's, set when the stack starts."""

from collections import deque
from collections.abc import Callable
from typing import Final

from net.interface import Interface
from net.worker import Work
from objects.netdevice import ChargedPacket, SendBudget

MAX_WAITING: Final = 1000
SHARE: Final = 64


class LoopedPacket(ChargedPacket):
    """One packet on its way back, until it is taken in."""

    def __init__(self, interface: Interface, packet: bytes, budget: SendBudget | None) -> None:
        super().__init__(packet, budget)
        self.interface = interface


class LoopQueue(Work):
    """The packets, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: deque[LoopedPacket] = deque()
        self.take_in: Callable[[Interface, bytes], None] = _nobody

    def work(self) -> bool:
        for _turn in range(SHARE):
            if len(self.packets) == 0:
                return False
            item = self.packets.popleft()
            self.take_in(item.interface, item.packet)
        return len(self.packets) > 0


def _nobody(interface: Interface, packet: bytes) -> None:
    """The stack has not started."""


queue: Final = LoopQueue()


def loop_back(interface: Interface, packet: bytes, budget: SendBudget | None) -> None:
    """Take in that packet soon, as if it came by the interface. Dropped when too many wait."""
    if len(queue.packets) >= MAX_WAITING:
        interface.counters.tx_dropped += 1
        return
    queue.packets.append(LoopedPacket(interface, packet, budget))
    queue.post()
