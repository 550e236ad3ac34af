"""Switching off, the hosted twin: through the finisher, which ends Machine.run."""

from typing import NoReturn

from scarlet.machine import finisher
from scarlet.machine.hosted import layout


def exit(status: int) -> NoReturn:
    """Power off with an exit status, which is that of the process that runs the machine."""
    finisher.power_off(layout.FINISHER_BASE, status)
    raise AssertionError("the machine is off")


def reboot() -> NoReturn:
    """Restart the machine."""
    finisher.reset(layout.FINISHER_BASE)
    raise AssertionError("the machine is off")
