"""The end of a kernel that found itself broken, the hosted twin: an exception with a Python traceback says it all."""

import traceback
from typing import NoReturn


class KernelPanic(BaseException):
    """The kernel gave up; not an Exception, so that no handler takes it for an error of a system call."""


def backtrace() -> list[str]:
    """The calls that led here, innermost first: `function (file:line)`."""
    return [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(traceback.extract_stack()[:-1])]


def origin(error: BaseException) -> str:
    """What an exception says and where it was raised: `OverflowError: ... (file:line)`."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__}: {error} ({place})"


def has_begun() -> bool:
    """Is this the end? There the exception says all; its report takes no memory of the kernel's."""
    return False


def panic(reason: str) -> NoReturn:
    """Say why and where, and stop the machine."""
    raise KernelPanic(reason)
