"""Extended regular expressions, as `grep -E` has them: . [set] ( ) | * + ? {m,n} ^ $ and backslash for a character as it is.

An expression becomes a machine with several states at once (K. Thompson, "Regular Expression Search Algorithm", 1968): each byte moves all
of them on, so no text makes it slow. Back references would need another machine; they are refused. Bytes are characters.
(POSIX, Base Definitions, 9.4)
"""

from typing import Final

from scarlet.user.errors import UsageError

LARGEST_COUNT: Final = 255
CLASSES: Final = ["alpha", "digit", "alnum", "upper", "lower", "space", "blank", "punct", "print", "graph", "cntrl", "xdigit"]
SPECIAL: Final = b".[]()*+?{}|^$\\/"


class State:
    """One place in the machine: a set of bytes that leads to `next`, or without one a fork to `next` and `other`."""

    def __init__(self) -> None:
        self.accepts: bytearray | None = None
        """256 flags; None for a fork or an anchor."""
        self.anchor = 0
        """`^` or `$`: passed only at that end of the line."""
        self.next = -1
        self.other = -1


class Regex:
    """A compiled expression."""

    def __init__(self, pattern: bytes, *, fold_case: bool = False) -> None:
        self._states: list[State] = []
        self._fold = fold_case
        parser = _Parser(pattern, self._states, fold_case)
        self._end = self._new()
        self._start = parser.parse(self._end)
        self._marks = [0] * len(self._states)
        self._round = 0

    def _new(self) -> int:
        self._states.append(State())
        return len(self._states) - 1

    def find(self, text: bytes, start: int = 0) -> tuple[int, int] | None:
        """Where the first match at or after `start` lies, the longest of those that begin there; None without one."""
        if not self._runs(text, start):
            return None
        for begin in range(start, len(text) + 1):
            end = self._longest(text, begin)
            if end >= 0:
                return begin, end
        return None

    def matches(self, text: bytes) -> bool:
        """Whether there is a match anywhere."""
        return self._runs(text, 0)

    def _runs(self, text: bytes, start: int) -> bool:
        """One pass in which a match may begin everywhere."""
        current: list[int] = []
        for at in range(start, len(text) + 1):
            self._round += 1
            reached: list[int] = []
            for state in current:
                self._follow(state, text, at, reached)
            self._follow(self._start, text, at, reached)
            if self._marks[self._end] == self._round:
                return True
            current = self._moved(reached, text, at)
        return False

    def _longest(self, text: bytes, begin: int) -> int:
        """The end of the longest match that begins there; -1 without one."""
        found = -1
        current = [self._start]
        at = begin
        while len(current) > 0 and at <= len(text):
            self._round += 1
            reached: list[int] = []
            for state in current:
                self._follow(state, text, at, reached)
            if self._marks[self._end] == self._round:
                found = at
            current = self._moved(reached, text, at)
            at += 1
        return found

    def _moved(self, reached: list[int], text: bytes, at: int) -> list[int]:
        """Where the byte at `at` leads."""
        out: list[int] = []
        if at < len(text):
            for number in reached:
                accepts = self._states[number].accepts
                if accepts is not None and accepts[text[at]] != 0:
                    out.append(self._states[number].next)
        return out

    def _follow(self, number: int, text: bytes, at: int, reached: list[int]) -> None:
        """Add the states that are reached without a byte."""
        waiting = [number]
        while len(waiting) > 0:
            here = waiting.pop()
            if here < 0 or self._marks[here] == self._round:
                continue
            self._marks[here] = self._round
            state = self._states[here]
            if state.accepts is not None:
                reached.append(here)
            elif state.anchor == 0 or state.anchor == ord("^") and at == 0 or state.anchor == ord("$") and at == len(text):
                waiting.append(state.next)
                waiting.append(state.other)


