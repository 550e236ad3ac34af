"""The line discipline, as a table: what is typed, what the screen gets, what reads give. (termios(3))

The expectations were checked against a pseudo-terminal of Linux by test_linux_says_the_same, which runs wherever there is one.
"""

import os
import pty
import select
import termios as host_termios

import pytest

from objects.terminal import Terminal
from objects.terminal_device import TerminalDevice
from objects.termios import Control, InputMode, LocalMode, OutputMode, Termios, When

CANONICAL = LocalMode.ISIG | LocalMode.ICANON | LocalMode.IEXTEN
ECHO = LocalMode.ECHO | LocalMode.ECHOE | LocalMode.ECHOK | LocalMode.ECHOCTL | LocalMode.ECHOKE
USUAL = CANONICAL | ECHO


class Screen(TerminalDevice):
    """A device that shows everything at once, or as much as `room` allows."""

    def __init__(self, room: int = 1 << 30) -> None:
        super().__init__()
        self.shown = bytearray()
        self.room = room
        self.resumed = 0

    def write(self, data: bytes) -> int:
        taken = min(len(data), self.room)
        self.shown += data[:taken]
        self.room -= taken
        return taken

    def make_room(self, room: int) -> None:
        self.room = room
        client = self.client()
        assert client is not None
        client.output_ready()

    def resume_input(self) -> None:
        self.resumed += 1


def new_terminal(
    local: LocalMode = USUAL,
    input: InputMode = InputMode.ICRNL | InputMode.IXON,
    output: OutputMode = OutputMode.OPOST | OutputMode.ONLCR,
    **characters: int,
) -> tuple[Terminal, Screen]:
    screen = Screen()
    terminal = Terminal(screen, 0, b"ttyT")
    wanted = Termios()
    wanted.local = local
    wanted.input = input
    wanted.output = output
    for name, value in characters.items():
        wanted.characters[Control[name]] = value
    terminal.set_attributes(wanted, When.NOW)
    return terminal, screen


def reads(terminal: Terminal, size: int = 100) -> list[bytes]:
    """What reads give until the next would wait."""
    out = []
    while terminal.editor.readable() > 0:
        out.append(terminal.editor.take(size))
        terminal.input_taken()
    return out


