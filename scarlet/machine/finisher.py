"""The sifive_test device: one register that ends the machine with a status (device tree "sifive,test0"; QEMU hw/misc/sifive_test)."""

from typing import Final

from scarlet.machine import mmio

FAIL: Final = 0x3333
PASS: Final = 0x5555
RESET: Final = 0x7777


def power_off(base: int, status: int) -> None:
    """End the machine; QEMU exits with the status, of which 16 bits count."""
    mmio.write32(base, PASS if status == 0 else (status & 0xFFFF) << 16 | FAIL)


def reset(base: int) -> None:
    """Start the machine again."""
    mmio.write32(base, RESET)
