"""wc: count lines, words and bytes."""

from typing import Final

from scarlet.user.errors import StatusError
from scarlet.user.files import reader
from scarlet.user.options import Options, shown
from scarlet.user.program import program, run
from scarlet.user.streams import Reader

USAGE: Final = """
usage: wc [-clmw] [FILE...]

  -c, --bytes   bytes
  -l, --lines   newlines
  -m, --chars   characters
  -w, --words   words

Without an option: lines, words and bytes. Without a FILE, or for the FILE -, standard input is read.
"""
BLANKS: Final = b" \t\n\r\v\f"


class Counts:
    """What was counted in one file, or in all."""

    def __init__(self) -> None:
        self.lines = 0
        self.words = 0
        self.characters = 0
        self.bytes = 0

    def count(self, source: Reader, every_byte: bool) -> None:
        """Count a stream; without `every_byte` only what is found without looking at each."""
        in_word = False
        piece = source.read()
        while len(piece) > 0:
            self.bytes += len(piece)
            self.lines += piece.count(b"\n")
            if every_byte:
                for byte in piece:
                    blank = byte == 32 or 9 <= byte <= 13
                    if in_word and blank:
                        in_word = False
                    elif not in_word and not blank:
                        in_word = True
                        self.words += 1
                    if byte & 0xC0 != 0x80:
                        self.characters += 1
            piece = source.read()

    def add(self, other: "Counts") -> None:
        self.lines += other.lines
        self.words += other.words
        self.characters += other.characters
        self.bytes += other.bytes

    def shown(self, options: Options) -> list[str]:
        """The numbers asked for, in the order that every wc has."""
        out: list[str] = []
        usual = not (options.has("l") or options.has("w") or options.has("c") or options.has("m"))
        if options.has("l") or usual:
            out.append(str(self.lines))
        if options.has("w") or usual:
            out.append(str(self.words))
        if options.has("m"):
            out.append(str(self.characters))
        if options.has("c") or usual:
            out.append(str(self.bytes))
        return out


def main(options: Options) -> int:
    total = Counts()
    rows: list[list[str]] = []
    words = options.has("w") or options.has("m") or not (options.has("l") or options.has("c"))
    for path in options.operands if len(options.operands) > 0 else [b"-"]:
        counts = Counts()
        try:
            counts.count(program.input if path == b"-" else reader(path), words)
        except StatusError as error:
            program.complain(f"{shown(path)}: {error}")
            continue
        total.add(counts)
        rows.append(counts.shown(options) + ([shown(path)] if len(options.operands) > 0 else []))
    if len(options.operands) > 1:
        rows.append([*total.shown(options), "total"])
    width = max([len(number) for number in total.shown(options)]) if len(rows) > 0 else 0
    for row in rows:
        numbers = len(total.shown(options))
        cells = [f"{row[at]:>{width}}" if len(rows) > 1 or numbers > 1 else row[at] for at in range(numbers)]
        program.output.write_line(" ".join(cells + row[numbers:]))
    return 0


if __name__ == "__main__":
    run(USAGE, main)
