"""The 16550A serial port: received characters by interrupt, transmission through a buffer.

Source: National Semiconductor PC16550D data sheet, section 8. The line is left as the firmware set it but for the
format (8 data bits, no parity, one stop bit).

Invariants:
- No received character is lost while the receiver says it has no room: the receive interrupt stays off until resume(),
  and the line waits (QEMU stops its sender).
- The transmit interrupt is on exactly while the buffer holds characters.
- Neither write() nor interrupt() blocks: who wants to wait for room sleeps on `writable`.
"""

from enum import IntFlag
from typing import Final

from scarlet.kernel.irq import InterruptHandler
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.machine import mmio

RECEIVE: Final = 0
TRANSMIT: Final = 0
INTERRUPT_ENABLE: Final = 1
FIFO_CONTROL: Final = 2
LINE_CONTROL: Final = 3
MODEM_CONTROL: Final = 4
LINE_STATUS: Final = 5

FIFO_SIZE: Final = 16
EIGHT_BITS_NO_PARITY: Final = 0x03
TRANSMIT_BUFFER_BYTES: Final = 4096


class Interrupts(IntFlag):
    """The interrupt enable register."""

    RECEIVED = 1
    TRANSMITTER_EMPTY = 2
    LINE_STATUS = 4


class Fifo(IntFlag):
    """The FIFO control register. The receive interrupt comes with the fourteenth character, or when no other has followed for the time
    of four: a hand at the keyboard notices nothing, and QEMU passes on as many characters at a time as the level says."""

    ENABLE = 1
    CLEAR_RECEIVE = 2
    CLEAR_TRANSMIT = 4
    TRIGGER_14 = 0xC0


class Modem(IntFlag):
    """The modem control register. OUT2 lets the interrupt out of the chip."""

    TERMINAL_READY = 1
    REQUEST_TO_SEND = 2
    OUT2 = 8


class Line(IntFlag):
    """The line status register."""

    DATA_READY = 1
    OVERRUN = 2
    PARITY = 4
    FRAMING = 8
    BREAK = 16
    TRANSMIT_EMPTY = 32


class SerialReceiver:
    """Who takes the characters. Derive from it; its methods run in the interrupt and must not block."""

    def room(self) -> int:
        """How many characters it can take now. When it said 0 it calls Uart.resume() once there is room."""
        raise NotImplementedError("SerialReceiver.room")

    def receive(self, data: bytes) -> None:
        """Take characters, at most as many as room() said."""
        raise NotImplementedError("SerialReceiver.receive")

    def line_error(self, errors: Line) -> None:
        """A character arrived damaged (PARITY, FRAMING), was lost (OVERRUN), or the line was held in BREAK."""
        raise NotImplementedError("SerialReceiver.line_error")

    def transmit_ready(self) -> None:
        """The transmit buffer, which was full, has room, or its last character went to the chip."""


