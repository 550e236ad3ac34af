"""Switching the machine off, and starting it anew (reboot(2))."""

from collections.abc import Callable
from typing import Final

from scarlet.kernel import log
from scarlet.machine import power

before_off: Final[list[Callable[[], None]]] = []
"""What must be done while there is still power: output that waits is sent."""


def off(status: int) -> None:
    """Power off; `status` is the exit status of the whole run. Does not return."""
    log.info(f"power off, status {status}")
    _prepare()
    power.exit(status)


def restart() -> None:
    """Start anew. Does not return."""
    log.info("restart")
    _prepare()
    power.reboot()


def _prepare() -> None:
    for step in before_off:
        step()
