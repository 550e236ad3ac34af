"""The size of the host's window on its way to a terminal: whole reports, in pieces, in heaps. (objects/windowreports.py)"""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from objects.terminal import Terminal
from objects.windowreports import WindowReports
from tests.objects.test_terminal_input import Screen

Size = tuple[int, int, int, int]
SIZES = st.tuples(*[st.integers(0, 0xFFFF)] * 4)


def window(terminal: Terminal) -> Size:
    size = terminal.window
    return size.rows, size.columns, size.width, size.height


@settings(derandomize=True)
@given(st.lists(SIZES, max_size=8), st.lists(st.integers(1, 20), max_size=8))
def test_the_last_whole_report_counts_however_it_is_cut(sizes: list[Size], cuts: list[int]) -> None:
    line = Screen()
    terminal = Terminal(Screen(), 0, b"ttyT")
    reports = WindowReports(line, terminal)
    wire = b"".join(struct.pack("<4H", *size) for size in sizes)
    position = 0
    for cut in [*cuts, len(wire)]:
        piece = wire[position : position + cut]
        assert len(piece) <= reports.room()
        reports.received(piece)
        position += len(piece)
        whole = position // 8
        assert window(terminal) == (sizes[whole - 1] if whole else (0, 0, 0, 0))


def test_what_came_before_anybody_looked_is_asked_for() -> None:
    line = Screen()
    reports = WindowReports(line, Terminal(Screen(), 0, b"ttyT"))
    assert line.client() is reports
    assert line.resumed == 1
