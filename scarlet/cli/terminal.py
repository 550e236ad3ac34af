"""The host's terminal while a machine uses it: raw, and given back as it was whatever happens."""

import os
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ESCAPE = 0x01
"""Ctrl-A, as in QEMU's own console: Ctrl-A X leaves, Ctrl-A Ctrl-A is one Ctrl-A for the machine."""


def is_interactive() -> bool:
    """Both ends are terminals: someone types and someone reads."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def size() -> tuple[int, int]:
    """(rows, columns) of the terminal; (0, 0) if there is none."""
    try:
        found = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return 0, 0
    return found.lines, found.columns


@contextmanager
def raw() -> Iterator[None]:
    """Keys reach us as they are pressed, Ctrl-C included; the old settings return at the end."""
    descriptor = sys.stdin.fileno()
    saved = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, saved)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that terminals are restored and machines switched off."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    saved = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)


class Keys:
    """Separates what is meant for us from what is meant for the machine."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._escaped = False

    def feed(self, data: bytes) -> bytes:
        """The machine's part of the keys; calls `leave` at Ctrl-A X."""
        out = bytearray()
        for byte in data:
            if self._escaped:
                self._escaped = False
                if byte in b"xX":
                    self._leave()
                    return bytes(out)
                if byte != ESCAPE:
                    out.append(ESCAPE)
                out.append(byte)
            elif byte == ESCAPE:
                self._escaped = True
            else:
                out.append(byte)
        return bytes(out)
