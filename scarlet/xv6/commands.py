"""The shell's language: text to a tree of commands.

    line      = pipeline { (";" | "&") pipeline } [ ";" | "&" ]
    pipeline  = command [ "|" pipeline ]
    command   = ( "(" line ")" | word { word } ) with any number of "<" file, ">" file, ">>" file

Words are separated by blanks; there is no quoting. A tree is built completely before anything runs.
"""

from enum import IntEnum
from typing import Final

BLANKS: Final = b" \t\r\n\v"
SYMBOLS: Final = b"<>|&;()"


class SyntaxMistake(Exception):  # noqa: N818
    """What is wrong with a line."""


class Direction(IntEnum):
    """What a redirection does with its file."""

    INPUT = 0
    OUTPUT = 1
    APPEND = 2


class Redirection:
    """`<`, `>` or `>>` and a file."""

    def __init__(self, direction: Direction, file: bytes) -> None:
        self.direction = direction
        self.file = file


class Command:
    """The base of all commands. Redirections hold for everything inside."""

    def __init__(self) -> None:
        self.redirections: list[Redirection] = []


class Simple(Command):
    """A program and its arguments; no words at all is nothing to do."""

    def __init__(self, words: list[bytes]) -> None:
        super().__init__()
        self.words = words


class Pipe(Command):
    """The left one's output is the right one's input."""

    def __init__(self, left: Command, right: Command) -> None:
        super().__init__()
        self.left = left
        self.right = right


class Sequence(Command):
    """One after the other."""

    def __init__(self, first: Command, second: Command) -> None:
        super().__init__()
        self.first = first
        self.second = second


class Background(Command):
    """Started and not waited for."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command


class Group(Command):
    """Parentheses."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command


def parse(line: bytes) -> Command:
    """The command that a line means. SyntaxMistake."""
    parser = Parser(_tokens(line))
    command = parser.line()
    if parser.peek() != b"":
        raise SyntaxMistake(f"unexpected {parser.peek().decode()}")
    return command


def _tokens(line: bytes) -> list[bytes]:
    """Words and symbols."""
    tokens: list[bytes] = []
    position = 0
    while position < len(line):
        start = position
        byte = line[position : position + 1]
        position += 1
        if byte in BLANKS:
            continue
        if byte in SYMBOLS:
            if line[start : start + 2] == b">>":
                position += 1
        else:
            while position < len(line) and line[position : position + 1] not in BLANKS and line[position : position + 1] not in SYMBOLS:
                position += 1
        tokens.append(line[start:position])
    return tokens


class Parser:
    """One function a rule."""

    def __init__(self, tokens: list[bytes]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> bytes:
        """The next token, empty at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else b""

    def take(self) -> bytes:
        """The next token, passed."""
        token = self.peek()
        self.position += 1
        return token

    def line(self) -> Command:
        command = self.pipeline()
        while self.peek() == b"&":
            self.take()
            command = Background(command)
        if self.peek() == b";":
            self.take()
        elif not isinstance(command, Background):
            return command
        if self.peek() == b"" or self.peek() == b")":
            return command
        return Sequence(command, self.line())

    def pipeline(self) -> Command:
        command = self.command()
        if self.peek() == b"|":
            self.take()
            return Pipe(command, self.pipeline())
        return command

    def command(self) -> Command:
        redirections: list[Redirection] = []
        self.redirections(redirections)
        if self.peek() == b"(":
            self.take()
            command: Command = Group(self.line())
            if self.take() != b")":
                raise SyntaxMistake("a ) is missing")
            self.redirections(redirections)
        else:
            words: list[bytes] = []
            while self.peek() != b"" and self.peek() not in (b"|", b"&", b";", b"(", b")"):
                words.append(self.take())
                self.redirections(redirections)
            command = Simple(words)
        command.redirections = redirections
        return command

    def redirections(self, found: list[Redirection]) -> None:
        """Take the redirections that stand here."""
        while self.peek() in (b"<", b">", b">>"):
            symbol = self.take()
            file = self.take()
            if file == b"" or file[:1] in SYMBOLS:
                raise SyntaxMistake("the file of a redirection is missing")
            direction = Direction.INPUT if symbol == b"<" else Direction.OUTPUT if symbol == b">" else Direction.APPEND
            found.append(Redirection(direction, file))
