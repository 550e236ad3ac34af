"""Switching off: through the finisher, which passes an exit status to whoever runs QEMU, or else through the firmware."""

from typing import NoReturn

from scarlet.lang.raw import wfi
from scarlet.machine import finisher, sbi

_finisher_base = 0


def configure(finisher_base: int) -> None:
    """Where the finisher is, 0 for none (platform.py)."""
    global _finisher_base
    _finisher_base = finisher_base


def exit(status: int) -> NoReturn:
    """Power off with an exit status."""
    if _finisher_base != 0:
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
