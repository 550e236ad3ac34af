"""The end of a program that an exception has left."""

from typing import Final, NoReturn

from scarlet.lang.raw import class_name, raise_file, raise_line
from scarlet.machine import debug, power

FAILURE_STATUS: Final = 1


def uncaught(error: BaseException) -> NoReturn:
    """`file:line: TypeName: message` to standard error; exit status 1."""
    text = str(error)
    place = f"{raise_file(error)}:{raise_line(error)}: " if len(raise_file(error)) > 0 else ""
    line = place + class_name(error) + (": " + text if len(text) > 0 else "") + "\n"
    debug.write_error(line.encode())
    power.exit(FAILURE_STATUS)
