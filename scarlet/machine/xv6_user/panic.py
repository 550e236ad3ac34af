"""The end of a program that an exception has left."""

from typing import Final, NoReturn

from scarlet.lang.raw import class_name
from scarlet.machine import debug, power

FAILURE_STATUS: Final = 1


def uncaught(error: BaseException) -> NoReturn:
    """`TypeName: message`, or `TypeName` alone, to standard error; exit status 1."""
    text = str(error)
    line = class_name(error) + (": " + text if text else "") + "\n"
    debug.write_error(line.encode())
    power.exit(FAILURE_STATUS)
