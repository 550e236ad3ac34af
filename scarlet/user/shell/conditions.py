"""`test`: questions about files, texts and numbers, of at most four words, as POSIX defines them; -a and -o are left to && and ||."""

from abi_modules.native.interface import Capabilities, FileKind, Metadata
from scarlet.user import calls, files
from scarlet.user.errors import Failure, StatusError
from scarlet.user.options import shown


def holds(words: list[bytes]) -> bool:
    """Whether the expression is true; Failure when it is none."""
    match len(words):
        case 0:
            return False
        case 1:
            return len(words[0]) > 0
        case 2:
            return not holds(words[1:]) if words[0] == b"!" else _unary(words[0], words[1])
        case 3:
            return _three(words)
        case 4:
            if words[0] == b"!":
                return not holds(words[1:])
            raise Failure("too many words")
        case _:
            raise Failure("too many words")


def _three(words: list[bytes]) -> bool:
    left, operator, right = words[0], words[1], words[2]
    match operator:
        case b"=" | b"==":
            return left == right
        case b"!=":
            return left != right
        case b"-eq":
            return _number(left) == _number(right)
        case b"-ne":
            return _number(left) != _number(right)
        case b"-lt":
            return _number(left) < _number(right)
        case b"-le":
            return _number(left) <= _number(right)
        case b"-gt":
            return _number(left) > _number(right)
        case b"-ge":
            return _number(left) >= _number(right)
        case b"-nt":
            return _modified(left) > _modified(right)
        case b"-ot":
            return _modified(left) < _modified(right)
        case _:
            if left == b"!":
                return not holds(words[1:])
            raise Failure(f"{shown(operator)}: not a comparison")


def _unary(operator: bytes, word: bytes) -> bool:
    match operator:
        case b"-n":
            return len(word) > 0
        case b"-z":
            return len(word) == 0
        case b"-t":
            return _is_terminal(word)
        case b"-L" | b"-h":
            return _kind(files.found(word, follow=False)) == FileKind.SYMBOLIC_LINK
    about = files.found(word)
    match operator:
        case b"-e":
            return about is not None
        case b"-f":
            return _kind(about) == FileKind.REGULAR
        case b"-d":
            return _kind(about) == FileKind.DIRECTORY
        case b"-p":
            return _kind(about) == FileKind.FIFO
        case b"-c":
            return _kind(about) == FileKind.CHARACTER_DEVICE
        case b"-b":
            return _kind(about) == FileKind.BLOCK_DEVICE
        case b"-s":
            return about is not None and about.size > 0
        case b"-x":
            return about is not None and int(about.mode) & 0o111 != 0
        case _:
            raise Failure(f"{shown(operator)}: not a question")


def _kind(about: Metadata | None) -> int:
    return int(about.kind) if about is not None else -1


def _modified(path: bytes) -> int:
    about = files.found(path)
    return int(about.modified_ns) if about is not None else -1


def _is_terminal(word: bytes) -> bool:
    try:
        return int(calls.handle_query(_number(word)).capabilities) & int(Capabilities.CONTROL) != 0
    except StatusError:
        return False


def _number(text: bytes) -> int:
    digits = text[1:] if text.startswith(b"-") else text
    if not digits.isdigit() or len(digits) > 18:
        raise Failure(f"{shown(text)}: not a number")
    return int(text)
