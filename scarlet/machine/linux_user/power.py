"""Ending the program (exit_group(2))."""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import linux_call, unreachable

SYS_EXIT_GROUP: Final = 94


def exit(status: int) -> NoReturn:
    """End the program with an exit status."""
    linux_call(SYS_EXIT_GROUP, u64(status))
    unreachable()
