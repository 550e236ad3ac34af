"""The kernel log: a ring of the last lines with their times (dmesg, /dev/kmsg), and the debug channel of the machine.

Levels are those of syslog(2). Every line goes into the ring; lines at or above the console level are written to scarlet.machine.debug too.
Logging never fails: out of memory, a line is lost and counted.
"""

from enum import IntEnum
from typing import Final

from scarlet.kernel import clock
from scarlet.machine import debug as channel
from scarlet.machine import panic

CAPACITY: Final = 512


class Level(IntEnum):
    """Severity, as in syslog(3): smaller is worse."""

    ERROR = 3
    WARNING = 4
    INFO = 6
    DEBUG = 7


class Line:
    """One line of the log. `sequence` counts all lines since boot, from 0."""

    def __init__(self, sequence: int, time_ns: int, level: Level, text: str) -> None:
        self.sequence = sequence
        self.time_ns = time_ns
        self.level = level
        self.text = text

    def format(self) -> str:
        """As dmesg(1) prints it."""
        return f"[{self.time_ns // 1_000_000_000:5d}.{self.time_ns // 1000 % 1_000_000:06d}] {self.text}"


_ring: Final[list[Line]] = []
_written = 0
_lost = 0
_console_level = Level.INFO


def debug(text: str) -> None:
    """For whoever mends the kernel."""
    _write(Level.DEBUG, text)


def info(text: str) -> None:
    """Something worth knowing happened."""
    _write(Level.INFO, text)


def warn(text: str) -> None:
    """Something is wrong, and was dealt with."""
    _write(Level.WARNING, text)


def error(text: str) -> None:
    """Something failed that should not."""
    _write(Level.ERROR, text)


def fatal(text: str) -> None:
    """Why the machine goes off: it is told even where the log is not shown."""
    error(text)
    channel.write_unshown((text + "\n").encode())


def failure(text: str, cause: BaseException) -> None:
    """The kernel met an exception that it should not have; `text` says what became of it."""
    error(f"{text}: {panic.origin(cause)}")


def trace(text: str) -> None:
    """Write part of a trace to the debug channel, as it is; it is not kept."""
    channel.write(text.encode())


def set_console_level(level: Level) -> None:
    """Write lines of this level and worse to the debug channel."""
    global _console_level
    _console_level = level


def console_level() -> Level:
    """What is written there now."""
    return _console_level


def lines(first: int = 0) -> list[Line]:
    """The lines still in the ring, oldest first, from sequence number `first` on."""
    found: list[Line] = []
    for offset in range(len(_ring)):
        line = _ring[(_written + offset) % len(_ring)] if len(_ring) == CAPACITY else _ring[offset]
        if line.sequence >= first:
            found.append(line)
    return found


def lost_lines() -> int:
    """Lines that memory was too short for."""
    return _lost


def _write(level: Level, text: str) -> None:
    global _written, _lost
    try:
        line = Line(_written, clock.monotonic_ns(), level, text)
        if len(_ring) < CAPACITY:
            _ring.append(line)
        else:
            _ring[_written % CAPACITY] = line
        _written += 1
        if level <= _console_level:
            channel.write((line.format() + "\n").encode())
    except MemoryError:
        _lost += 1