# name, local modes, input modes, typed, echoed, read
CASES = [
    ("plain line", USUAL, InputMode.ICRNL, b"hi\r", b"hi\r\n", [b"hi\n"]),
    ("newline", USUAL, InputMode.ICRNL, b"hi\n", b"hi\r\n", [b"hi\n"]),
    ("two lines", USUAL, InputMode.ICRNL, b"a\nb\nc", b"a\r\nb\r\nc", [b"a\n", b"b\n"]),
    ("no ICRNL", USUAL, InputMode.NONE, b"a\rb\n", b"a^Mb\r\n", [b"a\rb\n"]),
    ("IGNCR", USUAL, InputMode.IGNCR | InputMode.ICRNL, b"a\rb\n", b"ab\r\n", [b"ab\n"]),
    ("INLCR", USUAL, InputMode.INLCR, b"a\nb", b"a^Mb", []),
    ("no echo", CANONICAL, InputMode.ICRNL, b"secret\r", b"", [b"secret\n"]),
    ("ECHONL without echo", CANONICAL | LocalMode.ECHONL, InputMode.ICRNL, b"secret\r", b"\r\n", [b"secret\n"]),
    ("erase", USUAL, InputMode.ICRNL, b"abc\x7f\x7fx\r", b"abc\b \b\b \bx\r\n", [b"ax\n"]),
    ("erase at the start", USUAL, InputMode.ICRNL, b"\x7f\x7fa\r", b"a\r\n", [b"a\n"]),
    ("erase stops at a finished line", USUAL, InputMode.ICRNL, b"a\n\x7fb\n", b"a\r\nb\r\n", [b"a\n", b"b\n"]),
    ("erase without ECHOE", CANONICAL | LocalMode.ECHO | LocalMode.ECHOCTL, InputMode.ICRNL, b"ab\x7f\r", b"ab^?\r\n", [b"a\n"]),
    ("erase a control character", USUAL, InputMode.ICRNL, b"a\x01\x7fb\r", b"a^A\b \b\b \bb\r\n", [b"ab\n"]),
    ("erase a control character unseen", USUAL & ~LocalMode.ECHOCTL, InputMode.ICRNL, b"a\x01\x7fb\r", b"a\x01b\r\n", [b"ab\n"]),
    ("erase a tab", USUAL, InputMode.ICRNL, b"ab\t\x7fc\r", b"ab\t" + b"\b" * 6 + b"c\r\n", [b"abc\n"]),
    ("erase a second tab", USUAL, InputMode.ICRNL, b"\ta\t\x7f\r", b"\ta\t" + b"\b" * 7 + b"\r\n", [b"\ta\n"]),
    ("erase UTF-8 bytewise", USUAL, InputMode.ICRNL, b"\xc3\xa4\x7f\r", b"\xc3\xa4\b \b\r\n", [b"\xc3\n"]),
    ("erase UTF-8", USUAL, InputMode.ICRNL | InputMode.IUTF8, b"a\xc3\xa4\x7f\r", b"a\xc3\xa4\b \b\r\n", [b"a\n"]),
    ("word erase", USUAL, InputMode.ICRNL, b"ls foo_1  \x17x\r", b"ls foo_1  " + b"\b \b" * 7 + b"x\r\n", [b"ls x\n"]),
    ("word erase twice", USUAL, InputMode.ICRNL, b"a-b\x17\x17\r", b"a-b" + b"\b \b" * 3 + b"\r\n", [b"\n"]),
    ("word erase without IEXTEN", USUAL & ~LocalMode.IEXTEN, InputMode.ICRNL, b"a\x17\r", b"a^W\r\n", [b"a\x17\n"]),
    ("kill", USUAL, InputMode.ICRNL, b"abc\x15d\r", b"abc" + b"\b \b" * 3 + b"d\r\n", [b"d\n"]),
    ("kill without ECHOKE", USUAL & ~LocalMode.ECHOKE, InputMode.ICRNL, b"abc\x15d\r", b"abc^U\r\nd\r\n", [b"d\n"]),
    ("kill without ECHOK", USUAL & ~(LocalMode.ECHOKE | LocalMode.ECHOK), InputMode.ICRNL, b"ab\x15d\r", b"ab^Ud\r\n", [b"d\n"]),
    ("kill unseen", CANONICAL, InputMode.ICRNL, b"abc\x15d\r", b"", [b"d\n"]),
    ("end of file", USUAL, InputMode.ICRNL, b"\x04", b"", [b""]),
    ("end of file in a line", USUAL, InputMode.ICRNL, b"ab\x04c\n", b"abc\r\n", [b"ab", b"c\n"]),
    ("end of file twice", USUAL, InputMode.ICRNL, b"ab\x04\x04", b"ab", [b"ab", b""]),
    ("literal next", USUAL, InputMode.ICRNL, b"\x16\x03\x16\x7f\r", b"^\b^C^\b^?\r\n", [b"\x03\x7f\n"]),
    ("literal newline", USUAL, InputMode.ICRNL, b"a\x16\nb\r", b"a^\b^Jb\r\n", [b"a\nb\n"]),
    ("reprint", USUAL, InputMode.ICRNL, b"ab\x12c\r", b"ab^R\r\nabc\r\n", [b"abc\n"]),
    ("ISTRIP", USUAL, InputMode.ICRNL | InputMode.ISTRIP, b"\xe1\r", b"a\r\n", [b"a\n"]),
    ("IUCLC", USUAL, InputMode.ICRNL | InputMode.IUCLC, b"ABc\r", b"abc\r\n", [b"abc\n"]),
    ("IUCLC without IEXTEN", USUAL & ~LocalMode.IEXTEN, InputMode.ICRNL | InputMode.IUCLC, b"ABc\r", b"ABc\r\n", [b"ABc\n"]),
    ("PARMRK doubles 0xff", USUAL, InputMode.ICRNL | InputMode.PARMRK, b"\xff\r", b"\xff\r\n", [b"\xff\xff\n"]),
    ("ECHOPRT", USUAL | LocalMode.ECHOPRT, InputMode.ICRNL, b"abc\x7f\x7fd\r", b"abc\\cb/d\r\n", [b"ad\n"]),
    ("raw", LocalMode.NONE, InputMode.NONE, b"a\r\n\x04\x7f", b"", [b"a\r\n\x04\x7f"]),
    ("raw with echo", LocalMode.ECHO, InputMode.NONE, b"a\r\x04", b"a\r\x04", [b"a\r\x04"]),
    ("raw with ICRNL", LocalMode.ECHO | LocalMode.ECHOCTL, InputMode.ICRNL, b"a\r\x04", b"a\r\n^D", [b"a\n\x04"]),
]  # fmt: skip


