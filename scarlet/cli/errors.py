"""What the command says when it cannot do what was asked: one line, and what to do about it.

Exit statuses follow the shell's and timeout(1)'s habit, so that a program's own status is rarely mistaken for ours.
"""

from enum import IntEnum


class Status(IntEnum):
    """Exit statuses of the command itself."""

    LEFT = 0  # Ctrl-A X: the user switched the machine off, which is no failure
    USAGE = 2
    TIMEOUT = 124  # as timeout(1)
    FAILED = 125  # the machine could not be built or started, or the kernel panicked
    NOT_RUNNABLE = 126  # the program is there, but is not one for this machine
    NOT_FOUND = 127  # no such program in the image
    HUNG_UP = 129  # 128 + SIGHUP: the terminal is gone
    INTERRUPTED = 130  # 128 + SIGINT
    BROKEN_PIPE = 141  # 128 + SIGPIPE: whoever read our output went away


class UserError(Exception):
    """Printed as `scarlet: MESSAGE`, without a traceback; the message ends with what to do where that is not plain."""

    def __init__(self, message: str, status: int = Status.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
