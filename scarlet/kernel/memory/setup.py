"""Memory at boot: from the firmware's description to a working frame allocator that the object heap draws on."""

from typing import Final

from scarlet.kernel.memory import frames, pagetable
from scarlet.machine import pages
from scarlet.machine.bootinfo import BootInfo


class HeapFrames(pages.FrameSource):
    """The object heap's blocks come from the frame allocator, the kernel's reserve included."""

    def allocate(self, order: int) -> int:
        return frames.allocate_critical(order)

    def free(self, pa: int, order: int) -> None:
        frames.unref(pa)


_heap_frames: Final = HeapFrames()


def init(info: BootInfo) -> None:
    """Manage the machine's memory."""
    frames.init(info.memory, info.reserved)
    pagetable.init()
    pages.use_frames(_heap_frames)
