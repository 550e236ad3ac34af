"""Input processing of a terminal: line editing, echo, and the queue that read(2) takes from. (termios(3), canonical mode)

The queue holds finished lines and behind them the line being edited; `ends` runs along and marks where lines end. An end-of-file
character is in the queue as a zero byte with the mark END_OF_FILE and is never handed out. Outside canonical mode everything in the queue
can be read at once.

Signals and flow control are not here: the Terminal looks at those characters first.
"""

from typing import Final

from objects.printer import NEWLINE, RETURN, TAB, TAB_STOP, Printer, is_control_character
from objects.termios import Control, InputMode, LocalMode, Termios

QUEUE_SIZE: Final = 4096
CONTINUES: Final = 0
END_OF_LINE: Final = 1
END_OF_FILE: Final = 2
BELL: Final = 7
RUBOUT: Final = b"\x08 \x08"


class LineEditor:
    """The input side of one terminal. What it echoes is appended to `echo`."""

    def __init__(self, settings: Termios, printer: Printer) -> None:
        self.settings = settings
        self.printer = printer
        self.queue = bytearray()
        self.ends = bytearray()
        self.finished = 0
        """Bytes of the queue that belong to finished lines."""
        self.echo = bytearray()
        self.literal_next = False
        self.start_column = 0
        """Where the cursor was when the line began: a tab cannot be rubbed out without it."""
        self.erasing = False
        """Between the \\ and / that ECHOPRT puts around erased characters."""

    # What can be read

    def readable(self) -> int:
        """Bytes that a read could be given, end-of-file marks counted."""
        return self.finished if self.settings.canonical else len(self.queue)

    def countable(self) -> int:
        """Bytes that a read could be given, marks not counted. (FIONREAD)"""
        if not self.settings.canonical:
            return len(self.queue)
        count = 0
        for index in range(self.finished):
            if self.ends[index] != END_OF_FILE:
                count += 1
        return count

    def take(self, count: int) -> bytes:
        """At most `count` bytes, in canonical mode of one line only; empty at an end-of-file mark."""
        if not self.settings.canonical:
            data = bytes(self.queue[:count])
            self._drop(len(data))
            return data
        length = 0
        while length < count and length < self.finished:
            if self.ends[length] == END_OF_FILE:
                break
            length += 1
            if self.ends[length - 1] == END_OF_LINE:
                data = bytes(self.queue[:length])
                self._drop(length)
                return data
        data = bytes(self.queue[:length])
        if length < self.finished and self.ends[length] == END_OF_FILE:
            self._drop(length + 1)
        else:
            self._drop(length)
        return data

    def _drop(self, count: int) -> None:
        del self.queue[:count]
        del self.ends[:count]
        self.finished = max(self.finished - count, 0)

    def flush(self) -> None:
        """Forget all input."""
        self.queue.clear()
        self.ends.clear()
        self.finished = 0
        self.literal_next = False
        self.erasing = False

    def mode_changed(self) -> None:
        """ICANON was switched: what is in the queue becomes one finished line, or simply readable."""
        for index in range(len(self.ends)):
            self.ends[index] = CONTINUES
        self.finished = 0
        self.literal_next = False
        self.erasing = False
        if self.settings.canonical and len(self.queue) > 0:
            self.finished = len(self.queue)
            self.ends[self.finished - 1] = END_OF_LINE

    def full(self) -> bool:
        """Must further input wait for a reader? A line too long for the queue does not wait: its tail is dropped, so that it can end."""
        if len(self.queue) < QUEUE_SIZE - 1:
            return False
        return not self.settings.canonical or self.finished > 0

    # What comes in

    def receive(self, byte: int) -> None:
        """One character that is neither a signal nor flow control."""
        if self.literal_next:
            self.literal_next = False
            self._insert(byte, literal=True)
            return
        if byte == RETURN:
            if self.settings.input & InputMode.IGNCR:
                return
            if self.settings.input & InputMode.ICRNL:
                byte = NEWLINE
        elif byte == NEWLINE and self.settings.input & InputMode.INLCR:
            byte = RETURN
        if not (self.settings.canonical and self._edit(byte)):
            self._insert(byte, literal=False)

    def _edit(self, byte: int) -> bool:
        """Editing and line ends of canonical mode: was it one of them?"""
        settings = self.settings
        extended = settings.local & LocalMode.IEXTEN != LocalMode.NONE
        if settings.is_control(byte, Control.ERASE):
            self._erase_character()
        elif settings.is_control(byte, Control.KILL):
            self._kill()
        elif extended and settings.is_control(byte, Control.WERASE):
            self._erase_word()
        elif extended and settings.is_control(byte, Control.LNEXT):
            self._announce_literal()
        elif extended and settings.echoes and settings.is_control(byte, Control.REPRINT):
            self._reprint(byte)
        elif byte == NEWLINE:
            if settings.local & (LocalMode.ECHO | LocalMode.ECHONL):
                self._finish_erasing()
                self.printer.put(NEWLINE, self.echo)
            self._finish(NEWLINE, END_OF_LINE)
        elif settings.is_control(byte, Control.EOF):
            self._finish(0, END_OF_FILE)
        elif settings.is_control(byte, Control.EOL) or (extended and settings.is_control(byte, Control.EOL2)):
            if settings.echoes:
                self._begin_line()
                self._echo(byte)
            self._finish(byte, END_OF_LINE)
        else:
            return False
        return True

    def _insert(self, byte: int, *, literal: bool) -> None:
        """A character of the text; a literal newline is shown as the control character it is."""
        settings = self.settings
        if settings.canonical and len(self.queue) >= QUEUE_SIZE - 1:
            if settings.input & InputMode.IMAXBEL:
                self.printer.put(BELL, self.echo)
            return
        if settings.echoes:
            self._finish_erasing()
            if byte == NEWLINE and not literal:
                self.printer.put(NEWLINE, self.echo)
            else:
                self._begin_line()
                self._echo(byte)
        self._append(byte, CONTINUES)
        if byte == 0xFF and settings.input & InputMode.PARMRK:
            self._append(byte, CONTINUES)

    def _finish(self, byte: int, end: int) -> None:
        self._append(byte, end)
        self.finished = len(self.queue)

    def _append(self, byte: int, end: int) -> None:
        self.queue.append(byte)
        self.ends.append(end)

    # Editing

    def _erase_character(self) -> None:
        if len(self.queue) > self.finished:
            self._erase_last(by_erase=True)
            self._line_may_be_empty()

    def _erase_word(self) -> None:
        """The word before the cursor, with what is between it and the cursor. A word is letters, digits and underscores."""
        in_word = False
        while len(self.queue) > self.finished:
            byte = self.queue[self._last_start()]
            if _is_word(byte):
                in_word = True
            elif in_word:
                break
            self._erase_last(by_erase=False)
        self._line_may_be_empty()

    def _kill(self) -> None:
        """The whole line."""
        local = self.settings.local
        if len(self.queue) == self.finished:
            return
        visible = LocalMode.ECHO | LocalMode.ECHOE | LocalMode.ECHOK | LocalMode.ECHOKE
        if local & visible == visible:
            while len(self.queue) > self.finished:
                self._erase_last(by_erase=False)
            self._line_may_be_empty()
            return
        del self.queue[self.finished :]
        del self.ends[self.finished :]
        if local & LocalMode.ECHO:
            self._finish_erasing()
            self._echo(self.settings.characters[Control.KILL])
            if local & LocalMode.ECHOK:
                self.printer.put(NEWLINE, self.echo)

    def _last_start(self) -> int:
        """Where the last character begins: under IUTF8 it may have several bytes."""
        place = len(self.queue) - 1
        while place > self.finished and self.printer.is_continuation(self.queue[place]):
            place -= 1
        return place

    def _erase_last(self, *, by_erase: bool) -> None:
        """Take the last character off the line, and off the screen."""
        place = self._last_start()
        erased = bytes(self.queue[place:])
        del self.queue[place:]
        del self.ends[place:]
        local = self.settings.local
        if not local & LocalMode.ECHO:
            return
        if local & LocalMode.ECHOPRT:
            if not self.erasing:
                self.printer.put_raw(b"\\", 1, self.echo)
                self.erasing = True
            self._echo(erased[0])
            self.printer.put_raw(erased[1:], 0, self.echo)
        elif by_erase and not local & LocalMode.ECHOE:
            self._echo(self.settings.characters[Control.ERASE])
        elif erased[0] == TAB:
            self._rub_out_tab()
        elif not is_control_character(erased[0]):
            self.printer.put_raw(RUBOUT, -1, self.echo)
        elif local & LocalMode.ECHOCTL:
            self.printer.put_raw(RUBOUT + RUBOUT, -2, self.echo)

    def _rub_out_tab(self) -> None:
        """Go back to the column where the tab began."""
        width = 0
        place = len(self.queue)
        after_tab = False
        while place > self.finished and not after_tab:
            place -= 1
            byte = self.queue[place]
            if byte == TAB:
                after_tab = True
            elif is_control_character(byte):
                if self.settings.local & LocalMode.ECHOCTL:
                    width += 2
            elif not self.printer.is_continuation(byte):
                width += 1
        if not after_tab:
            width += self.start_column
        spaces = TAB_STOP - width % TAB_STOP
        self.printer.put_raw(b"\x08" * spaces, -spaces, self.echo)

    def _line_may_be_empty(self) -> None:
        if len(self.queue) == self.finished and self.settings.echoes:
            self._finish_erasing()

    # Echo

    def echo_control(self, byte: int) -> None:
        """Show a character that had an effect of its own (a signal), if echo is on."""
        if self.settings.echoes:
            self._echo(byte)

    def _echo(self, byte: int) -> None:
        """A character as it is, or ^X for a control character under ECHOCTL."""
        if self.settings.local & LocalMode.ECHOCTL and is_control_character(byte) and byte != TAB:
            self.printer.put_raw(bytes([94, byte ^ 0x40]), 2, self.echo)
        else:
            self.printer.put(byte, self.echo)

    def _begin_line(self) -> None:
        if len(self.queue) == self.finished:
            self.start_column = self.printer.column

    def _announce_literal(self) -> None:
        self.literal_next = True
        if self.settings.echoes:
            self._finish_erasing()
            if self.settings.local & LocalMode.ECHOCTL:
                self.printer.put_raw(b"^\x08", 0, self.echo)

    def _reprint(self, byte: int) -> None:
        """Show the line again on a line of its own."""
        self._finish_erasing()
        self._echo(byte)
        self.printer.put(NEWLINE, self.echo)
        for place in range(self.finished, len(self.queue)):
            self._echo(self.queue[place])

    def _finish_erasing(self) -> None:
        if self.erasing:
            self.printer.put_raw(b"/", 1, self.echo)
            self.erasing = False


def _is_word(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 95
