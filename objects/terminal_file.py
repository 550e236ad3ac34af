"""An open terminal. (tty(4), termios(3), read(2), write(2))

Reading in canonical mode gives at most one line; otherwise MIN and TIME decide when there is enough. After a hang-up reading is end of
file and everything else EIO, unless the file was opened as the console, which outlives sessions.
"""

from typing import TYPE_CHECKING, Final

from objects.credentials import CAP_SYS_ADMIN
from objects.metadata import InodeType, Metadata
from objects.object import KernelObject, PollEvents, Status
from objects.restart import sleep_on
from objects.task import current_task
from objects.terminal import Terminal
from objects.termios import Control, LocalMode, Termios, When
from scarlet.kernel import clock
from scarlet.kernel.clock import NEVER
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.signals import Signal
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import EAGAIN, EBUSY, EFAULT, EIO, EPERM, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location

CHUNK: Final = 512
DECISECOND_NS: Final = 100_000_000


class TerminalFile(KernelObject):
    """A terminal, opened."""

    def __init__(
        self, terminal: Terminal, status: Status, file: "Inode | None" = None, place: "Location | None" = None, *, console: bool = False
    ) -> None:  # fmt: skip
        super().__init__(status)
        self._terminal = terminal
        self._file: Inode | None = file
        self._place: Location | None = place
        self._console = console
        self._generation = terminal.generation

    def hung_up(self) -> bool:
        """Was the terminal hung up since it was opened?"""
        return self._generation != self._terminal.generation and not self._console

    def live(self) -> Terminal:
        """The terminal, for ioctl(2). EIO after a hang-up."""
        if self.hung_up():
            raise Errno(EIO, "the terminal was hung up")
        return self._terminal

    # Reading

    def read(self, buffer: Buffer) -> int:
        """Bytes read; 0 at an end-of-file mark or after a hang-up. EAGAIN, EINTR, EIO."""
        terminal = self._terminal
        if self.hung_up() or buffer.length == 0:
            return 0
        terminal.check_foreground(current_task(), Signal.SIGTTIN)
        if terminal.settings.canonical:
            self._await_line()
        else:
            self._await_bytes(buffer.length)
        if self.hung_up():
            return 0
        data = terminal.editor.take(buffer.length)
        terminal.input_taken()
        buffer.write(0, data)
        return len(data)

    def _await_line(self) -> None:
        while self._terminal.editor.readable() == 0 and not self.hung_up():
            self._refuse_waiting()
            sleep_on(self._terminal.readers)

    def _await_bytes(self, wanted: int) -> None:
        """MIN and TIME: wait for MIN bytes; TIME limits the gap between two, or with MIN 0 the wait for the first. (termios(3))"""
        terminal = self._terminal
        minimum = terminal.settings.characters[Control.MIN]
        gap_ns = terminal.settings.characters[Control.TIME] * DECISECOND_NS
        enough = min(minimum, wanted) if minimum > 0 else 1
        if minimum == 0 and gap_ns == 0:
            return
        deadline_ns = clock.deadline_after(gap_ns) if minimum == 0 else NEVER
        while terminal.editor.readable() < enough and not self.hung_up():
            if terminal.editor.readable() > 0 and self._is_nonblocking():
                return
            self._refuse_waiting()
            before = terminal.editor.readable()
            if minimum > 0 and gap_ns > 0 and before > 0:
                deadline_ns = clock.deadline_after(gap_ns)
            try:
                woken = sleep_on(terminal.readers, deadline_ns)
            except Errno:
                if terminal.editor.readable() > 0:
                    return
                raise
            if not woken and terminal.editor.readable() == before:
                return

    def _is_nonblocking(self) -> bool:
        return self.status & Status.NONBLOCK != Status.NONE

    def _refuse_waiting(self) -> None:
        if self.status & Status.NONBLOCK:
            raise Errno(EAGAIN, "nothing was typed")

    # Writing

    def write(self, buffer: Buffer) -> int:
        """Bytes written; all of them unless NONBLOCK or a signal cut it short. EAGAIN, EINTR, EIO."""
        terminal = self.live()
        if terminal.settings.local & LocalMode.TOSTOP:
            terminal.check_foreground(current_task(), Signal.SIGTTOU)
        done = 0
        while done < buffer.length:
            if self.hung_up():
                break
            if not terminal.writable():
                if not self._wait_for_room(done):
                    break
                continue
            data = self._chunk(buffer, done)
            if len(data) == 0:
                break
            terminal.put(data)
            done += len(data)
        if done == 0 and self.hung_up():
            raise Errno(EIO, "the terminal was hung up")
        return done

    def _wait_for_room(self, done: int) -> bool:
        """False when the call is to return what it has done."""
        if self.status & Status.NONBLOCK:
            if done > 0:
                return False
            raise Errno(EAGAIN, "the terminal takes no more")
        try:
            sleep_on(self._terminal.writers)
        except Errno:
            if done > 0:
                return False
            raise
        return True

    def _chunk(self, buffer: Buffer, done: int) -> bytes:
        """The next bytes; none at a bad address after good bytes."""
        try:
            return buffer.read(done, min(CHUNK, buffer.length - done))
        except Errno as error:
            if done > 0 and error.code == EFAULT:
                return b""
            raise

    # ioctl(2)

    def set_attributes(self, wanted: Termios, when: When) -> None:
        """EIO, EINTR. (tcsetattr(3))"""
        terminal = self.live()
        terminal.check_foreground(current_task(), Signal.SIGTTOU)
        terminal.set_attributes(wanted, when)

    def drain(self) -> None:
        """EIO, EINTR. (tcdrain(3))"""
        terminal = self.live()
        terminal.check_foreground(current_task(), Signal.SIGTTOU)
        terminal.drain()

    def flush(self, *, input: bool, output: bool) -> None:
        """EIO, EINTR. (tcflush(3))"""
        terminal = self.live()
        terminal.check_foreground(current_task(), Signal.SIGTTOU)
        if input:
            terminal.flush_input()
        if output:
            terminal.discard_output()

    def insert(self, byte: int) -> None:
        """As if it had been typed. EPERM unless it is the caller's controlling terminal or the caller is privileged. (TIOCSTI)"""
        terminal = self.live()
        task = current_task()
        if not terminal.controls(task.process) and not task.credentials.capable(CAP_SYS_ADMIN):
            raise Errno(EPERM, "not the controlling terminal")
        terminal.received(bytes([byte]))

    # What it is

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with a line or enough bytes, OUT with room, everything after a hang-up."""
        terminal = self._terminal
        if waiter is not None:
            waiter.add(terminal.readers)
            waiter.add(terminal.writers)
        if self.hung_up():
            return PollEvents.READABLE | PollEvents.WRITABLE | PollEvents.ERR | PollEvents.HUP
        events = PollEvents.NONE
        enough = 1
        settings = terminal.settings
        if not settings.canonical and settings.characters[Control.TIME] == 0:
            enough = max(settings.characters[Control.MIN], 1)
        if terminal.editor.readable() >= enough:
            events |= PollEvents.READABLE
        if terminal.writable():
            events |= PollEvents.WRITABLE
        return events

    def available(self) -> int:
        """Bytes that can be read."""
        return self.live().editor.countable()

    def terminal(self) -> Terminal | None:
        return self._terminal

    def metadata(self) -> Metadata:
        if self._file is not None:
            return self._file.metadata()
        return Metadata(InodeType.CHARACTER, 0o620, 0, rdev=self._terminal.number)

    def inode(self) -> "Inode | None":
        return self._file

    def location(self) -> "Location | None":
        return self._place

    def link_text(self) -> bytes:
        return b"/dev/" + self._terminal.name


def open_terminal(
    terminal: Terminal, status: Status, file: "Inode | None" = None, place: "Location | None" = None, *, console: bool = False
) -> TerminalFile:  # fmt: skip
    """Open a terminal for the current task; it may become its session's, unless NOCTTY says otherwise. EBUSY while it is exclusive."""
    task = current_task()
    if terminal.exclusive and not task.credentials.capable(CAP_SYS_ADMIN):
        raise Errno(EBUSY, "the terminal is in exclusive use")
    if not status & Status.NOCTTY and not console:
        terminal.offer(task.process)
    return TerminalFile(terminal, status & ~Status.NOCTTY, file, place, console=console)
