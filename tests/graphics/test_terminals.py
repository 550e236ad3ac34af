"""Virtual terminals on the hosted machine's screen: text is read off the pixels that the device shows."""

import gc
from collections.abc import Iterator

import pytest

from objects import keyboard as keyboards
from objects import screenfont
from objects.framepacing import FRAME_NS
from objects.keyboard import KeyboardMode, Special
from objects.terminal_device import LineClient
from objects.virtualterminal import Shows, VirtualTerminal
from objects.virtualterminals import TERMINALS, VirtualTerminals
from scarlet.kernel import irq, timer
from scarlet.machine.hosted.devices.gpu import Gpu
from tests.graphics import glyphs
from tests.graphics.support import Bench


class Reader(LineClient):
    """Stands in for the terminal above."""

    def __init__(self) -> None:
        self.got = b""

    def room(self) -> int:
        return 100 - len(self.got)

    def received(self, data: bytes) -> None:
        self.got += data


class Terminals(Bench):
    """A bench with terminals: 40 columns, 12 lines and half a line."""

    def __init__(self) -> None:
        super().__init__(Gpu(324, 200))
        self.framebuffer = self.screen()
        self.terminals = VirtualTerminals(self.framebuffer)
        self.first = self.terminals.get(1)

    def close(self) -> None:
        """Everything goes while its memory is there."""
        keyboards.keyboard._client = None
        irq._lines.clear()
        del self.framebuffer, self.terminals, self.first
        gc.collect()
        super().close()

    def write(self, text: str, terminal: VirtualTerminal | None = None) -> None:
        """Write, and let it be shown."""
        (terminal or self.first).write(text.encode())
        self.pass_time(2 * FRAME_NS)

    @property
    def text(self) -> list[str]:
        """What can be read on the screen."""
        return glyphs.text(self.model.pixel, self.model.size)

    def cell(self, x: int, y: int) -> tuple[str, int, int]:
        return glyphs.character(self.model.pixel, x * 8, y * 16)


@pytest.fixture
def bench() -> Iterator[Terminals]:
    bench = Terminals()
    yield bench
    bench.close()


def test_text_is_on_the_screen(bench: Terminals) -> None:
    bench.write("Hello, world: Grüße ═┼═ ▒ 0O1lI")
    assert bench.text[0].rstrip() == "Hello, world: Grüße ═┼═ ▒ 0O1lI"
    assert (bench.first.terminal.window.rows, bench.first.terminal.window.columns) == (12, 40)
    assert not timer._heap, "an idle terminal is idle"


def test_colours_underline_and_cursor(bench: Terminals) -> None:
    bench.write("\x1b[31mr\x1b[1;33;44my\x1b[m\x1b[4mu\x1b[m\x1b[7mi\x1b[m")
    assert bench.cell(0, 0) == ("r", 0xAA0000, 0)
    assert bench.cell(1, 0) == ("y", 0xFFFF55, 0x0000AA)
    assert bench.model.pixel(2 * 8, 14) == 0xAAAAAA
    assert bench.cell(3, 0)[:2] == ("i", 0)
    assert bench.cell(4, 0)[1:] == (0xAAAAAA, 0xAAAAAA), "the cursor"
    bench.write("\x1b[5;7H")
    assert bench.cell(4, 0)[2] == 0, "where it was is as it was"
    assert bench.cell(6, 4)[2] == 0xAAAAAA
    bench.write("\x1b[?25l")
    assert bench.cell(6, 4)[2] == 0


def test_scrolling_paints_what_is_really_elsewhere(bench: Terminals) -> None:
    bench.write("\x1b[?25l" + "".join(f"\r\nline {number}" for number in range(100)))
    assert bench.text == [f"line {number}" for number in range(88, 100)]
    before = len(bench.model.flushes)
    bench.write("".join(f"\r\nline {number}" for number in range(100, 300)))
    assert bench.text == [f"line {number}" for number in range(288, 300)]
    assert len(bench.model.flushes) - before <= 2, "200 lines, two frames"


def test_a_line_that_changes_is_all_that_is_transferred(bench: Terminals) -> None:
    bench.write("\x1b[?25l\x1b[2J")
    bench.write("\x1b[4;1Hx")
    assert bench.model.transfers[-1] == (0, 48, 328, 16)


def test_every_glyph_can_be_told_from_the_others(bench: Terminals) -> None:
    codes = [code for first, last in screenfont.RANGES for code in range(first, last + 1) if code not in (0xA0, 0xAD)]
    for start in range(0, len(codes), 400):
        part = codes[start : start + 400]
        bench.write("\x1b[?25l\x1b[H\x1b[2J" + "\r\n".join("".join(map(chr, part[at : at + 40])) for at in range(0, len(part), 40)))
        shown = "".join(line.ljust(40) for line in bench.text)
        pictures = {code: screenfont.GLYPHS[screenfont.glyph(code) * 16 :][:16] for code in part}
        for index, code in enumerate(part):
            picture = pictures[code]
            negative = bytes(255 - byte for byte in picture)
            alike = glyphs.patterns().get(picture), glyphs.patterns().get(negative), "?", " "
            assert shown[index] in alike, f"U+{code:04X}"
    letters = [screenfont.GLYPHS[screenfont.glyph(code) * 16 :][:16] for code in range(0x21, 0x7F)]
    assert len(set(letters)) == len(letters), "no two of ASCII look alike"
    assert screenfont.glyph(0x4E2D) == screenfont.REPLACEMENT


