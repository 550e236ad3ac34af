"""The memory of a network card's frames: page frames cut in halves, of which each holds a header of the device's and an Ethernet frame."""

from typing import Final

from objects.netdevice import SendBudget
from scarlet.kernel.memory import frames

BUFFER_SIZE: Final = 2048
BUFFERS_A_FRAME: Final = 2
"""Buffers in a page frame."""


class NetBuffer:
    """Half a page frame, which a queue or a pool owns. `budget` and `size` are those of the frame in it, while it is being sent."""

    def __init__(self, pa: int) -> None:
        self.pa = pa
        self.size = 0
        self.budget: SendBudget | None = None

    def give_up(self) -> None:
        """Its frame is gone, sent or not."""
        if self.budget is not None:
            self.budget.release(self.size)
            self.budget = None


class BufferMemory:
    """Page frames that are cut up for buffers; freed with the object."""

    def __init__(self) -> None:
        self._frames: list[int] = []

    def __del__(self) -> None:
        for frame in self._frames:
            frames.unref(frame)

    def two(self) -> list[NetBuffer]:
        """Two buffers more, zeroed. MemoryError."""
        frame = frames.allocate_zeroed()
        self._frames.append(frame)
        return [NetBuffer(frame), NetBuffer(frame + BUFFER_SIZE)]
