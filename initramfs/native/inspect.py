"""inspect: what every ABI says about a file, and which one would run it. Status 1 when none does."""

from typing import Final

from abi_modules.native.interface import CURRENT
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.inspection import Inspection
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run

USAGE: Final = """
usage: inspect FILE...
"""


def report(path: bytes) -> bytes:
    """The kernel's report on one file."""
    room = 4096
    while True:
        buffer = bytearray(room)
        try:
            size = calls.system_inspect(CURRENT, path, buffer)
            return bytes(memoryview(buffer)[:size])
        except StatusError as error:
            if error.status != Status.BUFFER_TOO_SMALL:
                raise
            room *= 2


def main(options: Options) -> int:
    if len(options.operands) == 0:
        raise UsageError("which file?")
    recognised = True
    for path in options.operands:
        try:
            inspection = Inspection(report(path))
            program.output.write(inspection.text().encode())
            recognised = recognised and inspection.recognised
        except StatusError as error:
            program.complain(f"{shown(path)}: {error}")
    return 0 if recognised else 1


if __name__ == "__main__":
    run(USAGE, main)
