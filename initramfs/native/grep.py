"""grep: the lines that match an expression."""

from typing import Final

from scarlet.user import files
from scarlet.user.errors import StatusError, UsageError
from scarlet.user.options import Options, shown
from scarlet.user.paths import join
from scarlet.user.program import program, run
from scarlet.user.regex import Regex, quoted
from scarlet.user.streams import Reader

USAGE: Final = """
usage: grep [-EFchHilnoqrsvx] [-e EXPRESSION]... [EXPRESSION] [FILE...]

  -c, --count                only the number of lines
  -E, --extended-regexp      extended expressions, which they always are
  -e, --regexp EXPRESSION    one of several expressions
  -F, --fixed-strings        the expressions are plain texts
  -H, --with-filename        with the name of the file
  -h, --no-filename          without it
  -i, --ignore-case          capitals are small letters
  -l, --files-with-matches   only the names of the files
  -n, --line-number          with the numbers of the lines
  -o, --only-matching        only what matches, each on a line
  -q, --quiet                only the status
  -r, --recursive            all files in directories
  -s, --no-messages          nothing about files that cannot be read
  -v, --invert-match         the lines that do not match
  -x, --line-regexp          the whole line has to match

The status is 0 when a line matched, 1 when none did, 2 after an error.
"""
MATCHED: Final = 0
NONE: Final = 1
TROUBLE: Final = 2


def expression(options: Options, patterns: list[bytes]) -> Regex:
    """All patterns as one; a newline in one separates two."""
    parts = [part for pattern in patterns for part in pattern.split(b"\n")]
    if options.has("F"):
        parts = [quoted(part) for part in parts]
    whole = b"|".join([b"(" + part + b")" for part in parts])
    return Regex(b"^(" + whole + b")$" if options.has("x") else whole, fold_case=options.has("i"))


class Search:
    """The expression, and what is to be shown."""

    def __init__(self, options: Options, regex: Regex, with_names: bool) -> None:
        self._options = options
        self._regex = regex
        self._with_names = with_names
        self.matched = False
        self.trouble = False

    def look_at(self, path: bytes) -> None:
        """A file, a directory with -r, or standard input."""
        try:
            if path == b"-":
                self._look_through(program.input, b"(standard input)")
            elif self._options.has("r") and files.is_directory(path):
                for name in files.names(path):
                    self.look_at(join(path, name))
            else:
                self._look_through(files.reader(path), path)
        except StatusError as error:
            self.trouble = True
            if not self._options.has("s"):
                program.complain(f"{shown(path)}: {error}")

    def _look_through(self, source: Reader, name: bytes) -> None:
        count = 0
        number = 0
        for line in source.lines():
            number += 1
            if self._regex.matches(line) == self._options.has("v"):
                continue
            count += 1
            self.matched = True
            if self._options.has("q"):
                program.exit(MATCHED)
            if self._options.has("l"):
                program.output.write(name + b"\n")
                return
            if not self._options.has("c"):
                self._show(line, (name + b":" if self._with_names else b"") + self._number(number))
        if self._options.has("c"):
            program.output.write((name + b":" if self._with_names else b"") + str(count).encode() + b"\n")

    def _number(self, number: int) -> bytes:
        return str(number).encode() + b":" if self._options.has("n") else b""

    def _show(self, line: bytes, head: bytes) -> None:
        if not self._options.has("o"):
            program.output.write(head + line + b"\n")
            return
        place = self._regex.find(line)
        while place is not None and not self._options.has("v"):
            if place[1] > place[0]:
                program.output.write(head + line[place[0] : place[1]] + b"\n")
            place = self._regex.find(line, max(place[1], place[0] + 1)) if place[0] < len(line) else None


def main(options: Options) -> int:
    patterns = options.values("e")
    operands = options.operands
    if len(patterns) == 0:
        if len(operands) == 0:
            raise UsageError("which expression?")
        patterns = [operands[0]]
        operands = operands[1:]
    usual = b"." if options.has("r") else b"-"
    paths = operands if len(operands) > 0 else [usual]
    with_names = (len(paths) > 1 or options.has("r") or options.has("H")) and not options.has("h")
    search = Search(options, expression(options, patterns), with_names)
    for path in paths:
        search.look_at(path)
    return TROUBLE if search.trouble else MATCHED if search.matched else NONE


if __name__ == "__main__":
    run(USAGE, main)
