"""The host's terminal while a machine uses it: raw, and given back as it was whatever happens."""

import contextlib
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ESCAPE = 0x01
"""Ctrl-A, as in QEMU's own console: Ctrl-A X leaves, Ctrl-A Ctrl-A is one Ctrl-A for the machine."""


def is_interactive() -> bool:
    """Both ends are terminals: someone types and someone reads."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is done to the terminal meanwhile, its settings return at the end."""
    descriptor = sys.stdin.fileno()
    if not os.isatty(descriptor):
        yield
        return
    saved = termios.tcgetattr(descriptor)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, saved)


@contextmanager
def raw() -> Iterator[None]:
    """Keys reach us as they are pressed, Ctrl-C included; the old settings return at the end."""
    with kept():
        tty.setraw(sys.stdin.fileno())
        yield


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
