"""Switching off: through the finisher, which passes an exit status to whoever runs QEMU, or else through the firmware.

Older QEMUs (7.2) end the moment the finisher switches off, and nobody can have a last look at the machine. With `poweroff=reset` on the
command line it asks for a reset instead, at which QEMU can be told to stand still (-no-reboot -action shutdown=pause); the status then
waits in the scratch register of the serial port, which is there for whatever software wants to keep in it.
"""

from typing import Final, NoReturn

from scarlet.lang.raw import wfi
from scarlet.machine import finisher, mmio, sbi

SCRATCH: Final = 7
"""The serial port's scratch register. (PC16550D data sheet, 8.10)"""

_finisher_base = 0
_scratch = 0
"""Where the status goes when a reset is asked for instead; 0: it is not."""


def configure(command_line: bytes, finisher_base: int, uart_base: int) -> None:
    """Where the finisher and the serial port are, 0 for none, and whether a reset is to be asked for (platform.py)."""
    global _finisher_base, _scratch
    _finisher_base = finisher_base
    if uart_base != 0 and b"poweroff=reset" in command_line.split():
        _scratch = uart_base + SCRATCH


def exit(status: int) -> NoReturn:
    """Power off with an exit status."""
    if _finisher_base != 0:
        if _scratch != 0:
            mmio.write8(_scratch, status & 0xFF)
            reboot()
        finisher.power_off(_finisher_base, status)
    sbi.reset(sbi.SHUTDOWN, sbi.NO_REASON if status == 0 else sbi.SYSTEM_FAILURE)
    while True:
        wfi()


def reboot() -> NoReturn:
    """Restart the machine."""
    if _finisher_base != 0:
        finisher.reset(_finisher_base)
    sbi.reset(sbi.COLD_REBOOT, sbi.NO_REASON)
    while True:
        wfi()
