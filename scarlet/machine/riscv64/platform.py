"""What the machine has: the device tree that the firmware passed, and what of memory the kernel itself occupies."""

from typing import Final

from scarlet.machine import debug, devicetree, discovery, entry, pages, physmem, power, timer
from scarlet.machine.bootinfo import BootInfo, MemoryRange
from scarlet.machine.kernel_space import DIRECT_LIMIT, image_start

_known: Final[list[BootInfo]] = []
"""None or one: the tree is read once."""


def boot_info() -> BootInfo:
    """The machine's description."""
    if len(_known) == 0:
        _known.append(_discover())
    return _known[0]


def _discover() -> BootInfo:
    tree_pa = entry.device_tree()
    size = devicetree.used_size(physmem.read(tree_pa, devicetree.Header.SIZE))
    info = discovery.describe(devicetree.DeviceTree(physmem.read(tree_pa, size)), entry.boot_hart())
    info.reserved.append(MemoryRange(tree_pa, size))
    info.reserved.append(MemoryRange(int(image_start()), pages.early_end() - int(image_start())))
    info.memory = [_reachable(item) for item in info.memory if item.base < DIRECT_LIMIT]
    debug.configure(info.command_line, info.uart_base)
    power.configure(info.command_line, info.finisher_base, info.uart_base)
    timer.configure(info.timebase_frequency, b"_sstc" in info.extensions)
    return info


def _reachable(item: MemoryRange) -> MemoryRange:
    """The part of a range that the direct map covers."""
    return MemoryRange(item.base, min(item.end, DIRECT_LIMIT) - item.base)
