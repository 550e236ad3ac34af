"""Words become arguments: tilde, parameters, commands and arithmetic are put in, the results cut at blanks, patterns matched against
files, quotes removed. (POSIX, Shell Command Language, Word Expansions)

While a word is worked on it is a list of pieces, each with a mark that says whether it was quoted: what was quoted is neither cut nor a
pattern.
"""

from typing import Final, Protocol

from scarlet.user.errors import Failure
from scarlet.user.patterns import escaped, matches
from scarlet.user.shell.arithmetic import evaluate
from scarlet.user.shell.lexer import piece_end

SPECIAL: Final = b"?$!#*@-"
BLANKS: Final = b" \t\n"


class Surroundings(Protocol):
    """What expansion asks the shell for."""

    def get(self, name: bytes) -> bytes | None:
        """A variable's value."""

    def set(self, name: bytes, value: bytes) -> None: ...

    def parameters(self) -> list[bytes]:
        """The positional ones: $1, $2 ..."""

    def special(self, name: bytes) -> bytes:
        """$? $$ $! $- $0"""

    def substitute(self, commands: bytes) -> bytes:
        """What commands write to standard output."""

    def files(self, pattern: bytes) -> list[bytes]:
        """The paths that match a pattern, sorted."""


class Piece:
    """Part of a word. `parts` are further fields after it, of "$@"."""

    def __init__(self, text: bytes, quoted: bool) -> None:
        self.text = text
        self.quoted = quoted
        self.parts: list[bytes] = []


def arguments(words: list[bytes], shell: Surroundings) -> list[bytes]:
    """The fields that a command's words turn into."""
    out: list[bytes] = []
    for word in words:
        for field in _fields(_pieces(word, shell, False), shell):
            out += field
    return out


def value(word: bytes, shell: Surroundings) -> bytes:
    """A word that stays one: the right side of an assignment, a redirection's file."""
    return b"".join([_joined(piece) for piece in _pieces(word, shell, False)])


def pattern(word: bytes, shell: Surroundings) -> bytes:
    """A word that is a pattern: what was quoted in it matches only itself."""
    return b"".join([escaped(_joined(piece)) if piece.quoted else _joined(piece) for piece in _pieces(word, shell, False)])


def document(text: bytes, shell: Surroundings) -> bytes:
    """A here-document: as in double quotes, but those themselves are ordinary."""
    return b"".join([_joined(piece) for piece in _quoted_pieces(text, shell, False)])


def _joined(piece: Piece) -> bytes:
    return b" ".join([piece.text, *piece.parts]) if len(piece.parts) > 0 else piece.text


# --- cutting and matching ---------------------------------------------------------------------------------------------------------


def _fields(pieces: list[Piece], shell: Surroundings) -> list[list[bytes]]:
    """The fields of one word, each with the files it matches."""
    fields: list[_Field] = []
    current: _Field | None = None
    for piece in pieces:
        if piece.quoted:
            if current is None:
                current = _Field()
            current.add(piece.text, True)
            for part in piece.parts:
                fields.append(current)
                current = _Field()
                current.add(part, True)
            continue
        at = 0
        while at < len(piece.text):
            end = at
            while end < len(piece.text) and piece.text[end] not in BLANKS:
                end += 1
            if end > at:
                if current is None:
                    current = _Field()
                current.add(piece.text[at:end], False)
            if end < len(piece.text) and current is not None:
                fields.append(current)
                current = None
            at = end + 1
    if current is not None:
        fields.append(current)
    return [field.matched(shell) for field in fields]


class _Field:
    def __init__(self) -> None:
        self._text = b""
        self._pattern = b""
        self._special = False

    def add(self, text: bytes, quoted: bool) -> None:
        self._text += text
        self._pattern += escaped(text) if quoted else text
        if not quoted:
            self._special = self._special or b"*" in text or b"?" in text or b"[" in text

    def matched(self, shell: Surroundings) -> list[bytes]:
        """The files that the field matches; the field itself when there are none."""
        found = shell.files(self._pattern) if self._special else []
        return found if len(found) > 0 else [self._text]


