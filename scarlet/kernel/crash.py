"""The deliberate end of the kernel, for layers that may not reach the machine themselves."""

from typing import NoReturn

from scarlet.machine import panic


def crash(reason: str) -> NoReturn:
    """Say why and where, and switch off with a status that is no success."""
    panic.panic(reason)
