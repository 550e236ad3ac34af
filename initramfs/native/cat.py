"""cat: one file after the other to standard output."""

from typing import Final

from scarlet.user.errors import StatusError
from scarlet.user.files import reader
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run
from scarlet.user.streams import Reader, copy

USAGE: Final = """
usage: cat [-n] [FILE...]

  -n, --number   number the lines

Without a FILE, or for the FILE -, standard input is read.
"""


class Numbering:
    """Puts a number before each line; goes on counting from file to file."""

    def __init__(self) -> None:
        self._line = 0

    def copy(self, source: Reader) -> None:
        line = source.read_line()
        while len(line) > 0:
            self._line += 1
            program.output.write(f"{self._line:6d}  ".encode() + line)
            line = source.read_line()


def main(options: Options) -> int:
    numbering = Numbering()
    for path in options.operands if len(options.operands) > 0 else [b"-"]:
        try:
            source = program.input if path == b"-" else reader(path)
            if options.has("n"):
                numbering.copy(source)
            else:
                copy(source, program.output)
        except StatusError as error:
            if error.call == "stream_write":
                raise
            program.complain(f"{shown(path)}: {error}")
    return 0


if __name__ == "__main__":
    run(USAGE, main)
