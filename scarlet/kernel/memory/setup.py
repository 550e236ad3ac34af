"""Memory at boot: from the firmware's description to a working frame allocator that the object heap draws on."""

from typing import Final

from scarlet.kernel.memory import frames, pagetable
from scarlet.kernel.thread import Thread
from scarlet.machine import cpu, pages, panic
from scarlet.machine.bootinfo import BootInfo


class HeapFrames(pages.FrameSource):
    """The object heap's blocks come from the frame allocator, the kernel's reserve included. A system call that finds no memory is refused
    with ENOMEM while there is still some for what cannot be refused (Thread.must_succeed)."""

    def allocate(self, order: int) -> int:
        if frames.free_frames() - (1 << order) < frames.last_frames() and not _must_succeed():
            raise MemoryError("only the last of the reserve is left")
        return frames.allocate_critical(order)

    def free(self, pa: int, order: int) -> None:
        frames.unref(pa)


def _must_succeed() -> bool:
    """Does the running thread do what cannot be refused? So does the boot, which is no thread, and a panic."""
    context = cpu.this_hart().current
    return not isinstance(context, Thread) or context.must_succeed or panic.has_begun()


_heap_frames: Final = HeapFrames()


def init(info: BootInfo) -> None:
    """Manage the machine's memory."""
    frames.init(info.memory, info.reserved)
    pagetable.init()
    pages.use_frames(_heap_frames)
