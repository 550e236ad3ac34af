"""The line editor: keys in, the line out."""

import pytest

from scarlet.user.editor import Editor, History, Outcome

LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = b"\x1b[D", b"\x1b[C", b"\x1b[A", b"\x1b[B", b"\x1b[H", b"\x1b[F", b"\x1b[3~"


def edited(keys: bytes, history: History | None = None, width: int = 80, choices: tuple[bytes, ...] = ()) -> tuple[Editor, bytes]:
    editor = Editor(b"$ ", history or History(), width, lambda text: [c for c in choices if c.startswith(text.rpartition(b" ")[2])])
    shown = editor.start()
    for byte in keys:
        shown = editor.feed(byte) or shown
    return editor, shown


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (b"abc", b"abc"),
        (b"abc\x7f\x08x", b"ax"),
        (b"ac" + LEFT + b"b", b"abc"),
        (b"bc\x01a\x05d", b"abcd"),
        (b"bc" + HOME + b"a" + END + b"d", b"abcd"),
        (b"abc" + LEFT + LEFT + DELETE, b"ac"),
        (b"abc" + LEFT + b"\x04", b"ab"),
        (b"abc def" + LEFT + b"\x0b", b"abc de"),
        (b"abc def\x15x", b"x"),
        (b"abc def  \x17x", b"abc x"),
        (b"a" + RIGHT + LEFT + LEFT + b"b", b"ba"),
        ("grün€\x7f😀".encode(), "grün😀".encode()),
        (b"\x1b[9z\x1b[Zx\x02\x06", b"x"),
    ],
)
def test_keys_make_a_line(keys: bytes, line: bytes) -> None:
    assert edited(keys)[0].line == line


def test_enter_takes_the_line_and_control_c_drops_it() -> None:
    assert edited(b"ab\r")[0].outcome == Outcome.TAKEN
    assert edited(b"ab\x03")[0].outcome == Outcome.DROPPED
    assert edited(b"ab\x04")[0].outcome == Outcome.EDITING
    assert edited(b"\x04")[0].outcome == Outcome.ENDED


def test_history_goes_back_and_forth_and_keeps_what_was_being_written() -> None:
    history = History()
    for line in (b"first", b"second", b"second", b"  "):
        history.add(line)
    assert history.lines == [b"first", b"second"]
    assert edited(UP, history)[0].line == b"second"
    assert edited(UP + UP + UP, history)[0].line == b"first"
    assert edited(b"new" + UP + UP + DOWN + DOWN + b"er", history)[0].line == b"newer"


def test_what_is_shown_puts_the_cursor_where_it_is() -> None:
    assert edited(b"abc")[1] == b"c"
    assert edited(b"abc" + LEFT + LEFT)[1] == b"\r$ abc\x1b[K\x1b[2D"


def test_a_long_line_is_shown_around_the_cursor() -> None:
    _editor, shown = edited(b"0123456789abcdef", width=13)
    assert shown == b"\r$ 6789abcdef\x1b[K"
    _editor, shown = edited(b"0123456789abcdef\x01", width=13)
    assert shown == b"\r$ 0123456789\x1b[K\x1b[10D"


def test_tab_completes_as_far_as_the_choices_agree() -> None:
    assert edited(b"cat fo\t", choices=(b"foobar", b"foobaz"))[0].line == b"cat fooba"
    assert edited(b"cat foobar\t", choices=(b"foobar", b"xyz"))[0].line == b"cat foobar "
    assert edited(b"cat d\t", choices=(b"dir/",))[0].line == b"cat dir/"
    editor, shown = edited(b"cat fooba\t", choices=(b"foobar", b"foobaz"))
    assert b"foobar  foobaz" in shown and editor.line == b"cat fooba"
    assert edited(b"zzz\t", choices=())[1] == b"\x07"


def test_the_history_is_bounded() -> None:
    history = History()
    for number in range(1000):
        history.add(b"%d" % number)
    assert len(history.lines) == 200 and history.lines[-1] == b"999"


def test_a_line_is_shown_as_wide_as_the_terminal_is_now() -> None:
    editor, _ = edited(b"0123456789")
    editor.resize(12)
    shown = editor.feed(ord("x"))
    assert b"9x" in shown and b"0" not in shown
