"""The sifive_test finisher: one register that ends the machine (QEMU hw/misc/sifive_test; device tree "sifive,test0")."""

from collections.abc import Callable

FAIL = 0x3333
PASS = 0x5555
RESET = 0x7777


class Finisher:
    """A 32-bit write of FAIL with a status in the upper half, PASS or RESET."""

    def __init__(self, power_off: Callable[[int, bool], None]) -> None:
        self._power_off = power_off

    def read(self, offset: int, size: int) -> int:
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        if offset != 0:
            return
        match value & 0xFFFF:
            case 0x3333:
                self._power_off(value >> 16, False)
            case 0x5555:
                self._power_off(0, False)
            case 0x7777:
                self._power_off(0, True)
