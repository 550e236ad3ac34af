"""A line that a person types on: between the device and the terminal. (termios(3))

Input goes through flow control and signal characters here, then through the line editor; output through the printer. Bytes that the
device cannot take yet wait in `pending`, input that the editor cannot take yet in `backlog`. What a signal character means to
processes is the terminal's matter: it overrides signal().

received() and output_ready() run in interrupts and never wait.
"""

from typing import Final

from objects.editor import LineEditor
from objects.printer import Printer
from objects.restart import sleep_on
from objects.terminal_device import LineClient, TerminalDevice
from objects.termios import Control, Flow, InputMode, LocalMode, Termios
from scarlet.kernel.signals import Signal
from scarlet.kernel.waitqueue import WaitQueue

BACKLOG_SIZE: Final = 4096
PENDING_SIZE: Final = 4096
LOW_WATER: Final = 1024


class TypedLine(LineClient):
    """Input and output of a terminal."""

    def __init__(self, device: TerminalDevice) -> None:
        self.device = device
        self.settings = Termios()
        self.printer = Printer(self.settings)
        self.editor = LineEditor(self.settings, self.printer)
        self.backlog = bytearray()
        self.pending = bytearray()
        self.stopped = False
        """Output waits for a START character."""
        self.stopped_by_call = False
        """... or for tcflow(3), which a START character does not replace."""
        self.input_stopped = False
        """IXOFF: the other side was asked to wait."""
        self.readers = WaitQueue()
        self.writers = WaitQueue()
        device.attach(self)

    def signal(self, number: Signal) -> None:
        """A signal character was typed, or the line was in break."""
        raise NotImplementedError("TypedLine.signal")

    # --- input, from the device ---

    def room(self) -> int:
        """Bytes that received() will take now. After 0 the device hears resume_input()."""
        return BACKLOG_SIZE - len(self.backlog)

    def received(self, data: bytes) -> None:
        """Bytes came in; at most room() of them are kept."""
        self.backlog.extend(data[: self.room()])
        self._work_off()

    def line_break(self) -> None:
        """The line was held in break. (termios(3), BRKINT)"""
        modes = self.settings.input
        if modes & InputMode.IGNBRK:
            return
        if modes & InputMode.BRKINT:
            self._flush_for_signal()
            self.signal(Signal.SIGINT)
        elif modes & InputMode.PARMRK:
            self.received(b"\xff\x00\x00")
        else:
            self.received(b"\x00")

    def _work_off(self) -> None:
        """Give the backlog to the editor as far as it has room."""
        done = 0
        while done < len(self.backlog) and not self.editor.full():
            self._receive(self.backlog[done])
            done += 1
        del self.backlog[:done]
        self._show_echo()
        self._throttle()
        if self.editor.readable() > 0:
            self.readers.wake_all()

    def _receive(self, byte: int) -> None:
        settings = self.settings
        modes = settings.input
        if modes & InputMode.ISTRIP:
            byte &= 0x7F
        if modes & InputMode.IUCLC and settings.local & LocalMode.IEXTEN and 65 <= byte <= 90:
            byte += 32
        if not self.editor.literal_next:
            if modes & InputMode.IXON and self._flow_control(byte):
                return
            if settings.local & LocalMode.ISIG and self._signal_character(byte):
                return
            if self.stopped and modes & InputMode.IXON and modes & InputMode.IXANY:
                self.start_output()
        self.editor.receive(byte)

    def _flow_control(self, byte: int) -> bool:
        """START and STOP: was it one of them?"""
        if self.settings.is_control(byte, Control.START):
            self.start_output()
            return True
        if self.settings.is_control(byte, Control.STOP):
            self.stopped = True
            return True
        return False

    def _signal_character(self, byte: int) -> bool:
        """INTR, QUIT and SUSP: was it one of them?"""
        settings = self.settings
        if settings.is_control(byte, Control.INTR):
            number = Signal.SIGINT
        elif settings.is_control(byte, Control.QUIT):
            number = Signal.SIGQUIT
        elif settings.is_control(byte, Control.SUSP):
            number = Signal.SIGTSTP
        else:
            return False
        self._show_echo()
        if not settings.local & LocalMode.NOFLSH:
            self._flush_for_signal()
        self.signal(number)
        if settings.input & InputMode.IXON:
            self.start_output()
        self.editor.echo_control(byte)
        return True

    def _flush_for_signal(self) -> None:
        """Typed-ahead input and output not yet sent go. (termios(3), NOFLSH)"""
        self.discard_output()
        self.editor.flush()

    def _throttle(self) -> None:
        """IXOFF: ask the other side to wait while there is a backlog."""
        if self.settings.input & InputMode.IXOFF and not self.input_stopped and len(self.backlog) > 0:
            self._send_now(self.settings.characters[Control.STOP])
            self.input_stopped = True

    def input_taken(self) -> None:
        """A reader took something: there may be room for what waits."""
        if len(self.backlog) == 0 and not self.input_stopped:
            return
        was_full = self.room() == 0
        self._work_off()
        if self.input_stopped and len(self.backlog) == 0:
            self._send_now(self.settings.characters[Control.START])
            self.input_stopped = False
        if was_full and self.room() > 0:
            self.device.resume_input()

    def flush_input(self) -> None:
        """Forget what was received and not read. (tcflush(3))"""
        was_full = self.room() == 0
        self.backlog.clear()
        self.editor.flush()
        if was_full:
            self.device.resume_input()

    # --- output, to the device ---

    def put(self, data: bytes) -> None:
        """Text from a program, processed and sent, or kept in `pending`."""
        self.printer.print(data, self.pending)
        self._push()

    def writable(self) -> bool:
        """Will put() have its bytes sent before too long?"""
        return not self.stopped and not self.stopped_by_call and len(self.pending) < PENDING_SIZE

    def output_ready(self) -> None:
        """The device can take bytes, or has sent the last."""
        self._push()
        if len(self.pending) <= LOW_WATER:
            self.writers.wake_all()

    def start_output(self) -> None:
        """A START character."""
        if self.stopped:
            self.stopped = False
            self.output_ready()

    def discard_output(self) -> None:
        """Forget what was written and not sent. (tcflush(3))"""
        self.pending.clear()
        self.device.discard()
        self.writers.wake_all()

    def unsent(self) -> int:
        """Bytes written and not sent. (TIOCOUTQ)"""
        return len(self.pending) + self.device.unsent()

    def drain(self) -> None:
        """Wait until everything is sent. EINTR. (tcdrain(3))"""
        while self.unsent() > 0:
            sleep_on(self.writers)

    def _show_echo(self) -> None:
        if len(self.editor.echo) > 0:
            if len(self.pending) < PENDING_SIZE:
                self.pending.extend(self.editor.echo)
            self.editor.echo.clear()
            self._push()

    def _send_now(self, byte: int) -> None:
        """A flow-control character goes out ahead of everything and whether output is stopped or not."""
        if self.device.write(bytes([byte])) == 0:
            self.pending.insert(0, byte)

    def _push(self) -> None:
        if len(self.pending) == 0 or self.stopped or self.stopped_by_call:
            return
        taken = self.device.write(bytes(self.pending))
        del self.pending[:taken]

    def control_flow(self, action: Flow) -> None:
        """Stop or start output, or ask the other side to. (tcflow(3))"""
        match action:
            case Flow.STOP_OUTPUT:
                self.stopped_by_call = True
            case Flow.START_OUTPUT:
                if self.stopped_by_call:
                    self.stopped_by_call = False
                    self.output_ready()
            case Flow.STOP_INPUT:
                self._send_control(Control.STOP)
            case Flow.START_INPUT:
                self._send_control(Control.START)

    def _send_control(self, which: Control) -> None:
        character = self.settings.characters[which]
        if character != 0:
            self._send_now(character)
