"""Memory at boot: from the firmware's description to a working frame allocator."""

from scarlet.kernel.memory import frames, pagetable
from scarlet.machine import pages
from scarlet.machine.bootinfo import BootInfo


def init(info: BootInfo) -> None:
    """Manage the machine's memory, and let the object heap take its pages from there."""
    frames.init(info.memory, info.reserved)
    pagetable.init()
    pages.use_frames(frames.allocate_run, frames.free_run)
