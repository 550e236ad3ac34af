"""A screen of text: a grid of cells, a cursor, and what can be done with them. Nothing here knows escape sequences or pixels.

Lines that scroll off the top are kept for looking back. `dirty` says which lines are not as they were when they were last painted.

Source: console_codes(4); ECMA-48.
"""

from collections import deque
from typing import Final

from objects.screencell import LOOK_SHIFT, PALETTE, PLAIN, SPACE, Pen, cell

HISTORY_LINES: Final = 256
TAB_WIDTH: Final = 8
BLANK: Final = SPACE | PLAIN << LOOK_SHIFT


class Saved:
    """What ESC 7 keeps."""

    def __init__(self, screen: "Screen") -> None:
        self.x = screen.x
        self.y = screen.y
        self.pen = screen.pen.copy()
        self.origin = screen.origin


class Screen:
    """`columns` by `rows` cells."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.lines = [[BLANK] * columns for _ in range(rows)]
        self.dirty = [True] * rows
        self.history: deque[list[int]] = deque()
        self.looking_back = 0
        """So many lines of history are shown above the first line."""
        self.x = 0
        self.y = 0
        self.full = False
        """A character stands in the last column: the next one goes to the next line."""
        self.top = 0
        self.bottom = rows
        """The lines that scroll, the last one excluded."""
        self.origin = False
        """Positions count from `top`, and the cursor stays between top and bottom. (DECOM)"""
        self.wraps = True
        """DECAWM"""
        self.inserts = False
        """IRM"""
        self.cursor_shown = True
        self.inverted = False
        """DECSCNM"""
        self.palette = list(PALETTE)
        self.pen = Pen()
        self._tabs = _usual_tabs(columns)
        self._saved = Saved(self)

    def reset(self) -> None:
        """As it was in the beginning, all but history. (RIS)"""
        self.top = 0
        self.bottom = self.rows
        self.origin = False
        self.wraps = True
        self.inserts = False
        self.cursor_shown = True
        self.inverted = False
        self.palette = list(PALETTE)
        self.pen = Pen()
        self._tabs = _usual_tabs(self.columns)
        self.move_to(0, 0)
        self._saved = Saved(self)
        self.erase_lines(0, self.rows)

    def resize(self, columns: int, rows: int) -> None:
        """Another size: what is cut off is cut off at the right, and above the cursor's line into history."""
        for line in self.lines:
            _fit(line, columns)
        surplus = max(self.y + 1 - rows, 0)
        for line in self.lines[:surplus]:
            self._remember(line)
        self.lines = self.lines[surplus : surplus + rows]
        while len(self.lines) < rows:
            self.lines.append([BLANK] * columns)
        self.columns = columns
        self.rows = rows
        self.top = 0
        self.bottom = rows
        self.y -= surplus
        self.x = min(self.x, columns - 1)
        self.full = False
        self._tabs = _usual_tabs(columns)
        self.dirty = [True] * rows

    # --- what is seen ---

    def visible(self, row: int) -> list[int]:
        """The line shown in a row."""
        if row >= self.looking_back:
            return self.lines[row - self.looking_back]
        line = self.history[len(self.history) - self.looking_back + row]
        _fit(line, self.columns)
        return line

    def look_back(self, lines: int) -> None:
        """Look so many lines further back, or, negative, forward."""
        before = self.looking_back
        self.looking_back = max(0, min(self.looking_back + lines, len(self.history), self.rows))
        if self.looking_back != before:
            self.touch_all()

    def touch_all(self) -> None:
        """Every line is to be painted."""
        for row in range(self.rows):
            self.dirty[row] = True

    # --- writing ---

    def put_ascii(self, text: bytes, start: int, end: int) -> None:
        """Write printable ASCII, as much at once as fits into a line."""
        look = self.pen.look << LOOK_SHIFT
        while start < end:
            if self.inserts or self.full or self.x == self.columns - 1:
                self.put(text[start], 1)
                start += 1
                continue
            count = min(end - start, self.columns - 1 - self.x)
            line = self.lines[self.y]
            x = self.x
            for index in range(start, start + count):
                line[x] = text[index] | look
                x += 1
            self.dirty[self.y] = True
            self.x = x
            start += count

    def put(self, character: int, width: int) -> None:
        """Write a character of one or two columns; the second of two is a space."""
        if self.full or self.x + width > self.columns and self.wraps:
            self.full = False
            self.x = 0
            self.line_feed()
        x = min(self.x, self.columns - width)
        if self.inserts:
            self.insert_blanks(width)
        line = self.lines[self.y]
        line[x] = cell(character, self.pen.look)
        if width == 2:
            line[x + 1] = cell(SPACE, self.pen.look)
        self.dirty[self.y] = True
        if x + width < self.columns:
            self.x = x + width
        else:
            self.x = self.columns - 1
            self.full = self.wraps

    # --- the cursor ---

    def move_to(self, x: int, y: int) -> None:
        """Go to a column and row of the screen, or of the scrolling lines under DECOM."""
        low = self.top if self.origin else 0
        high = self.bottom if self.origin else self.rows
        self._go(x, max(low, min(y + low, high - 1)))

    def move_by(self, columns: int, rows: int) -> None:
        """Go some columns and rows further, as far as there are any."""
        low = 0
        high = self.rows
        if self.top <= self.y < self.bottom:
            low = self.top
            high = self.bottom
        self._go(self.x + columns, max(low, min(self.y + rows, high - 1)))

    def _go(self, x: int, y: int) -> None:
        self.dirty[self.y] = True
        self.x = max(0, min(x, self.columns - 1))
        self.y = y
        self.dirty[y] = True
        self.full = False

    def carriage_return(self) -> None:
        self._go(0, self.y)

    def back_space(self) -> None:
        self._go(self.x - 1, self.y)

    def line_feed(self) -> None:
        """One line down; at the bottom of the scrolling lines these move up."""
        if self.y + 1 == self.bottom:
            self.scroll_up(self.top, self.bottom, 1)
        elif self.y + 1 < self.rows:
            self._go(self.x, self.y + 1)
        self.full = False

    def reverse_line_feed(self) -> None:
        """One line up; at the top of the scrolling lines these move down."""
        if self.y == self.top:
            self.scroll_down(self.top, self.bottom, 1)
        elif self.y > 0:
            self._go(self.x, self.y - 1)
        self.full = False

    def tab(self) -> None:
        """To the next tabulator."""
        x = self.x + 1
        while x < self.columns - 1 and self._tabs[x] == 0:
            x += 1
        self._go(x, self.y)

    def set_tab(self) -> None:
        self._tabs[self.x] = 1

    def clear_tabs(self, *, all: bool) -> None:
        """The one here, or all."""
        if all:
            self._tabs = bytearray(self.columns)
        else:
            self._tabs[self.x] = 0

    def set_scrolling(self, top: int, bottom: int) -> None:
        """Scroll the lines from `top` to before `bottom`; nothing happens for fewer than two lines."""
        if 0 <= top and top + 1 < bottom <= self.rows:
            self.top = top
            self.bottom = bottom
            self.move_to(0, 0)

    def save(self) -> None:
        self._saved = Saved(self)

    def restore(self) -> None:
        saved = self._saved
        self.pen = saved.pen.copy()
        self.origin = saved.origin
        self._go(saved.x, max(0, min(saved.y, self.rows - 1)))

    # --- moving and erasing ---

    def scroll_up(self, top: int, bottom: int, count: int) -> None:
        """Lines from `top` to before `bottom` move up; what leaves the whole screen is remembered."""
        for _ in range(min(count, bottom - top)):
            line = self.lines.pop(top)
            if top == 0 and bottom == self.rows:
                self._remember(line)
            self.lines.insert(bottom - 1, [self.pen.erased()] * self.columns)
        self._touch(top, bottom)

    def scroll_down(self, top: int, bottom: int, count: int) -> None:
        """They move down."""
        for _ in range(min(count, bottom - top)):
            self.lines.pop(bottom - 1)
            self.lines.insert(top, [self.pen.erased()] * self.columns)
        self._touch(top, bottom)

    def insert_lines(self, count: int) -> None:
        """Blank lines at the cursor, within the scrolling lines."""
        if self.top <= self.y < self.bottom:
            self.scroll_down(self.y, self.bottom, count)
            self._go(0, self.y)

    def delete_lines(self, count: int) -> None:
        """Lines from the cursor's on vanish."""
        if self.top <= self.y < self.bottom:
            for _ in range(min(count, self.bottom - self.y)):
                self.lines.pop(self.y)
                self.lines.insert(self.bottom - 1, [self.pen.erased()] * self.columns)
            self._touch(self.y, self.bottom)
            self._go(0, self.y)

    def insert_blanks(self, count: int) -> None:
        """Blank cells at the cursor; the rest of the line moves right."""
        line = self.lines[self.y]
        blank = self.pen.erased()
        for _ in range(min(count, self.columns - self.x)):
            line.pop()
            line.insert(self.x, blank)
        self.dirty[self.y] = True

    def delete_cells(self, count: int) -> None:
        """Cells from the cursor on vanish; the rest of the line moves left."""
        line = self.lines[self.y]
        blank = self.pen.erased()
        for _ in range(min(count, self.columns - self.x)):
            line.pop(self.x)
            line.append(blank)
        self.dirty[self.y] = True

    def erase_cells(self, first: int, end: int) -> None:
        """Blank the cells of the cursor's line from one column to before another."""
        line = self.lines[self.y]
        blank = self.pen.erased()
        for x in range(max(first, 0), min(end, self.columns)):
            line[x] = blank
        self.dirty[self.y] = True

    def erase_lines(self, first: int, end: int) -> None:
        """Blank lines."""
        blank = self.pen.erased()
        for row in range(max(first, 0), min(end, self.rows)):
            self.lines[row] = [blank] * self.columns
        self._touch(max(first, 0), min(end, self.rows))

    def fill(self, character: int) -> None:
        """The same character everywhere. (DECALN)"""
        for row in range(self.rows):
            self.lines[row] = [cell(character, self.pen.look)] * self.columns
        self.touch_all()

    def forget_history(self) -> None:
        """Nothing is left to look back at."""
        self.look_back(-self.looking_back)
        self.history.clear()

    def _remember(self, line: list[int]) -> None:
        self.history.append(line)
        if len(self.history) > HISTORY_LINES:
            self.history.popleft()

    def _touch(self, first: int, end: int) -> None:
        for row in range(first, end):
            self.dirty[row] = True


def _usual_tabs(columns: int) -> bytearray:
    tabs = bytearray(columns)
    for x in range(TAB_WIDTH, columns, TAB_WIDTH):
        tabs[x] = 1
    return tabs


def _fit(line: list[int], columns: int) -> None:
    """Make a line that long."""
    if len(line) > columns:
        del line[columns:]
    while len(line) < columns:
        line.append(BLANK)