class Uart(InterruptHandler):
    """The port at a physical address. Characters wait in the chip until a receiver is set."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._receiver: SerialReceiver | None = None
        self._enabled = Interrupts(0)
        self._buffer = bytearray(TRANSMIT_BUFFER_BYTES)
        """A ring: `_waiting` characters from `_first` on."""
        self._first = 0
        self._waiting = 0
        self.writable = WaitQueue()
        """Woken when the transmit buffer, which was full, has room."""
        self.received = 0
        self.transmitted = 0
        self.overruns = 0
        self.damaged = 0
        self.breaks = 0
        """Counts since boot (TIOCGICOUNT)."""
        mmio.write8(base + INTERRUPT_ENABLE, 0)
        mmio.write8(base + LINE_CONTROL, EIGHT_BITS_NO_PARITY)
        mmio.write8(base + FIFO_CONTROL, int(Fifo.ENABLE | Fifo.CLEAR_RECEIVE | Fifo.CLEAR_TRANSMIT | Fifo.TRIGGER_14))
        mmio.write8(base + MODEM_CONTROL, int(Modem.TERMINAL_READY | Modem.REQUEST_TO_SEND | Modem.OUT2))

    # -- receiving

    def set_receiver(self, receiver: SerialReceiver) -> None:
        """Give characters to this one from now on. It must outlive the port's use of it."""
        self._receiver = receiver
        self._enable(self._enabled | Interrupts.RECEIVED | Interrupts.LINE_STATUS)

    def resume(self) -> None:
        """The receiver has room again."""
        if self._receiver is not None and not self._enabled & Interrupts.RECEIVED:
            self._enable(self._enabled | Interrupts.RECEIVED)

    def interrupt(self, irq: int) -> None:
        self._drain_receive()
        self._fill_transmit()

    def _drain_receive(self) -> None:
        """Pass on what has come; stop the line when the receiver has no room for it."""
        receiver = self._receiver
        if receiver is None:
            return
        while self._status() & Line.DATA_READY:
            room = receiver.room()
            if room == 0:
                self._enable(self._enabled & ~Interrupts.RECEIVED)
                return
            arrived = bytearray()
            while len(arrived) < room and self._status() & Line.DATA_READY:
                arrived.append(mmio.read8(self._base + RECEIVE))
            self.received += len(arrived)
            receiver.receive(bytes(arrived))

    def _status(self) -> Line:
        """The line status. Reading it clears its error bits: they are counted and passed on here."""
        status = Line(mmio.read8(self._base + LINE_STATUS))
        errors = status & (Line.OVERRUN | Line.PARITY | Line.FRAMING | Line.BREAK)
        if errors:
            self.overruns += 1 if errors & Line.OVERRUN else 0
            self.damaged += 1 if errors & (Line.PARITY | Line.FRAMING) else 0
            self.breaks += 1 if errors & Line.BREAK else 0
            if self._receiver is not None:
                self._receiver.line_error(errors)
        return status

    # -- transmitting

    def write(self, data: bytes) -> int:
        """Send characters; gives how many were taken, fewer than all when the buffer is full."""
        taken = 0
        if self._waiting == 0:
            taken = self._send_directly(data)
        while taken < len(data) and self._waiting < TRANSMIT_BUFFER_BYTES:
            self._buffer[(self._first + self._waiting) % TRANSMIT_BUFFER_BYTES] = data[taken]
            self._waiting += 1
            taken += 1
        if self._waiting > 0:
            self._enable(self._enabled | Interrupts.TRANSMITTER_EMPTY)
        return taken

    def write_room(self) -> int:
        """How many characters write() would take now."""
        return TRANSMIT_BUFFER_BYTES - self._waiting

    def unsent(self) -> int:
        """How many characters wait in the buffer (TIOCOUTQ)."""
        return self._waiting

    def discard(self) -> None:
        """Forget the characters that were not sent yet (TCOFLUSH)."""
        self._waiting = 0
        self._sent()

    def flush(self) -> None:
        """Send what is in the buffer before going on: for the last words of a machine, not for programs."""
        while self._waiting > 0:
            self._fill_transmit()

    def _send_directly(self, data: bytes) -> int:
        """Fill the chip's FIFO as often as it is empty; gives how many characters went."""
        sent = 0
        while sent < len(data) and self._status() & Line.TRANSMIT_EMPTY:
            end = min(len(data), sent + FIFO_SIZE)
            while sent < end:
                mmio.write8(self._base + TRANSMIT, data[sent])
                sent += 1
        self.transmitted += sent
        return sent

    def _fill_transmit(self) -> None:
        was_full = self._waiting == TRANSMIT_BUFFER_BYTES
        before = self._waiting
        while self._waiting > 0 and self._status() & Line.TRANSMIT_EMPTY:
            for _ in range(min(FIFO_SIZE, self._waiting)):
                mmio.write8(self._base + TRANSMIT, self._buffer[self._first])
                self._first = (self._first + 1) % TRANSMIT_BUFFER_BYTES
                self._waiting -= 1
        self.transmitted += before - self._waiting
        if self._waiting == 0 and self._enabled & Interrupts.TRANSMITTER_EMPTY:
            self._sent()
        elif was_full and before != self._waiting:
            self._tell_ready()

    def _sent(self) -> None:
        """The buffer is empty."""
        self._enable(self._enabled & ~Interrupts.TRANSMITTER_EMPTY)
        self._tell_ready()

    def _tell_ready(self) -> None:
        self.writable.wake_all()
        if self._receiver is not None:
            self._receiver.transmit_ready()

    def _enable(self, wanted: Interrupts) -> None:
        if wanted != self._enabled:
            self._enabled = wanted
            mmio.write8(self._base + INTERRUPT_ENABLE, int(wanted))