class _Parser:
    """Builds the machine from its end: each part is given the state that follows it and gives the one in which it begins."""

    def __init__(self, pattern: bytes, states: list[State], fold_case: bool) -> None:
        self._pattern = pattern
        self._states = states
        self._fold = fold_case

    def parse(self, end: int) -> int:
        start, at = self._either(0, end)
        if at < len(self._pattern):
            raise UsageError("the expression has a ) without (")
        return start

    def _add(self, accepts: bytearray | None, next: int, other: int = -1, anchor: int = 0) -> int:
        state = State()
        state.accepts = accepts
        state.next = next
        state.other = other
        state.anchor = anchor
        self._states.append(state)
        return len(self._states) - 1

    def _either(self, at: int, follow: int) -> tuple[int, int]:
        """a|b|c"""
        start, at = self._sequence(at, follow)
        while at < len(self._pattern) and self._pattern[at] == ord("|"):
            other, at = self._sequence(at + 1, follow)
            start = self._add(None, start, other)
        return start, at

    def _sequence(self, at: int, follow: int) -> tuple[int, int]:
        """The pieces are found first and built from the last to the first."""
        places: list[int] = []
        while at < len(self._pattern) and self._pattern[at] != ord("|") and self._pattern[at] != ord(")"):
            places.append(at)
            at = self._piece_end(at)
        start = follow
        for place in reversed(places):
            start = self._piece(place, start)
        return start, at

    def _atom_end(self, at: int) -> int:
        pattern = self._pattern
        byte = pattern[at]
        if byte == ord("\\"):
            if at + 1 >= len(pattern):
                raise UsageError("the expression ends in a backslash")
            return at + 2
        if byte == ord("["):
            return self._set_end(at)
        if byte == ord("("):
            depth = 0
            while at < len(pattern):
                if pattern[at] == ord("("):
                    depth += 1
                elif pattern[at] == ord(")"):
                    depth -= 1
                    if depth == 0:
                        return at + 1
                at = at + 1 if pattern[at] == ord("(") or pattern[at] == ord(")") else self._atom_end(at)
            raise UsageError("the expression has a ( without )")
        return at + 1

    def _set_end(self, at: int) -> int:
        pattern = self._pattern
        end = at + 1
        if end < len(pattern) and pattern[end] == ord("^"):
            end += 1
        if end < len(pattern) and pattern[end] == ord("]"):
            end += 1
        while end < len(pattern) and pattern[end] != ord("]"):
            if pattern.startswith(b"[:", end):
                close = pattern.find(b":]", end + 2)
                if close < 0:
                    raise UsageError("the expression has a [: without :]")
                end = close + 1
            end += 1
        if end >= len(pattern):
            raise UsageError("the expression has a [ without ]")
        return end + 1

    def _counts(self, at: int) -> tuple[int, int, int]:
        """How often the atom before `at` may come, -1 for without end; and where that ends."""
        pattern = self._pattern
        if at >= len(pattern):
            return 1, 1, at
        match pattern[at]:
            case 0x2A:  # *
                return 0, -1, at + 1
            case 0x2B:  # +
                return 1, -1, at + 1
            case 0x3F:  # ?
                return 0, 1, at + 1
            case 0x7B:  # {
                close = pattern.find(b"}", at)
                low, comma, high = pattern[at + 1 : close if close > 0 else at + 1].partition(b",")
                if not low.isdigit() or len(high) > 0 and not high.isdigit() or len(low) > 3 or len(high) > 3:
                    raise UsageError("the expression has a { } that is no count")
                least = int(low)
                most = least if len(comma) == 0 else int(high) if len(high) > 0 else -1
                if least > LARGEST_COUNT or most > LARGEST_COUNT or 0 <= most < least:
                    raise UsageError("the expression has a { } that is no count")
                return least, most, close + 1
            case _:
                return 1, 1, at

    def _piece_end(self, at: int) -> int:
        if self._pattern[at] in b"*+?{":
            raise UsageError("the expression repeats nothing")
        end = self._counts(self._atom_end(at))[2]
        while end < len(self._pattern) and self._pattern[end] in b"*+?{":
            end = self._counts(end)[2]
        return end

    def _piece(self, at: int, follow: int) -> int:
        """An atom with its repetitions, of which the last is the outermost."""
        ends = [self._atom_end(at)]
        while ends[-1] < len(self._pattern) and self._pattern[ends[-1]] in b"*+?{":
            ends.append(self._counts(ends[-1])[2])
        return self._repeated(at, ends, len(ends) - 1, follow)

    def _repeated(self, at: int, ends: list[int], level: int, follow: int) -> int:
        if level == 0:
            return self._atom(at, follow)
        least, most, _end = self._counts(ends[level - 1])
        start = follow
        if most < 0:
            start = self._add(None, -1, follow)
            self._states[start].next = self._repeated(at, ends, level - 1, start)
        else:
            for _count in range(most - least):
                start = self._add(None, self._repeated(at, ends, level - 1, start), follow)
        for _count in range(least):
            start = self._repeated(at, ends, level - 1, start)
        return start

    def _atom(self, at: int, follow: int) -> int:
        byte = self._pattern[at]
        match byte:
            case 0x28:  # (
                return self._either(at + 1, follow)[0]
            case 0x5E | 0x24:  # ^ $
                return self._add(None, follow, -1, byte)
            case 0x2E:  # .
                return self._add(bytearray(b"\1" * 256), follow)
            case 0x5B:  # [
                return self._add(self._set(at + 1, self._set_end(at) - 1), follow)
            case 0x5C:  # \
                if ord("1") <= self._pattern[at + 1] <= ord("9"):
                    raise UsageError("back references are not supported")
                if self._pattern[at + 1] not in SPECIAL and (48 <= self._pattern[at + 1] < 58 or 65 <= self._pattern[at + 1] < 123):
                    raise UsageError(f"\\{chr(self._pattern[at + 1])} is not supported")
                return self._add(self._single(self._pattern[at + 1]), follow)
            case _:
                return self._add(self._single(byte), follow)

    def _single(self, byte: int) -> bytearray:
        out = bytearray(256)
        self._accept(out, byte)
        return out

    def _accept(self, out: bytearray, byte: int) -> None:
        out[byte] = 1
        if self._fold and (ord("a") <= byte <= ord("z") or ord("A") <= byte <= ord("Z")):
            out[byte ^ 0x20] = 1

    def _set(self, at: int, end: int) -> bytearray:
        pattern = self._pattern
        inverted = pattern[at] == ord("^")
        if inverted:
            at += 1
        out = bytearray(256)
        while at < end:
            if pattern.startswith(b"[:", at):
                close = pattern.find(b":]", at)
                name = pattern[at + 2 : close].decode(errors="replace")
                if name not in CLASSES:
                    raise UsageError(f"[:{name}:] is not a class of characters")
                for byte in range(128):
                    if _in_class(name, byte):
                        self._accept(out, byte)
                at = close + 2
            elif at + 2 < end and pattern[at + 1] == ord("-"):
                for byte in range(pattern[at], pattern[at + 2] + 1):
                    self._accept(out, byte)
                at += 3
            else:
                self._accept(out, pattern[at])
                at += 1
        if inverted:
            for byte in range(256):
                out[byte] = 1 - out[byte]
        return out


def _in_class(name: str, byte: int) -> bool:
    upper, lower, digit = 65 <= byte <= 90, 97 <= byte <= 122, 48 <= byte <= 57
    match name:
        case "alpha":
            return upper or lower
        case "digit":
            return digit
        case "alnum":
            return upper or lower or digit
        case "upper":
            return upper
        case "lower":
            return lower
        case "space":
            return byte == 32 or 9 <= byte <= 13
        case "blank":
            return byte == 32 or byte == 9
        case "punct":
            return 33 <= byte <= 126 and not (upper or lower or digit)
        case "print":
            return 32 <= byte <= 126
        case "graph":
            return 33 <= byte <= 126
        case "cntrl":
            return byte < 32 or byte == 127
        case _:
            return digit or 65 <= byte <= 70 or 97 <= byte <= 102


def quoted(text: bytes) -> bytes:
    """An expression that matches just this text."""
    out = bytearray()
    for byte in text:
        if byte in SPECIAL:
            out.append(ord("\\"))
        out.append(byte)
    return bytes(out)
