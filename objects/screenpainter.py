"""Paints a text screen into a framebuffer, as late and as little as possible: when a frame is due, and only the cells that look different
from what was painted there last. So scrolling costs as much as the text that is really elsewhere, however many lines went by.

The pixels of a glyph's row are copied from a table: for each pair of colours, the eight pixels of each of the 256 patterns.
"""

from typing import Final

from objects.framebuffer import Framebuffer
from objects.picturemode import PIXEL_BYTES
from objects.screen import Screen
from objects.screencell import BACKGROUND_SHIFT, CHARACTER, COLOUR, LOOK_SHIFT, PALETTE, SPACE, UNDERLINE, swapped
from objects.screenfont import GLYPHS, HEIGHT, WIDTH, glyph
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.pixelmemory import PixelMemory

UNKNOWN: Final = -1
"""No cell: what was painted there is not known."""
ROW_BYTES: Final = WIDTH * PIXEL_BYTES
MOST_TABLES: Final = 24
"""Tables are 8 KiB each."""
UNDERLINE_ROW: Final = HEIGHT - 2
ALL_PIXELS: Final = 255
"""The pattern of an underline."""


class Painter:
    """Knows what of a screen has been painted."""

    def __init__(self, framebuffer: Framebuffer) -> None:
        self._framebuffer = framebuffer
        self.columns = 0
        self.rows = 0
        self._painted: list[list[int]] = []
        self._tables: dict[int, bytes] = {}
        self._palette = list(PALETTE)
        self._cursor_row = 0
        self._inverted = False

    def fit(self) -> None:
        """The framebuffer has another mode, and memory that is all black: how much text there is room for."""
        mode = self._framebuffer.mode
        self.columns = mode.width // WIDTH
        self.rows = mode.height // HEIGHT
        black = SPACE if self._palette[0] == 0 and not self._inverted else UNKNOWN
        self._painted = [[black] * self.columns for _ in range(self.rows)]

    def forget(self) -> None:
        """Whatever is on the screen is not what was painted: paint all, and the margins black."""
        self._painted = [[UNKNOWN] * self.columns for _ in range(self.rows)]
        framebuffer = self._framebuffer
        memory = framebuffer.memory
        mode = framebuffer.mode
        if memory is None:
            return
        framebuffer.drawn_by_programs = False
        below = self.rows * HEIGHT
        right = self.columns * WIDTH
        if right < mode.memory_width:
            nothing = KernelBytes(bytearray((mode.memory_width - right) * PIXEL_BYTES))
            for y in range(below):
                memory.store(y * mode.stride + right * PIXEL_BYTES, nothing, 0, nothing.length)
        if below < mode.height:
            row = KernelBytes(bytearray(mode.stride))
            for y in range(below, mode.height):
                memory.store(y * mode.stride, row, 0, row.length)
        framebuffer.damage(0, mode.height)

    def paint(self, screen: Screen) -> None:
        """Bring the screen's text into the framebuffer."""
        memory = self._framebuffer.memory
        if memory is None:
            return
        if screen.palette != self._palette or screen.inverted != self._inverted:
            self._palette = list(screen.palette)
            self._inverted = screen.inverted
            self._tables.clear()
            self.forget()
            screen.touch_all()
        cursor_row = screen.y + screen.looking_back if screen.cursor_shown else UNKNOWN
        if 0 <= self._cursor_row < min(self.rows, screen.rows):
            screen.dirty[self._cursor_row] = True
        self._cursor_row = cursor_row
        for row in range(min(self.rows, screen.rows)):
            if screen.dirty[row]:
                screen.dirty[row] = False
                cursor = screen.x if row == cursor_row else UNKNOWN
                self._paint_line(memory, row, screen.visible(row), min(self.columns, screen.columns), cursor)

    def _paint_line(self, memory: PixelMemory, row: int, line: list[int], columns: int, cursor: int) -> None:
        painted = self._painted[row]
        first = UNKNOWN
        for x in range(columns):
            wanted = line[x]
            if x == cursor:
                wanted = wanted & CHARACTER | swapped(wanted >> LOOK_SHIFT) << LOOK_SHIFT
            before = painted[x]
            if wanted != before:
                painted[x] = wanted
                if before == UNKNOWN or not _looks_the_same(wanted, before):
                    self._paint_cell(memory, row, x, wanted)
                    first = row
        if first != UNKNOWN:
            self._framebuffer.damage(row * HEIGHT, (row + 1) * HEIGHT)

    def _paint_cell(self, memory: PixelMemory, row: int, column: int, wanted: int) -> None:
        look = wanted >> LOOK_SHIFT
        table = self._table(look)
        stride = self._framebuffer.mode.stride
        offset = row * HEIGHT * stride + column * ROW_BYTES
        place = glyph(wanted & CHARACTER) * HEIGHT
        underline = UNDERLINE_ROW if look & UNDERLINE else HEIGHT
        for line in range(HEIGHT):
            pattern = ALL_PIXELS if line == underline else GLYPHS[place + line]
            memory.store_slice(offset, table, pattern * ROW_BYTES, ROW_BYTES)
            offset += stride

    def _table(self, look: int) -> bytes:
        """The pixels of every pattern of eight in the colours of a look."""
        key = look & 0xFF
        table = self._tables.get(key)
        if table is None:
            if len(self._tables) >= MOST_TABLES:
                self._tables.clear()
            table = self._make_table(self._palette[key & COLOUR], self._palette[key >> BACKGROUND_SHIFT])
            self._tables[key] = table
        return table

    def _make_table(self, foreground: int, background: int) -> bytes:
        if self._inverted:
            foreground, background = background, foreground
        pixels = [_pixel(background), _pixel(foreground)]
        halves = [pixels[half >> 3] + pixels[half >> 2 & 1] + pixels[half >> 1 & 1] + pixels[half & 1] for half in range(16)]
        return b"".join([halves[pattern >> 4] + halves[pattern & 15] for pattern in range(256)])


def _pixel(colour: int) -> bytes:
    """A colour as it lies in memory."""
    return bytes([colour & 255, colour >> 8 & 255, colour >> 16 & 255, 0])


def _looks_the_same(one: int, other: int) -> bool:
    """Do two cells have the same pixels? Spaces on the same background do, whatever their foreground."""
    if one & CHARACTER != SPACE or other & CHARACTER != SPACE or (one | other) >> LOOK_SHIFT & UNDERLINE != 0:
        return False
    return (one ^ other) >> LOOK_SHIFT >> BACKGROUND_SHIFT & COLOUR == 0
