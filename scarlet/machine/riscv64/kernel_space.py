"""The kernel half of the address space, the same in every root table. One root entry maps 1 GiB.

0xffffffc000000000  direct map: physical memory and devices, the first 64 GiB           root entries 256 to 319
0xffffffe000000000  kernel stacks, each with unmapped pages below                       root entry  384
0xffffffff80200000  the kernel's image (kernel.ld)                                      root entry  510
"""

from typing import Final

from scarlet.lang import u64
from scarlet.lang.raw import inline, symbol

DIRECT_BASE: Final = 0xFFFFFFC000000000
DIRECT_GIGABYTES: Final = 64
DIRECT_INDEX: Final = 256
DIRECT_LIMIT: Final = DIRECT_GIGABYTES << 30
"""Physical addresses from here on are out of the kernel's reach."""

STACKS_BASE: Final = 0xFFFFFFE000000000
STACKS_INDEX: Final = 384

IMAGE_OFFSET: Final = 0xFFFFFFFF00000000
"""Virtual minus physical address of the image."""
IMAGE_INDEX: Final = 510


@inline
def direct(pa: int) -> u64:
    """The kernel's address of physical memory or a device register."""
    return u64(pa + DIRECT_BASE)


@inline
def physical(va: u64) -> int:
    """The physical address behind an address in the direct map."""
    return int(u64(va - DIRECT_BASE))


def image_physical(va: u64) -> u64:
    """The physical address behind an address in the image."""
    return u64(va - IMAGE_OFFSET)


def image_start() -> u64:
    """The physical address of the image's first byte."""
    return image_physical(symbol("kernel_start"))


def image_end() -> u64:
    """The physical address behind the image, stacks included; on a page boundary."""
    return image_physical(symbol("kernel_end"))
