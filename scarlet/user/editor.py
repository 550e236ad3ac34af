"""Editing a line as it is typed: keys in, what the terminal is to show out. Nothing here touches a terminal.

    Left Right Home End Ctrl-A Ctrl-E    move            Up Down Ctrl-P Ctrl-N    earlier and later lines
    Backspace Delete Ctrl-W Ctrl-U Ctrl-K  remove        Tab                      complete
    Enter  take the line      Ctrl-C  drop it      Ctrl-D  end of input, in an empty line      Ctrl-L  clear the screen

The line takes one row; when it is longer than the terminal is wide, the part around the cursor is shown.
"""

from enum import Enum
from typing import Callable, Final

ESCAPE: Final = 0x1B
DELETE: Final = 0x7F
LARGEST_HISTORY: Final = 200


class Outcome(Enum):
    """What has become of the line."""

    EDITING = 0
    TAKEN = 1
    DROPPED = 2
    ENDED = 3


class History:
    """Lines that were taken, the newest last."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Remember a line, unless it is empty or was just remembered."""
        if len(line.strip()) > 0 and (len(self.lines) == 0 or self.lines[-1] != line):
            self.lines.append(line)
            if len(self.lines) > LARGEST_HISTORY:
                self.lines.pop(0)


class Editor:
    """One line."""

    def __init__(self, prompt: bytes, history: History, width: int, complete: Callable[[bytes], list[bytes]]) -> None:
        self.outcome = Outcome.EDITING
        self._prompt = prompt
        self._history = history
        self._width = width
        self._complete = complete
        self._before: list[str] = []
        self._after: list[str] = []
        self._place = len(history.lines)
        self._draft = ""
        self._pending = bytearray()
        """The beginning of a key that takes several bytes."""

    @property
    def line(self) -> bytes:
        """The text as it is now."""
        return "".join(self._before + self._after).encode()

    def resize(self, width: int) -> None:
        """The terminal is so wide from now on; the next key shows the line accordingly."""
        self._width = width

    def start(self) -> bytes:
        """What to show at first."""
        return self._shown()

    def feed(self, byte: int) -> bytes:
        """Take one byte from the keyboard: what to show."""
        self._pending.append(byte)
        key = bytes(self._pending)
        if not _is_complete(key):
            return b""
        self._pending.clear()
        if key[0] == ESCAPE:
            return self._escape(key)
        if key[0] < 32 or key[0] == DELETE:
            return self._control(key[0])
        self._before.append(key.decode(errors="replace"))
        if len(self._after) == 0 and len(self._before) <= self._room():
            return key  # at the end of a line that fits, the character is all there is to show
        return self._shown()

    def _escape(self, key: bytes) -> bytes:
        match key[2:]:
            case b"A":
                self._go(-1)
            case b"B":
                self._go(1)
            case b"C":
                self._right()
            case b"D":
                self._left()
            case b"H" | b"1~" | b"7~":
                self._home()
            case b"F" | b"4~" | b"8~":
                self._end()
            case b"3~":
                if len(self._after) > 0:
                    self._after.pop(0)
            case _:
                return b""
        return self._shown()

    def _control(self, key: int) -> bytes:
        match key:
            case 10 | 13:
                self.outcome = Outcome.TAKEN
                return b"\r\n"
            case 3:
                self.outcome = Outcome.DROPPED
                return b"^C\r\n"
            case 4:
                if len(self._before) == 0 and len(self._after) == 0:
                    self.outcome = Outcome.ENDED
                    return b"\r\n"
                if len(self._after) > 0:
                    self._after.pop(0)
            case 1:
                self._home()
            case 2:
                self._left()
            case 5:
                self._end()
            case 6:
                self._right()
            case 8 | 127:
                if len(self._before) > 0:
                    self._before.pop()
            case 9:
                return self._completed()
            case 11:
                self._after = []
            case 12:
                return b"\x1b[H\x1b[2J" + self._shown()
            case 14:
                self._go(1)
            case 16:
                self._go(-1)
            case 21:
                self._before = []
            case 23:
                self._remove_word()
            case _:
                return b""
        return self._shown()

    # --- moving and removing -----------------------------------------------------------------------------------------------

    def _left(self) -> None:
        if len(self._before) > 0:
            self._after.insert(0, self._before.pop())

    def _right(self) -> None:
        if len(self._after) > 0:
            self._before.append(self._after.pop(0))

    def _home(self) -> None:
        self._after = self._before + self._after
        self._before = []

    def _end(self) -> None:
        self._before = self._before + self._after
        self._after = []

    def _remove_word(self) -> None:
        while len(self._before) > 0 and self._before[-1] == " ":
            self._before.pop()
        while len(self._before) > 0 and self._before[-1] != " ":
            self._before.pop()

    def _go(self, step: int) -> None:
        """To an earlier or later line; what was being written waits behind the newest."""
        place = self._place + step
        if not 0 <= place <= len(self._history.lines):
            return
        if self._place == len(self._history.lines):
            self._draft = "".join(self._before + self._after)
        self._place = place
        text = self._history.lines[place].decode(errors="replace") if place < len(self._history.lines) else self._draft
        self._before = list(text)
        self._after = []

    def _completed(self) -> bytes:
        """Put in what all the possible endings of the word before the cursor have in common; show them when that is nothing."""
        word = "".join(self._before)
        word = word[word.rfind(" ") + 1 :]
        choices = self._complete("".join(self._before).encode())
        if len(choices) == 0:
            return b"\x07"
        common = choices[0]
        for choice in choices:
            while not choice.startswith(common):
                common = common[:-1]
        addition = common[len(word.encode()) :].decode(errors="replace")
        self._before += list(addition)
        if len(choices) == 1 and not common.endswith(b"/"):
            self._before.append(" ")
        if len(choices) > 1 and len(addition) == 0:
            return b"\r\n" + b"  ".join(choices) + b"\r\n" + self._shown()
        return self._shown()

    # --- showing -------------------------------------------------------------------------------------------------------------

    def _room(self) -> int:
        """How many characters of the line fit beside the prompt."""
        return max(self._width - len(self._prompt.decode(errors="replace")) - 1, 8)

    def _shown(self) -> bytes:
        """The row anew, and the cursor where it belongs."""
        room = self._room()
        start = max(len(self._before) - room, 0)
        visible = (self._before + self._after)[start : start + room]
        back = len(visible) - (len(self._before) - start)
        move = f"\x1b[{back}D".encode() if back > 0 else b""
        return b"\r" + self._prompt + "".join(visible).encode() + b"\x1b[K" + move


def _is_complete(key: bytes) -> bool:
    """Whether these bytes are a whole key: a character of UTF-8, a control character, an escape sequence."""
    first = key[0]
    if first == ESCAPE:
        if len(key) < 3:
            return len(key) == 2 and key[1] != ord("[") and key[1] != ord("O")
        return 0x40 <= key[-1] <= 0x7E or len(key) > 8
    if first < 0xC0:
        return True
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    return len(key) >= size
