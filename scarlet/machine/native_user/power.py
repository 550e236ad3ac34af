"""Ending the program."""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import native_call, unreachable

TASK_EXIT: Final = 802


def exit(status: int) -> NoReturn:
    """End the program with an exit status."""
    native_call(TASK_EXIT, u64(status & 0xFF))
    unreachable()
