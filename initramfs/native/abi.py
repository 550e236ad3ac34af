"""abi: the systems whose programs run here."""

from typing import Final

from scarlet.user.options import Options
from scarlet.user.program import program, run
from scarlet.user.system import abis

USAGE: Final = """
usage: abi

Lists them in the order in which they are asked whether a program is theirs.
"""


def main(options: Options) -> int:
    for name in abis():
        program.output.write_line(name)
    return 0


if __name__ == "__main__":
    run(USAGE, main)
