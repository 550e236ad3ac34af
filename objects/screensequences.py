"""What the control sequences mean that begin with ESC [: a mark or none, numbers, and a character.

The characters are written as their codes: 65 is A. A sequence that is not known does nothing.

Source: console_codes(4), "ECMA-48 CSI sequences".
"""

from typing import Final

from objects.keyboard import KeyboardState
from objects.screen import Screen

PRIVATE: Final = 63
"""The mark of the DEC terminals' own modes, ?"""
SET: Final = 104
RESET: Final = 108


class Sequences:
    """Carries sequences out on one screen."""

    def __init__(self, screen: Screen, keyboard: KeyboardState, replies: bytearray) -> None:
        self.screen = screen
        self.keyboard = keyboard
        self.replies = replies
        """What the terminal answers is added here."""
        self._numbers: list[int] = []

    def carry_out(self, mark: int, byte: int, numbers: list[int]) -> None:
        """Do what a sequence says that ends with this character."""
        self._numbers = numbers
        if mark == 0:
            self._sequence(byte)
        elif mark == PRIVATE and (byte == SET or byte == RESET):
            self._private(on=byte == SET)

    def identify(self) -> None:
        """DA: a VT102."""
        self.replies.extend(b"\x1b[?6c")

    def _at(self, index: int, missing: int) -> int:
        """A parameter; `missing` when it is 0 or not there."""
        value = self._numbers[index] if index < len(self._numbers) else 0
        return value if value != 0 else missing

    def _sequence(self, byte: int) -> None:
        screen = self.screen
        count = self._at(0, 1)
        match byte:
            case 65:
                screen.move_by(0, -count)
            case 66 | 101:
                screen.move_by(0, count)
            case 67 | 97:
                screen.move_by(count, 0)
            case 68:
                screen.move_by(-count, 0)
            case 69:
                screen.move_by(-screen.columns, count)
            case 70:
                screen.move_by(-screen.columns, -count)
            case 71 | 96:
                screen.move_by(count - 1 - screen.x, 0)
            case 72 | 102:
                screen.move_to(self._at(1, 1) - 1, count - 1)
            case 100:
                screen.move_to(screen.x, count - 1)
            case 74:
                self._erase_display(self._at(0, 0))
            case 75:
                self._erase_line(self._at(0, 0))
            case 76:
                screen.insert_lines(count)
            case 77:
                screen.delete_lines(count)
            case 80:
                screen.delete_cells(count)
            case 64:
                screen.insert_blanks(count)
            case 88:
                screen.erase_cells(screen.x, screen.x + count)
            case 83:
                screen.scroll_up(screen.top, screen.bottom, count)
            case 84:
                screen.scroll_down(screen.top, screen.bottom, count)
            case 109:
                screen.pen.apply(self._numbers if len(self._numbers) > 0 else [0])
            case _:
                self._other_sequence(byte)

    def _other_sequence(self, byte: int) -> None:
        screen = self.screen
        match byte:
            case 99:
                if self._at(0, 0) == 0:
                    self.identify()
            case 103:
                if self._at(0, 0) == 0 or self._at(0, 0) == 3:
                    screen.clear_tabs(all=self._at(0, 0) == 3)
            case 104 | 108:
                for number in self._numbers:
                    if number == 4:
                        screen.inserts = byte == SET
                    elif number == 20:
                        self.keyboard.new_line = byte == SET
            case 110:
                self._report(self._at(0, 0))
            case 114:
                screen.set_scrolling(self._at(0, 1) - 1, min(self._at(1, screen.rows), screen.rows))
            case 115:
                screen.save()
            case 117:
                screen.restore()
            case 93:
                if self._at(0, 0) == 8:
                    screen.pen.make_default()
            case _:
                pass

    def _report(self, what: int) -> None:
        """DSR: all is well; the cursor is there."""
        screen = self.screen
        if what == 5:
            self.replies.extend(b"\x1b[0n")
        elif what == 6:
            row = screen.y - (screen.top if screen.origin else 0) + 1
            self.replies.extend(f"\x1b[{row};{screen.x + 1}R".encode())

    def _erase_display(self, what: int) -> None:
        screen = self.screen
        match what:
            case 0:
                screen.erase_cells(screen.x, screen.columns)
                screen.erase_lines(screen.y + 1, screen.rows)
            case 1:
                screen.erase_lines(0, screen.y)
                screen.erase_cells(0, screen.x + 1)
            case 2:
                screen.erase_lines(0, screen.rows)
            case 3:
                screen.forget_history()
                screen.erase_lines(0, screen.rows)
            case _:
                return
        screen.full = False

    def _erase_line(self, what: int) -> None:
        screen = self.screen
        match what:
            case 0:
                screen.erase_cells(screen.x, screen.columns)
            case 1:
                screen.erase_cells(0, screen.x + 1)
            case 2:
                screen.erase_cells(0, screen.columns)
            case _:
                return
        screen.full = False

    def _private(self, *, on: bool) -> None:
        """Modes of the DEC terminals."""
        screen = self.screen
        for number in self._numbers:
            match number:
                case 1:
                    self.keyboard.application_cursor = on
                case 5:
                    if screen.inverted != on:
                        screen.inverted = on
                        screen.touch_all()
                case 6:
                    screen.origin = on
                    screen.move_to(0, 0)
                case 7:
                    screen.wraps = on
                case 8:
                    self.keyboard.repeats = on
                case 25:
                    screen.cursor_shown = on
                    screen.dirty[screen.y] = True
                case _:
                    pass
