"""The end of a program that an exception has left: what it means is the machine's affair (a message and a status, or a kernel panic)."""

from typing import NoReturn

from scarlet.machine import panic


def uncaught(error: BaseException) -> NoReturn:
    """Called by the compiler's code for an exception that nothing catches."""
    panic.uncaught(error)
