"""A buffer in page frames of its own: for bytes on their way between two places, given back when it goes."""

from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import PhysicalBytes
from scarlet.machine.sv39 import PAGE_SIZE


class FrameBytes(PhysicalBytes):
    """Owns the block of frames at `pa`; 0 as long as it has none."""

    def __del__(self) -> None:
        frames.unref(self.pa)

    def part(self, start: int, length: int) -> PhysicalBytes:
        """`length` bytes from `start` on; good as long as the whole is."""
        self._check(start, length)
        return PhysicalBytes(self.pa + start, length)


def frame_bytes(length: int) -> FrameBytes:
    """A buffer of that length; its contents are anything. MemoryError."""
    order = 0
    while PAGE_SIZE << order < length:
        order += 1
    buffer = FrameBytes(0, length)
    buffer.pa = frames.allocate(order)
    return buffer
