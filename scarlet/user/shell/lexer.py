"""A text cut into words and operators. A word keeps its quotes, dollars and backslashes: they matter when it is expanded."""

from enum import Enum
from typing import Final

from scarlet.user.shell.tree import Redirection

OPERATORS: Final = [b"<<-", b"&&", b"||", b";;", b"<<", b">>", b"<&", b">&", b"<>", b">|", b"|", b"&", b";", b"<", b">", b"(", b")"]
"""Longest first."""
ENDS_A_WORD: Final = b" \t\n|&;<>()"


class SyntaxFailure(Exception):
    """The text is not a command."""


class Incomplete(SyntaxFailure):
    """The text may still become a command when more lines come."""


class Kind(Enum):
    """What a token is."""

    WORD = 1
    OPERATOR = 2
    NEWLINE = 3
    END = 4


class Token:
    """A word or an operator. `glued` says that a redirection follows at once, as in `2>`."""

    def __init__(self, kind: Kind, text: bytes, glued: bool = False) -> None:
        self.kind = kind
        self.text = text
        self.glued = glued

    def shown(self) -> str:
        """As an error names it."""
        if self.kind == Kind.NEWLINE:
            return "newline"
        return self.text.decode(errors="replace") if self.kind != Kind.END else "end of input"


class Lexer:
    """Gives the tokens of a text one by one."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._waiting: list[Redirection] = []

    def await_body(self, redirection: Redirection) -> None:
        """The text of this here-document begins after the next newline."""
        self._waiting.append(redirection)

    def next(self) -> Token:
        """The next token. Incomplete when a quote is open at the end of the text."""
        self._skip_blanks()
        if self._at >= len(self._text):
            if len(self._waiting) > 0:
                raise Incomplete("a here-document has no end")
            return Token(Kind.END, b"")
        if self._text[self._at] == ord("\n"):
            self._at += 1
            self._read_bodies()
            return Token(Kind.NEWLINE, b"\n")
        for operator in OPERATORS:
            if self._text.startswith(operator, self._at):
                self._at += len(operator)
                return Token(Kind.OPERATOR, operator)
        start = self._at
        self._at = word_end(self._text, start, ENDS_A_WORD)
        word = self._text[start : self._at]
        glued = self._at < len(self._text) and (self._text[self._at] == ord("<") or self._text[self._at] == ord(">"))
        return Token(Kind.WORD, word, glued)

    def _skip_blanks(self) -> None:
        text = self._text
        while self._at < len(text):
            byte = text[self._at]
            if byte == ord("\\") and text.startswith(b"\n", self._at + 1):
                self._at += 2
            elif byte == ord(" ") or byte == ord("\t"):
                self._at += 1
            elif byte == ord("#"):
                end = text.find(b"\n", self._at)
                self._at = end if end >= 0 else len(text)
            else:
                return

    def _read_bodies(self) -> None:
        for redirection in self._waiting:
            end = unquoted(redirection.word)
            redirection.literal = end != redirection.word
            body = bytearray()
            while True:
                if self._at >= len(self._text):
                    raise Incomplete("a here-document has no end")
                stop = self._text.find(b"\n", self._at)
                line = self._text[self._at : stop] if stop >= 0 else self._text[self._at :]
                self._at = stop + 1 if stop >= 0 else len(self._text)
                if redirection.operator == b"<<-":
                    line = line.lstrip(b"\t")
                if line == end:
                    break
                body += line + b"\n"
            redirection.operator = b"<<"
            redirection.body = bytes(body)
            redirection.word = end
        self._waiting = []


def word_end(text: bytes, start: int, stops: bytes) -> int:
    """Where the word that begins at `start` ends: at one of the stops outside of quotes and substitutions."""
    at = start
    while at < len(text) and text[at] not in stops:
        at = piece_end(text, at)
    return at


def piece_end(text: bytes, at: int) -> int:
    """Where the character, quotation or substitution at `at` ends. Incomplete when its end is missing."""
    byte = text[at]
    if byte == ord("\\"):
        if at + 1 >= len(text):
            raise Incomplete("a backslash at the end")
        return at + 2
    if byte == ord("'"):
        return _found(text.find(b"'", at + 1), "a quote is not closed") + 1
    if byte == ord('"'):
        return _until(text, at + 1, ord('"'), "a quote is not closed")
    if byte == ord("`"):
        return _backquoted_end(text, at + 1)
    if byte == ord("$") and text.startswith(b"((", at + 1):
        return _arithmetic_end(text, at + 3)
    if byte == ord("$") and text.startswith(b"(", at + 1):
        return _commands_end(text, at + 2)
    if byte == ord("$") and text.startswith(b"{", at + 1):
        return _until(text, at + 2, ord("}"), "${ is not closed")
    return at + 1


def _found(place: int, complaint: str) -> int:
    if place < 0:
        raise Incomplete(complaint)
    return place


def _until(text: bytes, at: int, end: int, complaint: str) -> int:
    """After the closing byte. In double quotes a single quote is an ordinary character."""
    while at < len(text):
        if text[at] == end:
            return at + 1
        at = at + 1 if text[at] == ord("'") and end == ord('"') else piece_end(text, at)
    raise Incomplete(complaint)


def _backquoted_end(text: bytes, at: int) -> int:
    while at < len(text):
        if text[at] == ord("`"):
            return at + 1
        at += 2 if text[at] == ord("\\") else 1
    raise Incomplete("a backquote is not closed")


def _commands_end(text: bytes, at: int) -> int:
    """After the parenthesis that closes $( ... ); those inside come in pairs."""
    depth = 1
    while at < len(text):
        if text[at] == ord("("):
            depth += 1
        elif text[at] == ord(")"):
            depth -= 1
            if depth == 0:
                return at + 1
        at = piece_end(text, at)
    raise Incomplete("$( is not closed")


def _arithmetic_end(text: bytes, at: int) -> int:
    """After the two parentheses that close $(( ... ))."""
    depth = 2
    while at < len(text):
        if text[at] == ord("("):
            depth += 1
        elif text[at] == ord(")"):
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    raise Incomplete("$(( is not closed")


def unquoted(word: bytes) -> bytes:
    """A word without its quotes, nothing expanded."""
    out = bytearray()
    at = 0
    while at < len(word):
        end = piece_end(word, at)
        piece = word[at:end]
        if piece[0] == ord("'") or piece[0] == ord('"'):
            out += piece[1:-1]
        elif piece.startswith(b"\\"):
            out += piece[1:]
        else:
            out += piece
        at = end
    return bytes(out)


def quoted(text: bytes) -> bytes:
    """A word that stands for just this text."""
    return b"'" + text.replace(b"'", b"'\\''") + b"'"
