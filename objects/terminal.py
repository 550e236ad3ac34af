"""Terminals: what a session's processes share when they read keys and write text. (termios(3), ioctl_tty(2), setsid(2))

A Terminal stands between a device and the open files on it (terminal_file.py). Input goes through flow control and signal
characters here, then through the line editor; output through the printer. Bytes that the device cannot take yet wait in
`pending`, input that the editor cannot take yet in `backlog`.

Job control: the terminal belongs to at most one session, whose foreground group alone may read from it and gets its signals. Both are
known weakly: they end with their processes. received() and output_ready() run in interrupts and never wait.
"""

import weakref
from enum import IntEnum
from typing import Final

from objects.credentials import CAP_SYS_ADMIN
from objects.editor import LineEditor
from objects.group import ProcessGroup, Session, find_group
from objects.jobcontrol import is_orphaned
from objects.printer import Printer
from objects.process import Process
from objects.processes import processes
from objects.restart import Interrupted, Restart, sleep_on
from objects.signalling import send, send_to_group
from objects.task import Task
from objects.terminal_device import LineClient, TerminalDevice
from objects.termios import Control, InputMode, LocalMode, Termios, WindowSize
from scarlet.kernel.signals import Signal, SignalInfo, contains
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang.errno import EINVAL, EIO, ENOTTY, EPERM, ESRCH, Errno

BACKLOG_SIZE: Final = 4096
PENDING_SIZE: Final = 4096
LOW_WATER: Final = 1024


class When(IntEnum):
    """When new attributes take effect; TCSANOW, TCSADRAIN and TCSAFLUSH of termios(3)."""

    NOW = 0
    DRAIN = 1
    FLUSH = 2


class Flow(IntEnum):
    """What tcflow(3) does; TCOOFF, TCOON, TCIOFF and TCION."""

    STOP_OUTPUT = 0
    START_OUTPUT = 1
    STOP_INPUT = 2
    START_INPUT = 3