@pytest.mark.parametrize(("local", "input", "typed", "echoed", "read"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_typed_echoed_read(local: LocalMode, input: InputMode, typed: bytes, echoed: bytes, read: list[bytes]) -> None:
    terminal, screen = new_terminal(local, input)
    terminal.received(typed)
    assert bytes(screen.shown) == echoed
    assert reads(terminal) == read


@pytest.mark.parametrize(("local", "input", "typed", "echoed", "read"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_linux_says_the_same(local: LocalMode, input: InputMode, typed: bytes, echoed: bytes, read: list[bytes]) -> None:
    shown, got = linux(local, input, typed, len(echoed), len(read))
    assert shown == echoed
    assert got == read


def linux(local: LocalMode, input: InputMode, typed: bytes, echoed: int, count: int) -> tuple[bytes, list[bytes]]:
    """The same through a pseudo-terminal of the host; so many bytes of echo and reads are waited for, more would be seen."""
    master, slave = pty.openpty()
    try:
        modes = host_termios.tcgetattr(slave)
        modes[0] = int(input)
        modes[1] = int(OutputMode.OPOST | OutputMode.ONLCR)
        modes[3] = int(local)
        modes[6] = [bytes([byte]) for byte in Termios().characters] + modes[6][19:]
        host_termios.tcsetattr(slave, host_termios.TCSANOW, modes)
        os.set_blocking(slave, False)
        os.set_blocking(master, False)
        os.write(master, typed)
        got = []
        for _ in range(count):
            assert select.select([slave], [], [], 10)[0]
            got.append(os.read(slave, 100))
        shown = b""
        while len(shown) < echoed and select.select([master], [], [], 10)[0]:
            shown += os.read(master, 1000)
        if select.select([master], [], [], 0.01)[0]:
            shown += os.read(master, 1000)
        with pytest.raises(BlockingIOError):
            os.read(slave, 100)
    finally:
        os.close(master)
        os.close(slave)
    return shown, got


OUTPUT = [
    ("ONLCR", OutputMode.OPOST | OutputMode.ONLCR, b"a\nb", b"a\r\nb"),
    ("no OPOST", OutputMode.ONLCR, b"a\nb", b"a\nb"),
    ("OCRNL", OutputMode.OPOST | OutputMode.OCRNL, b"a\rb", b"a\nb"),
    ("ONOCR", OutputMode.OPOST | OutputMode.ONOCR, b"\ra\r\r", b"a\r"),
    ("XTABS", OutputMode.OPOST | OutputMode.XTABS, b"a\tb\t", b"a       b       "),
    ("XTABS after a return", OutputMode.OPOST | OutputMode.XTABS, b"abc\rd\t", b"abc\rd       "),
    ("OLCUC", OutputMode.OPOST | OutputMode.OLCUC, b"aZ\xe4", b"AZ\xe4"),
]


@pytest.mark.parametrize(("modes", "written", "shown"), [case[1:] for case in OUTPUT], ids=[case[0] for case in OUTPUT])
def test_output_processing(modes: OutputMode, written: bytes, shown: bytes) -> None:
    terminal, screen = new_terminal(output=modes)
    terminal.put(written)
    assert bytes(screen.shown) == shown


# --- reading in parts, changing modes, long lines ---


def test_a_line_is_read_in_parts_and_an_end_mark_right_after_is_taken_along() -> None:
    terminal, _screen = new_terminal()
    terminal.received(b"abcdef\nxy\x04z\n")
    assert [terminal.editor.take(4) for _ in range(4)] == [b"abcd", b"ef\n", b"xy", b"z\n"]
    terminal.received(b"1234\x04")
    assert terminal.editor.take(4) == b"1234"
    assert terminal.editor.readable() == 0


def test_countable_bytes_leave_out_end_marks() -> None:
    terminal, _screen = new_terminal()
    terminal.received(b"ab\n\x04c")
    assert terminal.editor.countable() == 3


def test_leaving_canonical_mode_makes_the_unfinished_line_readable() -> None:
    terminal, _screen = new_terminal()
    terminal.received(b"one\ntw")
    raw = terminal.settings.copy()
    raw.local = LocalMode.NONE
    terminal.set_attributes(raw, When.NOW)
    assert reads(terminal) == [b"one\ntw"]


def test_entering_canonical_mode_makes_what_is_there_a_line() -> None:
    terminal, _screen = new_terminal(LocalMode.NONE)
    terminal.received(b"abc")
    usual = terminal.settings.copy()
    usual.local = USUAL
    terminal.set_attributes(usual, When.NOW)
    terminal.received(b"d\n")
    assert reads(terminal) == [b"abc", b"d\n"]


def test_flush_attributes_forget_input() -> None:
    terminal, _screen = new_terminal()
    terminal.received(b"gone\nxx")
    terminal.set_attributes(terminal.settings.copy(), When.FLUSH)
    terminal.received(b"y\n")
    assert reads(terminal) == [b"y\n"]


def test_a_line_too_long_loses_its_tail_but_can_be_ended() -> None:
    terminal, screen = new_terminal(CANONICAL, InputMode.ICRNL | InputMode.IMAXBEL)
    for _ in range(50):
        terminal.received(b"x" * 100)
    terminal.received(b"\n")
    assert reads(terminal, 5000) == [b"x" * 4095 + b"\n"]
    assert set(screen.shown) == {7}


def test_input_without_reader_waits_for_room_and_nothing_is_lost() -> None:
    terminal, screen = new_terminal(LocalMode.NONE, InputMode.NONE)
    sent = bytearray()
    while terminal.room() > 0:
        part = bytes((len(sent) + i) % 251 for i in range(min(500, terminal.room())))
        terminal.received(part)
        sent += part
    assert len(sent) > 8000
    got = b"".join(reads(terminal, 1000))
    assert got == bytes(sent)
    assert screen.resumed == 1


# --- flow control ---


def test_stop_and_start_hold_output_back() -> None:
    terminal, screen = new_terminal()
    terminal.received(b"\x13")
    terminal.put(b"hello")
    assert not terminal.writable() and bytes(screen.shown) == b""
    terminal.received(b"\x11")
    assert terminal.writable() and bytes(screen.shown) == b"hello"
    assert reads(terminal) == []


def test_any_character_restarts_under_ixany() -> None:
    terminal, screen = new_terminal(CANONICAL, InputMode.IXON | InputMode.IXANY)
    terminal.received(b"\x13")
    terminal.put(b"hello")
    terminal.received(b"x\n")
    assert bytes(screen.shown) == b"hello"
    assert reads(terminal) == [b"x\n"]


def test_switching_ixon_off_restarts() -> None:
    terminal, screen = new_terminal()
    terminal.received(b"\x13")
    terminal.put(b"hello")
    wanted = terminal.settings.copy()
    wanted.input = InputMode.ICRNL
    terminal.set_attributes(wanted, When.NOW)
    assert bytes(screen.shown) == b"hello"


def test_a_slow_device_gets_everything_in_order() -> None:
    terminal, screen = new_terminal()
    screen.room = 5
    terminal.put(b"0123456789")
    terminal.received(b"ab")
    assert bytes(screen.shown) == b"01234" and terminal.unsent() == 7
    screen.make_room(100)
    assert bytes(screen.shown) == b"0123456789ab" and terminal.unsent() == 0


def test_ixoff_asks_the_other_side_to_wait() -> None:
    terminal, screen = new_terminal(LocalMode.NONE, InputMode.IXOFF)
    for _ in range(50):
        terminal.received(b"x" * 100)
    assert bytes(screen.shown) == b"\x13"
    while terminal.editor.readable() > 0:
        terminal.editor.take(1000)
        terminal.input_taken()
    assert bytes(screen.shown) == b"\x13\x11"
