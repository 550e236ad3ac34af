"""The size of the terminal's window, as the host reports it to a machine."""

import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from scarlet.cli import window


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal that stands for standard output."""
    master, slave = pty.openpty()
    monkeypatch.setattr(window, "STDOUT", slave)
    yield slave
    os.close(slave)
    os.close(master)


def resize(terminal: int, rows: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("=4H", rows, columns, 8, 16))


def test_a_report_at_the_beginning_and_one_for_each_change(terminal: int) -> None:
    before = signal.getsignal(signal.SIGWINCH)
    resize(terminal, 24, 80)
    with window.reports() as descriptor:
        assert struct.unpack("<4H", os.read(descriptor, 100)) == (24, 80, 8, 16)
        resize(terminal, 50, 132)
        os.kill(os.getpid(), signal.SIGWINCH)
        assert struct.unpack("<4H", os.read(descriptor, 100)) == (50, 132, 8, 16)
    assert signal.getsignal(signal.SIGWINCH) == before


def test_a_machine_that_does_not_read_hinders_nobody(terminal: int) -> None:
    with window.reports():
        for _ in range(3000):
            os.kill(os.getpid(), signal.SIGWINCH)


def test_what_is_no_terminal_has_no_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        monkeypatch.setattr(window, "STDOUT", file.fileno())
        assert window.measure() == (0, 0, 0, 0)
