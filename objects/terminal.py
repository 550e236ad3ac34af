"""Terminals: what a session's processes share when they read keys and write text. (termios(3), ioctl_tty(2), setsid(2))

A Terminal stands between a device and the open files on it (terminal_file.py); how characters pass is in typed_line.py. Here is whose
it is: it belongs to at most one session, whose foreground group alone may read from it and gets its signals. Both are known weakly:
they end with their processes.
"""

import weakref

from objects.credentials import CAP_SYS_ADMIN
from objects.group import ProcessGroup, Session, find_group
from objects.jobcontrol import is_orphaned
from objects.process import Process
from objects.processes import processes
from objects.restart import Interrupted, Restart
from objects.signalling import send, send_to_group
from objects.task import Task
from objects.terminal_device import TerminalDevice
from objects.termios import InputMode, Termios, When, WindowSize
from objects.typed_line import TypedLine
from scarlet.kernel.signals import Signal, SignalInfo, contains
from scarlet.lang.errno import EINVAL, EIO, ENOTTY, EPERM, ESRCH, Errno


class Terminal(TypedLine):
    """One terminal. `number` is its device number, `name` that under /dev."""

    def __init__(self, device: TerminalDevice, number: int, name: bytes) -> None:
        super().__init__(device)
        self.number = number
        self.name = name
        self.window = WindowSize()
        self.exclusive = False
        self.generation = 0
        """Counts hang-ups: open files of an earlier generation are dead."""
        self._session: weakref.ref[Session] | None = None
        self._foreground: weakref.ref[ProcessGroup] | None = None
        self._foreground_number = 0

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
            self.signal(Signal.SIGWINCH)

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

    def signal(self, number: Signal) -> None:
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

    def hang_up(self) -> None:
        """The line is gone: the session leader learns it, open files are dead. (tty_ioctl, vhangup(2))"""
        session = self.session()
        leader = processes.find(session.identity) if session is not None else None
        if leader is not None:
            send(leader, SignalInfo(Signal.SIGHUP))
            send(leader, SignalInfo(Signal.SIGCONT))
        self._kill_files()
        self._forget_session()

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
