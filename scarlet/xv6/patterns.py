"""Patterns as xv6's grep has them: `^` and `$` for the ends of a line, `.` for any byte, `*` for any number of the byte before it.

After B. Kernighan's matcher in "The Practice of Programming", chapter 9.
"""

from typing import Final

START: Final = 0x5E
END: Final = 0x24
ANY: Final = 0x2E
STAR: Final = 0x2A


def matches(pattern: bytes, line: bytes) -> bool:
    """Does the pattern match somewhere in the line?"""
    if pattern[:1] == b"^":
        return _matches_here(pattern, 1, line, 0)
    for start in range(len(line) + 1):
        if _matches_here(pattern, 0, line, start):
            return True
    return False


def _matches_here(pattern: bytes, place: int, line: bytes, position: int) -> bool:
    """Does the rest of the pattern match at this position?"""
    while place < len(pattern):
        if place + 1 < len(pattern) and pattern[place + 1] == STAR:
            return _matches_star(pattern, place, line, position)
        if pattern[place] == END and place + 1 == len(pattern):
            return position == len(line)
        if position == len(line) or not _is_byte(pattern[place], line[position]):
            return False
        place += 1
        position += 1
    return True


def _matches_star(pattern: bytes, place: int, line: bytes, position: int) -> bool:
    """Does `c*` and what follows it match, with as few of c as will do?"""
    while True:
        if _matches_here(pattern, place + 2, line, position):
            return True
        if position == len(line) or not _is_byte(pattern[place], line[position]):
            return False
        position += 1


def _is_byte(wanted: int, byte: int) -> bool:
    return wanted == ANY or wanted == byte
