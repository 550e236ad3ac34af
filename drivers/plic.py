"""The platform-level interrupt controller.

Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.0, chapter "Memory Map". A context is a pair of
hart and privilege mode; this driver serves one, the boot hart's supervisor mode. Every enabled source has priority 1
and the threshold is 0, so that the lowest number wins.
"""

from typing import Final

from scarlet.kernel.irq import InterruptController
from scarlet.machine import mmio

PRIORITY: Final = 0x000000
"""A register of 4 bytes for each source."""
ENABLE: Final = 0x002000
ENABLE_STRIDE: Final = 0x80
"""A bit for each source, 0x80 bytes for each context."""
THRESHOLD: Final = 0x200000
CLAIM: Final = 0x200004
CONTEXT_STRIDE: Final = 0x1000
SOURCES: Final = 1024


class Plic(InterruptController):
    """The controller at a physical address, seen from one context. Nothing is enabled at first."""

    def __init__(self, base: int, context: int) -> None:
        self._base = base
        self._enable = base + ENABLE + ENABLE_STRIDE * context
        self._claim = base + CLAIM + CONTEXT_STRIDE * context
        for word in range(SOURCES // 32):
            mmio.write32(self._enable + 4 * word, 0)
        mmio.write32(base + THRESHOLD + CONTEXT_STRIDE * context, 0)

    def claim(self) -> int:
        return mmio.read32(self._claim)

    def complete(self, irq: int) -> None:
        mmio.write32(self._claim, irq)

    def enable(self, irq: int) -> None:
        if not 0 < irq < SOURCES:
            raise ValueError("the interrupt controller has no such source")
        word = self._enable + irq // 32 * 4
        mmio.write32(word, mmio.read32(word) | 1 << irq % 32)
        # The priority comes last: a line that asks already is looked at when it changes (QEMU 7.2 does not look when one is enabled).
        mmio.write32(self._base + PRIORITY + 4 * irq, 1)

    def disable(self, irq: int) -> None:
        word = self._enable + irq // 32 * 4
        mmio.write32(word, mmio.read32(word) & ~(1 << irq % 32))
