"""Ending the program."""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import linux_call, unreachable

SYS_EXIT: Final = 2


def exit(status: int) -> NoReturn:
    """End the program with a status."""
    linux_call(SYS_EXIT, u64(status))
    unreachable()
