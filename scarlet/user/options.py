"""The command line of a tool: one-letter options (`-la`, `-n 3`, `-n3`), their long names (`--all`), and what is left.

A tool declares what it takes in its usage text:

    usage: head [-q] [-n COUNT] [FILE...]

      -n, --lines COUNT   that many lines
      -q, --quiet         no headings

Each line that begins with a dash declares an option; a word in capitals after its names is its value. `--help` is always known.
"""

from scarlet.user.errors import UsageError


class Option:
    """One declared option: a name of one letter, a long name (either may be empty), whether a value follows."""

    def __init__(self, letter: str, long: str, takes_value: bool) -> None:
        self.letter = letter
        self.long = long
        self.takes_value = takes_value

    @property
    def name(self) -> str:
        """What the tool asks for it by."""
        return self.letter if len(self.letter) > 0 else self.long


class Options:
    """A command line, taken apart."""

    def __init__(self) -> None:
        self.help = False
        self.operands: list[bytes] = []
        self._values: dict[str, list[bytes]] = {}

    def add(self, name: str, value: bytes) -> None:
        self._values.setdefault(name, []).append(value)

    def has(self, name: str) -> bool:
        """Whether the option was given; by its letter, or its long name if it has none."""
        return name in self._values

    def value(self, name: str, default: bytes = b"") -> bytes:
        """The value that was given last."""
        return self._values[name][-1] if name in self._values else default

    def values(self, name: str) -> list[bytes]:
        """All values, in order."""
        return self._values[name] if name in self._values else []

    def number(self, name: str, default: int) -> int:
        """A value that is a decimal number."""
        return number(self._values[name][-1]) if name in self._values else default


def number(text: bytes) -> int:
    """A decimal number; UsageError when it is not one."""
    digits = text[1:] if text.startswith(b"-") else text
    if not digits.isdigit() or len(digits) > 18:
        raise UsageError(f"not a number: {shown(text)}")
    return int(text)


def shown(text: bytes) -> str:
    """Bytes as messages show them."""
    return text.decode(errors="replace")


def declared(usage: str) -> list[Option]:
    """The options that a usage text declares."""
    found: list[Option] = []
    for line in usage.split("\n"):
        words = line.split()
        if len(words) == 0 or not words[0].startswith("-") or not line.startswith(" "):
            continue
        letter, long, takes_value = "", "", False
        for word in words:
            name = word.rstrip(",")
            if name.startswith("--"):
                long = name[2:]
            elif name.startswith("-") and len(name) == 2:
                letter = name[1:]
            else:
                takes_value = name.isupper()
                break
        found.append(Option(letter, long, takes_value))
    return found


def parse(usage: str, words: list[bytes], *, interspersed: bool = True) -> Options:
    """Take the words after the program's name apart. UsageError says what is wrong with them.

    Operands may stand between options unless `interspersed` is False: then the first one ends the options, as `env` and `strace` need it.
    """
    known = declared(usage)
    options = Options()
    rest = list(words)
    while len(rest) > 0:
        word = rest.pop(0)
        if word == b"--":
            options.operands += rest
            break
        if word == b"--help":
            options.help = True
        elif word.startswith(b"--"):
            _long(known, options, word, rest)
        elif word.startswith(b"-") and len(word) > 1:
            _letters(known, options, word, rest)
        else:
            options.operands.append(word)
            if not interspersed:
                options.operands += rest
                break
    return options


def _long(known: list[Option], options: Options, word: bytes, rest: list[bytes]) -> None:
    name, equals, value = word[2:].partition(b"=")
    for option in known:
        if option.long == shown(name) and len(option.long) > 0:
            if not option.takes_value and len(equals) > 0:
                raise UsageError(f"option --{option.long} takes no value")
            if option.takes_value and len(equals) == 0:
                value = _next(rest, shown(word))
            options.add(option.name, value)
            return
    raise UsageError(f"unknown option {shown(word)}")


def _letters(known: list[Option], options: Options, word: bytes, rest: list[bytes]) -> None:
    letters = word[1:]
    for index in range(len(letters)):
        letter = shown(letters[index : index + 1])
        option = _by_letter(known, letter)
        if not option.takes_value:
            options.add(option.name, b"")
            continue
        value = letters[index + 1 :]
        options.add(option.name, value if len(value) > 0 else _next(rest, "-" + letter))
        return


def _by_letter(known: list[Option], letter: str) -> Option:
    for option in known:
        if option.letter == letter and len(letter) > 0:
            return option
    raise UsageError(f"unknown option -{letter}")


def _next(rest: list[bytes], name: str) -> bytes:
    if len(rest) == 0:
        raise UsageError(f"option {name} needs a value")
    return rest.pop(0)