class Terminal(LineClient):
    """One terminal. `number` is its device number, `name` that under /dev."""

    def __init__(self, device: TerminalDevice, number: int, name: bytes) -> None:
        self.device = device
        self.number = number
        self.name = name
        self.settings = Termios()
        self.printer = Printer(self.settings)
        self.editor = LineEditor(self.settings, self.printer)
        self.window = WindowSize()
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
        self.exclusive = False
        self.generation = 0
        """Counts hang-ups: open files of an earlier generation are dead."""
        self._session: weakref.ref[Session] | None = None
        self._foreground: weakref.ref[ProcessGroup] | None = None
        self._foreground_number = 0
        device.attach(self)

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
            self.signal_foreground(Signal.SIGINT)
        elif modes & InputMode.PARMRK:
            self.received(b"\xff\x00\x00")
        else:
            self.received(b"\x00")

    def hang_up(self) -> None:
        """The line is gone: the session leader learns it, open files are dead. (tty_ioctl, vhangup(2))"""
        session = self.session()
        leader = processes.find(session.identity) if session is not None else None
        if leader is not None:
            send(leader, SignalInfo(Signal.SIGHUP))
            send(leader, SignalInfo(Signal.SIGCONT))
        self._kill_files()
        self._forget_session()

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
        self.signal_foreground(number)
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

    # --- attributes ---

    def set_attributes(self, wanted: Termios, when: When) -> None:
        """Replace the attributes, after the output is sent and (FLUSH) without the input not yet read. EINTR. (tcsetattr(3))"""
        if when != When.NOW:
            self.drain()
        if when == When.FLUSH:
            self.flush_input()
        settings = self.settings
        was_canonical = settings.canonical
        had_flow_control = settings.input & InputMode.IXON
        settings.copy_from(wanted)
        if settings.canonical != was_canonical:
            self.editor.mode_changed()
        if had_flow_control and not settings.input & InputMode.IXON:
            self.start_output()
        self._work_off()
        self.readers.wake_all()

    def set_window(self, size: WindowSize) -> None:
        """SIGWINCH to the foreground group when the size changed. (TIOCSWINSZ)"""
        if not self.window.equals(size):
            self.window = size
            self.signal_foreground(Signal.SIGWINCH)

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

    # --- job control ---

    def session(self) -> Session | None:
        """The session whose controlling terminal this is."""
        return self._session() if self._session is not None else None

    def foreground(self) -> ProcessGroup | None:
        """The group that may read and gets the signals."""
        return self._foreground() if self._foreground is not None else None

    def controls(self, process: Process) -> bool:
        """Is this the process's controlling terminal?"""
        return process.session.terminal is self and not process.gave_up_terminal

    def signal_foreground(self, number: int) -> None:
        """A signal from the terminal."""
        group = self.foreground()
        if group is not None:
            send_to_group(group, number)

    def check_foreground(self, task: Task, number: Signal) -> None:
        """A process in the background is about to read (SIGTTIN), or to write or change something (SIGTTOU). (credentials(7), termios(3))

        It is stopped by that signal and tries again when continued. When it blocks or ignores the signal, reading is EIO and the rest
        goes through; in an orphaned group, which nobody would continue, both are EIO."""
        process = task.process
        foreground = self.foreground()
        if not self.controls(process) or foreground is None or foreground is process.group:
            return
        if contains(task.mask, number) or process.actions.get(number).is_ignored:
            if number == Signal.SIGTTIN:
                raise Errno(EIO, "a background process cannot read from the terminal")
            return
        if is_orphaned(process.group):
            raise Errno(EIO, "an orphaned group cannot use the terminal")
        send_to_group(process.group, number)
        raise Interrupted(Restart.UNLESS_HANDLER_FORBIDS)

    def set_foreground(self, task: Task, identity: int) -> None:
        """Make a group of the caller's session the foreground. ENOTTY, EINVAL, ESRCH, EPERM. (tcsetpgrp(3))"""
        if not self.controls(task.process):
            raise Errno(ENOTTY, "not the controlling terminal")
        try:
            self.check_foreground(task, Signal.SIGTTOU)
        except Errno as error:
            if error.code == EIO:
                raise Errno(ENOTTY, error.reason) from None
            raise
        if identity < 0:
            raise Errno(EINVAL, "negative group")
        group = find_group(identity)
        if group is None:
            raise Errno(ESRCH, "no such group")
        if group.session is not task.process.session:
            raise Errno(EPERM, "a group of another session")
        self._make_foreground(group)

    def _make_foreground(self, group: ProcessGroup) -> None:
        self._foreground = weakref.ref(group)
        self._foreground_number = group.identity

    def foreground_of(self, task: Task) -> int:
        """The number of the foreground group, also when it is gone; 0 when there never was one. ENOTTY. (tcgetpgrp(3))"""
        if not self.controls(task.process):
            raise Errno(ENOTTY, "not the controlling terminal")
        return self._foreground_number

    def session_of(self, task: Task) -> int:
        """The number of the session. ENOTTY. (tcgetsid(3))"""
        if not self.controls(task.process):
            raise Errno(ENOTTY, "not the controlling terminal")
        return task.process.session.identity

    def acquire(self, task: Task, *, steal: bool) -> None:
        """Become the controlling terminal of the caller's session. EPERM. (TIOCSCTTY)"""
        process = task.process
        session = process.session
        mine = self.session()
        if session is mine and process.leads_session():
            return
        if not process.leads_session() or session.terminal is not None:
            raise Errno(EPERM, "only a session leader without a terminal can get one")
        if mine is not None:
            if not steal or not task.credentials.capable(CAP_SYS_ADMIN):
                raise Errno(EPERM, "the terminal belongs to another session")
            mine.terminal = None
        self._belong_to(process)

    def offer(self, process: Process) -> None:
        """Opened by a session leader without a terminal, it becomes that session's. (open(2), O_NOCTTY)"""
        if process.leads_session() and process.session.terminal is None and self.session() is None:
            self._belong_to(process)

    def _belong_to(self, leader: Process) -> None:
        leader.session.terminal = self
        self._session = weakref.ref(leader.session)
        self._make_foreground(leader.group)

    def give_up(self, task: Task) -> None:
        """The caller does without its terminal; with a session leader the whole session does. ENOTTY. (TIOCNOTTY)"""
        process = task.process
        if not self.controls(process):
            raise Errno(ENOTTY, "not the controlling terminal")
        if process.leads_session():
            self.disassociate()
        else:
            process.gave_up_terminal = True

    def disassociate(self) -> None:
        """The session leader ends or gives the terminal up: the foreground group is hung up, open files are dead."""
        group = self.foreground()
        self._kill_files()
        self._forget_session()
        if group is not None:
            send_to_group(group, Signal.SIGHUP)
            send_to_group(group, Signal.SIGCONT)

    def _kill_files(self) -> None:
        self.generation += 1
        self.readers.wake_all()
        self.writers.wake_all()

    def _forget_session(self) -> None:
        session = self.session()
        if session is not None:
            session.terminal = None
        self._session = None
        self._foreground = None
        self._foreground_number = 0


def controlling_terminal(process: Process) -> Terminal | None:
    """What /dev/tty is for the process. (tty(4))"""
    return None if process.gave_up_terminal else process.session.terminal