# --- pieces of a word ---------------------------------------------------------------------------------------------------------------


def _pieces(word: bytes, shell: Surroundings, quoted: bool) -> list[Piece]:
    out: list[Piece] = []
    at = 0
    if word.startswith(b"~") and not quoted:
        end = 1
        while end < len(word) and word[end] != ord("/"):
            end += 1
        home = shell.get(b"HOME")
        if end == 1 and home is not None:
            out.append(Piece(home, True))
            at = 1
    while at < len(word):
        end = piece_end(word, at)
        piece = word[at:end]
        at = end
        if piece.startswith(b"'"):
            out.append(Piece(piece[1:-1], True))
        elif piece.startswith(b'"'):
            inner = _quoted_pieces(piece[1:-1], shell, True)
            out += inner if len(inner) > 0 or piece == b'"$@"' else [Piece(b"", True)]
        elif piece.startswith(b"\\"):
            if piece != b"\\\n":
                out.append(Piece(piece[1:], True))
        elif piece.startswith(b"`") or piece == b"$":
            at = _dollar(word, at - len(piece), shell, quoted, out)
        elif _is_plain(piece):
            out.append(Piece(piece, quoted or piece in BLANKS))
        else:
            at = _dollar(word, at - len(piece), shell, quoted, out)
    return out


def _is_plain(piece: bytes) -> bool:
    return not piece.startswith(b"$")


def _quoted_pieces(text: bytes, shell: Surroundings, in_quotes: bool) -> list[Piece]:
    """What stands between double quotes: only $, ` and some backslashes are special."""
    out: list[Piece] = []
    at = 0
    while at < len(text):
        byte = text[at]
        if byte == ord("\\") and at + 1 < len(text) and (text[at + 1] in b"$`\\\n" or in_quotes and text[at + 1] == ord('"')):
            if text[at + 1] != ord("\n"):
                out.append(Piece(text[at + 1 : at + 2], True))
            at += 2
        elif byte == ord("$") or byte == ord("`"):
            at = _dollar(text, at, shell, True, out)
        else:
            end = at + 1
            while end < len(text) and text[end] not in b"\\$`":
                end += 1
            out.append(Piece(text[at:end], True))
            at = end
    return out


# --- substitutions --------------------------------------------------------------------------------------------------------------------


def _dollar(word: bytes, at: int, shell: Surroundings, quoted: bool, out: list[Piece]) -> int:
    """Put in what stands for the `$...` or backquotes at `at`; where it ends."""
    end = piece_end(word, at)
    piece = word[at:end]
    if piece.startswith(b"`"):
        out.append(Piece(_output(_unescaped_backquotes(piece[1:-1]), shell), quoted))
    elif piece.startswith(b"$(("):
        text = b"".join([_joined(part) for part in _quoted_pieces(piece[3:-2], shell, True)])
        out.append(Piece(str(evaluate(text, shell)).encode(), quoted))
    elif piece.startswith(b"$("):
        out.append(Piece(_output(piece[2:-1], shell), quoted))
    elif piece.startswith(b"${"):
        _braces(piece[2:-1], shell, quoted, out)
    else:
        name_end = _name_end(word, end)
        if name_end == end:
            out.append(Piece(b"$", quoted))
            return end
        _parameter(word[end:name_end], shell, quoted, out)
        return name_end
    return end