def test_another_terminal_is_shown(bench: Terminals) -> None:
    bench.write("first")
    second = bench.terminals.get(2)
    bench.write("second", second)
    assert bench.text[0].startswith("first")
    bench.first.keys.special(Special.SHOW, 2)
    bench.pass_time()
    assert bench.text[0].startswith("second")
    bench.write(" more", bench.first)
    assert bench.text[0].startswith("second")
    second.keys.special(Special.PREVIOUS, 0)
    bench.pass_time()
    assert bench.text[0].startswith("first more")
    bench.first.keys.special(Special.PREVIOUS, 0)
    assert bench.terminals.shown == TERMINALS


def test_keys_go_to_the_terminal_that_is_shown(bench: Terminals) -> None:
    second = bench.terminals.get(2)
    readers = [Reader(), Reader()]
    bench.first.attach(readers[0])
    second.attach(readers[1])
    client = keyboards.keyboard.client()
    assert client is bench.first.keys
    client.typed(b"a")
    bench.terminals.show(2)
    client = keyboards.keyboard.client()
    assert client is not None
    client.typed(b"b" * 150)
    assert (readers[0].got, readers[1].got) == (b"a", b"b" * 100), "no more than there is room for"


def test_questions_are_answered_after_the_write(bench: Terminals) -> None:
    reader = Reader()
    bench.first.attach(reader)
    bench.first.write(b"\x1b[3;4H\x1b[6n")
    assert reader.got == b""
    bench.pass_time()
    assert reader.got == b"\x1b[3;4R"


def draw(bench: Terminals, row: int) -> None:
    """As a program does, with the framebuffer's file."""
    from scarlet.kernel.memory.buffer import KernelBytes

    memory = bench.framebuffer.memory
    assert memory is not None
    stride = bench.framebuffer.mode.stride
    memory.store(row * stride, KernelBytes(bytearray(b"\xff" * stride)), 0, stride)
    bench.framebuffer.damage_bytes(row * stride, (row + 1) * stride)
    bench.framebuffer.request()
    bench.pass_time(2 * FRAME_NS)


def test_graphics_and_back(bench: Terminals) -> None:
    bench.write("text")
    bench.framebuffer.acquire()
    bench.first.show_graphics()
    draw(bench, 3)
    bench.write("\r\nunseen")
    assert bench.model.pixel(200, 3) == 0xFFFFFF
    assert "unseen" not in bench.text
    bench.first.keys.special(Special.SHOW, 2)
    assert bench.terminals.shown == 1, "no other terminal draws over it"
    bench.first.show_text()
    bench.pass_time(2 * FRAME_NS)
    assert bench.text[:2] == ["text", "unseen"]
    assert bench.model.pixel(200, 3) == 0
    bench.framebuffer.release()


def test_a_graphics_program_that_dies_leaves_a_terminal(bench: Terminals) -> None:
    bench.write("text")
    bench.framebuffer.acquire()
    bench.first.show_graphics()
    bench.first.keys.keyboard.mode = KeyboardMode.RAW
    draw(bench, 3)
    draw(bench, 199)
    bench.framebuffer.set_blank(blank=True)
    bench.framebuffer.release()
    bench.pass_time(2 * FRAME_NS)
    assert bench.first.shows is Shows.TEXT
    assert bench.first.keys.keyboard.mode is KeyboardMode.UNICODE
    assert bench.text[0].startswith("text")
    assert bench.model.pixel(200, 3) == 0
    assert bench.model.pixel(323, 199) == 0, "the margins too"


def test_a_picture_stays_until_the_text_scrolls(bench: Terminals) -> None:
    bench.write("text")
    draw(bench, 40)
    bench.write(" more")
    assert bench.model.pixel(200, 40) == 0xFFFFFF
    bench.write("\r\n" * 20)
    assert bench.model.pixel(200, 40) == 0


def test_the_window_is_resized(bench: Terminals) -> None:
    bench.write("one\r\ntwo")
    bench.model.resize(640, 400)
    bench.serve()
    bench.pass_time(2 * FRAME_NS)
    assert bench.text[:2] == ["one", "two"]
    window = bench.first.terminal.window
    assert (window.rows, window.columns, window.width, window.height) == (25, 80, 640, 400)


def test_terminals_before_the_screen_has_told_its_size() -> None:
    bench = Bench(Gpu(320, 200))
    driver = bench.driver()
    terminals = VirtualTerminals(driver.screen)
    terminals.get(1).write(b"early")
    assert terminals.get(1).terminal.window.columns == 80
    bench.serve()
    bench.pass_time()
    assert glyphs.line(bench.model.pixel, 0, 40) == "early"
    assert terminals.get(1).terminal.window.columns == 40
    keyboards.keyboard._client = None
    del driver, terminals
    irq._lines.clear()
    gc.collect()
    bench.close()


def test_looking_back_with_the_keyboard(bench: Terminals) -> None:
    bench.write("\x1b[?25l" + "".join(f"\r\nline {number}" for number in range(30)))
    bench.first.keys.special(Special.SCROLL_BACK, 0)
    bench.pass_time()
    assert bench.text[0] == "line 12"
    bench.first.keys.special(Special.SCROLL_FORWARD, 0)
    bench.pass_time()
    assert bench.text[0] == "line 18"
