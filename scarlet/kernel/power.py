"""Switching the machine off, and starting it anew (reboot(2))."""

from scarlet.kernel import log
from scarlet.machine import power


def off(status: int) -> None:
    """Power off; `status` is the exit status of the whole run. Does not return."""
    log.info(f"power off, status {status}")
    power.exit(status)


def restart() -> None:
    """Start anew. Does not return."""
    log.info("restart")
    power.reboot()