def _unescaped_backquotes(text: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(text):
        if text[at] == ord("\\") and at + 1 < len(text) and text[at + 1] in b"$`\\":
            at += 1
        out.append(text[at])
        at += 1
    return bytes(out)


def _output(commands: bytes, shell: Surroundings) -> bytes:
    return shell.substitute(commands).rstrip(b"\n")


def _name_end(word: bytes, start: int) -> int:
    """Where the parameter's name that begins at `start` ends; `start` when there is none."""
    if start >= len(word):
        return start
    if word[start] in SPECIAL or ord("0") <= word[start] <= ord("9"):
        return start + 1
    end = start
    while end < len(word) and _in_name(word[end]):
        end += 1
    return end


def _in_name(byte: int) -> bool:
    return byte == ord("_") or ord("0") <= byte <= ord("9") or ord("a") <= byte <= ord("z") or ord("A") <= byte <= ord("Z")


def _lookup(name: bytes, shell: Surroundings) -> bytes | None:
    """A parameter's value; None when it is not set."""
    if name.isdigit():
        number = int(name) if len(name) < 6 else 99999
        if number == 0:
            return shell.special(b"0")
        return shell.parameters()[number - 1] if number <= len(shell.parameters()) else None
    if name == b"#":
        return str(len(shell.parameters())).encode()
    if name == b"@" or name == b"*":
        return b" ".join(shell.parameters()) if len(shell.parameters()) > 0 else None
    if len(name) == 1 and name in SPECIAL:
        return shell.special(name)
    return shell.get(name)


def _parameter(name: bytes, shell: Surroundings, quoted: bool, out: list[Piece]) -> None:
    if name == b"@" and quoted:
        fields = shell.parameters()
        if len(fields) > 0:
            piece = Piece(fields[0], True)
            piece.parts = fields[1:]
            out.append(piece)
        return
    found = _lookup(name, shell)
    out.append(Piece(found if found is not None else b"", quoted))


def _braces(text: bytes, shell: Surroundings, quoted: bool, out: list[Piece]) -> None:
    """${name} ${#name} ${name:-word} ${name-word} ... = + ? and ${name#pattern} ## % %%"""
    if text.startswith(b"#") and len(text) > 1:
        found = _lookup(text[1:], shell)
        out.append(Piece(str(len(found) if found is not None else 0).encode(), quoted))
        return
    end = _name_end(text, 0)
    while 0 < end < len(text) and text[:end].isdigit() and ord("0") <= text[end] <= ord("9"):
        end += 1
    name, rest = text[:end], text[end:]
    if end == 0:
        raise Failure(f"${{{text.decode(errors='replace')}}}: not a parameter")
    if len(rest) == 0:
        _parameter(name, shell, quoted, out)
        return
    found = _lookup(name, shell)
    if rest[0] in b"#%":
        out.append(Piece(_trimmed(found if found is not None else b"", rest, shell), quoted))
        return
    with_colon = rest.startswith(b":")
    operator, word = (rest[1:2], rest[2:]) if with_colon else (rest[:1], rest[1:])
    missing = found is None or with_colon and len(found) == 0
    match operator:
        case b"-":
            if missing:
                out += _word_in_braces(word, shell, quoted)
            else:
                _parameter(name, shell, quoted, out)
        case b"+":
            if not missing:
                out += _word_in_braces(word, shell, quoted)
        case b"=":
            if missing:
                found = value(word, shell)
                shell.set(name, found)
            out.append(Piece(found if found is not None else b"", quoted))
        case b"?":
            if missing:
                complaint = value(word, shell) if len(word) > 0 else b"is not set"
                raise Failure(f"{name.decode(errors='replace')}: {complaint.decode(errors='replace')}")
            _parameter(name, shell, quoted, out)
        case _:
            raise Failure(f"${{{text.decode(errors='replace')}}}: not understood")


def _word_in_braces(word: bytes, shell: Surroundings, quoted: bool) -> list[Piece]:
    return _quoted_pieces(word, shell, True) if quoted else _pieces(word, shell, False)


def _trimmed(text: bytes, rest: bytes, shell: Surroundings) -> bytes:
    """Without the shortest (# %) or longest (## %%) beginning or end that matches the pattern."""
    operator = rest[:1]
    longest = rest.startswith(operator + operator)
    wanted = pattern(rest[2:] if longest else rest[1:], shell)
    for count in range(len(text) + 1):
        size = len(text) - count if longest else count
        if operator == b"#" and matches(wanted, text[:size]):
            return text[size:]
        if operator == b"%" and matches(wanted, text[len(text) - size :]):
            return text[: len(text) - size]
    return text
