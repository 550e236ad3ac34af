"""Output processing of a terminal: OPOST and its friends, and the column the cursor is in. (termios(3), c_oflag)"""

from typing import Final

from objects.termios import InputMode, OutputMode, Termios

TAB: Final = 9
NEWLINE: Final = 10
RETURN: Final = 13
BACKSPACE: Final = 8
DELETE: Final = 127
TAB_STOP: Final = 8


def is_control_character(byte: int) -> bool:
    """Does the byte not move the cursor to the right?"""
    return byte < 32 or byte == DELETE


class Printer:
    """Turns what programs and the echo write into what goes to the device."""

    def __init__(self, settings: Termios) -> None:
        self.settings = settings
        self.column = 0

    def print(self, data: bytes, out: bytearray) -> None:
        """Append the processed bytes to `out`."""
        if not self.settings.output & OutputMode.OPOST:
            out.extend(data)
            return
        for byte in data:
            self.put(byte, out)

    def put(self, byte: int, out: bytearray) -> None:
        """Process one byte."""
        modes = self.settings.output
        if not modes & OutputMode.OPOST:
            out.append(byte)
        elif byte >= 32 and byte != DELETE:
            if not self.is_continuation(byte):
                self.column += 1
            if modes & OutputMode.OLCUC and 97 <= byte <= 122:
                byte -= 32
            out.append(byte)
        elif byte == NEWLINE:
            self._newline(modes, out)
        elif byte == RETURN:
            self._return(modes, out)
        elif byte == TAB:
            self._tab(modes, out)
        else:
            if byte == BACKSPACE and self.column > 0:
                self.column -= 1
            out.append(byte)

    def put_raw(self, data: bytes, columns: int, out: bytearray) -> None:
        """Append bytes as they are; the cursor moves by `columns`."""
        out.extend(data)
        self.column = max(self.column + columns, 0)

    def is_continuation(self, byte: int) -> bool:
        """Is the byte, under IUTF8, one that continues a character?"""
        return self.settings.input & InputMode.IUTF8 != InputMode.NONE and byte & 0xC0 == 0x80

    def _newline(self, modes: OutputMode, out: bytearray) -> None:
        if modes & OutputMode.ONLCR:
            self.column = 0
            out.append(RETURN)
        elif modes & OutputMode.ONLRET:
            self.column = 0
        out.append(NEWLINE)

    def _return(self, modes: OutputMode, out: bytearray) -> None:
        if modes & OutputMode.ONOCR and self.column == 0:
            return
        if modes & OutputMode.OCRNL:
            if modes & OutputMode.ONLRET:
                self.column = 0
            out.append(NEWLINE)
            return
        self.column = 0
        out.append(RETURN)

    def _tab(self, modes: OutputMode, out: bytearray) -> None:
        spaces = TAB_STOP - self.column % TAB_STOP
        self.column += spaces
        if modes & OutputMode.XTABS == OutputMode.XTABS:
            for _ in range(spaces):
                out.append(32)
        else:
            out.append(TAB)
