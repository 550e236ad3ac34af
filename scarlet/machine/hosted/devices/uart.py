"""The 16550A serial port with FIFOs, and the host's side of its line.

Source: National Semiconductor PC16550D data sheet, section 8 "Registers". Transmission takes no time, so the
transmitter is empty unless the line is blocked. Received characters wait with the host until the 16-character FIFO has
room (as QEMU's character devices do), so none is ever lost.
"""

import os
import select
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Protocol

FIFO_SIZE = 16
TRIGGER_LEVELS = (1, 4, 8, 14)


class Input(Protocol):
    """Where received characters come from."""

    def take(self, limit: int) -> bytes:
        """At most `limit` characters that are there now."""

    def wait(self, timeout_ns: int | None) -> bool:
        """Wait for a character; False when none came in time, or none will ever come."""


class ScriptInput:
    """A fixed sequence of characters, all there from the start."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, limit: int) -> bytes:
        out = self._data[self._position : self._position + limit]
        self._position += len(out)
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        return self._position < len(self._data)


class FileInput:
    """A host file descriptor: a terminal (which the caller has put into raw mode), a pipe or a file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ended = False

    def take(self, limit: int) -> bytes:
        if self._ended or not self.wait(0):
            return b""
        data = os.read(self._descriptor, limit)
        self._ended = not data
        return data

    def wait(self, timeout_ns: int | None) -> bool:
        if self._ended:
            return False
        ready, _, _ = select.select([self._descriptor], [], [], None if timeout_ns is None else timeout_ns / 1e9)
        return bool(ready)


class Uart:
    """Registers at offsets 0 to 7; `line` is told the level of the interrupt line. While `blocked`, the transmitter
    does not get rid of its character."""

    def __init__(self, source: Input | bytes, output: BinaryIO, line: Callable[[bool], None]) -> None:
        self.source: Input = ScriptInput(source) if isinstance(source, bytes) else source
        self._output = output
        self._line = line
        self._received: deque[int] = deque()
        self._interrupt_enable = 0
        self._fifo_control = 0
        self._line_control = 0
        self._modem_control = 0
        self._scratch = 0
        self._divisor = 0
        self._overrun = False
        self._transmitter_reported = False
        self.blocked = False

    def poll(self) -> None:
        """Take characters from the host while the FIFO has room."""
        self._update()
        room = (FIFO_SIZE if self._fifo_control & 1 else 1) - len(self._received)
        if room > 0:
            arrived = self.source.take(room)
            if arrived:
                self._received.extend(arrived)
                self._update()

    def lose_character(self) -> None:
        """Have a character arrive for which there is no room."""
        self._overrun = True
        self._update()

    def wait(self) -> bool:
        """Wait for input that can be received; False if none will come, or it could not interrupt."""
        return bool(self._interrupt_enable & 1) and not self._received and self.source.wait(None)

    def flush(self) -> None:
        """Let the host see what was written."""
        self._output.flush()

    def _cause(self) -> int:
        """The interrupt identification register's low bits: the most urgent enabled cause, 1 for none."""
        if self._interrupt_enable & 4 and self._overrun:
            return 0x06
        if self._interrupt_enable & 1 and self._received:
            trigger = TRIGGER_LEVELS[self._fifo_control >> 6 & 3] if self._fifo_control & 1 else 1
            return 0x04 if len(self._received) >= trigger else 0x0C
        if self._interrupt_enable & 2 and not self._transmitter_reported and not self.blocked:
            return 0x02
        return 0x01

    def _update(self) -> None:
        self._line(self._cause() != 1)

    def read(self, offset: int, size: int) -> int:
        latched = self._line_control & 0x80
        match offset:
            case 0:
                if latched:
                    return self._divisor & 0xFF
                value = self._received.popleft() if self._received else 0
                self.poll()
                return value
            case 1:
                return self._divisor >> 8 if latched else self._interrupt_enable
            case 2:
                cause = self._cause()
                if cause == 0x02:
                    self._transmitter_reported = True
                    self._update()
                return cause | (0xC0 if self._fifo_control & 1 else 0)
            case 3:
                return self._line_control
            case 4:
                return self._modem_control
            case 5:
                self.poll()
                status = (0 if self.blocked else 0x60) | (1 if self._received else 0) | (2 if self._overrun else 0)
                self._overrun = False
                self._update()
                return status
            case 6:
                return 0xB0  # carrier, data set ready, clear to send
            case 7:
                return self._scratch
            case _:
                return 0

    def write(self, offset: int, size: int, value: int) -> None:
        latched = self._line_control & 0x80
        match offset:
            case 0:
                if latched:
                    self._divisor = self._divisor & 0xFF00 | value
                else:
                    self._transmit(value)
            case 1:
                if latched:
                    self._divisor = self._divisor & 0xFF | value << 8
                else:
                    self._interrupt_enable = value & 0x0F
                    self._transmitter_reported = False
            case 2:
                self._fifo_control = value
                if value & 2:
                    self._received.clear()
            case 3:
                self._line_control = value
            case 4:
                self._modem_control = value & 0x1F
            case 7:
                self._scratch = value
        self._update()

    def _transmit(self, value: int) -> None:
        self._transmitter_reported = False
        if self._modem_control & 0x10:  # loopback
            if len(self._received) >= FIFO_SIZE:
                self._overrun = True
            else:
                self._received.append(value)
        else:
            self._output.write(bytes([value]))
            if value == 10:
                self._output.flush()
