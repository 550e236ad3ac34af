"""Patterns of file names: `*` any text, `?` one character, `[a-z]` one of a set, `[!a-z]` one not in it; a backslash takes the next
character as it is. (POSIX, Shell Command Language, Pattern Matching Notation)
"""

from typing import Final

STAR: Final = ord("*")
QUESTION: Final = ord("?")
OPEN: Final = ord("[")
CLOSE: Final = ord("]")
BACKSLASH: Final = ord("\\")
MINUS: Final = ord("-")


def is_pattern(text: bytes) -> bool:
    """Whether a word matches more than itself."""
    index = 0
    while index < len(text):
        if text[index] == BACKSLASH:
            index += 1
        elif text[index] == STAR or text[index] == QUESTION or text[index] == OPEN and _set_end(text, index) > 0:
            return True
        index += 1
    return False


def unescaped(text: bytes) -> bytes:
    """The text that a pattern without special characters stands for."""
    out = bytearray()
    index = 0
    while index < len(text):
        if text[index] == BACKSLASH and index + 1 < len(text):
            index += 1
        out.append(text[index])
        index += 1
    return bytes(out)


def escaped(text: bytes) -> bytes:
    """A pattern that matches just this text."""
    out = bytearray()
    for byte in text:
        if byte == STAR or byte == QUESTION or byte == OPEN or byte == CLOSE or byte == BACKSLASH:
            out.append(BACKSLASH)
        out.append(byte)
    return bytes(out)


def matches(pattern: bytes, text: bytes) -> bool:
    """Whether the whole text fits the pattern. Time is bounded by the product of their lengths: only the last `*` is ever tried again."""
    p, t = 0, 0
    star, resume = -1, 0
    while t < len(text):
        width = _step(pattern, p, text[t]) if p < len(pattern) else 0
        if p < len(pattern) and pattern[p] == STAR:
            star, resume = p, t
            p += 1
        elif width > 0:
            p += width
            t += 1
        elif star >= 0:
            resume += 1
            p, t = star + 1, resume
        else:
            return False
    while p < len(pattern) and pattern[p] == STAR:
        p += 1
    return p == len(pattern)


def _step(pattern: bytes, at: int, byte: int) -> int:
    """How much of the pattern at `at` this byte fits; 0 when it does not."""
    first = pattern[at]
    if first == QUESTION:
        return 1
    if first == OPEN:
        end = _set_end(pattern, at)
        if end > 0:
            return end + 1 - at if _in_set(pattern, at + 1, end, byte) else 0
    if first == BACKSLASH and at + 1 < len(pattern):
        return 2 if pattern[at + 1] == byte else 0
    return 1 if first == byte else 0


def _set_end(pattern: bytes, at: int) -> int:
    """Where the set that opens at `at` closes; 0 when it never does and the bracket is an ordinary character."""
    index = at + 1
    if index < len(pattern) and (pattern[index] == ord("!") or pattern[index] == ord("^")):
        index += 1
    if index < len(pattern) and pattern[index] == CLOSE:
        index += 1
    while index < len(pattern):
        if pattern[index] == CLOSE:
            return index
        if pattern[index] == BACKSLASH:
            index += 1
        index += 1
    return 0


def _in_set(pattern: bytes, start: int, end: int, byte: int) -> bool:
    index = start
    inverted = pattern[index] == ord("!") or pattern[index] == ord("^")
    if inverted:
        index += 1
    found = False
    while index < end:
        if pattern[index] == BACKSLASH and index + 1 < end:
            index += 1
        low = pattern[index]
        if index + 2 < end and pattern[index + 1] == MINUS:
            high = pattern[index + 2]
            found = found or low <= byte <= high
            index += 3
        else:
            found = found or low == byte
            index += 1
    return found != inverted
