"""A running machine and its three streams: standard input goes in, the UART's output and the debug channel come out.

One thread for each direction, so that a reader who is slow, or gone, in one of them never stops the others.
"""

import contextlib
import errno
import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable

from scarlet.cli import console, framing, qemu
from scarlet.cli.errors import Status, UserError

BLOCK = 65536
PANIC = b"kernel panic"
STDIN, STDOUT, STDERR = 0, 1, 2


class Witness:
    """Somebody who is there when the machine ends; this one looks away."""

    status = 0
    """What the machine left as its exit status, if QEMU does not tell it."""

    def started(self) -> None:
        """QEMU runs, and has what it inherits."""

    def ending(self) -> None:
        """The machine is about to be switched off from here, or has gone. Called more than once, by any thread."""


class Transport:
    """Starts QEMU and carries its streams until it ends."""

    def __init__(self, machine: qemu.Machine, *descriptors: int, witness: Witness | None = None) -> None:
        log_read, log_write = os.pipe()
        os.set_inheritable(log_write, True)
        try:
            self._process = qemu.start(machine, log_write, *descriptors)
        finally:
            os.close(log_write)
        self._log = log_read
        self._filter = framing.StartFilter()
        self._started = threading.Event()
        self._held = b""
        self._held_lock = threading.Lock()
        self._complaints = b""
        self._panic = b""
        self._failure = ""
        """Why standard output cannot be written."""
        self._log_seen = False
        self._ended_by: Status | None = None
        self._on_terminal = False
        """Whether somebody's terminal is both ends, and its end ours."""
        self._witness = witness or Witness()

    def run(self, *, terminal_keys: Callable[[bytes], bytes] | None, timeout: float | None, hangs_up: bool = True) -> int:
        """Carry the streams until the machine is off; its exit status. UserError when it never ran or the kernel panicked.

        With `terminal_keys`, input is a terminal's and passes through that function; at its end the machine is switched off if it
        `hangs_up`. Else it is framed, its end included.
        """
        self._on_terminal = terminal_keys is not None and hangs_up
        self._witness.started()
        log = threading.Thread(target=self._pump_log, daemon=True)
        complaints = threading.Thread(target=self._pump_complaints, daemon=True)
        threading.Thread(target=self._pump_input, args=(terminal_keys,), daemon=True).start()
        log.start()
        complaints.start()
        timer = threading.Timer(timeout, self.stop, args=(Status.TIMEOUT,)) if timeout else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            self._pump_output()
            status = self._process.wait()
            log.join()
            complaints.join()
        finally:
            if timer:
                timer.cancel()
            self._started.set()  # frees the input thread
            self._switch_off()
            self._process.wait()
        return self._verdict(status or self._witness.status, timeout)

    def stop(self, why: Status) -> None:
        """Switch the machine off at once; run() then answers with this status."""
        if self._ended_by is None:
            self._ended_by = why
        self._switch_off()

    def _switch_off(self) -> None:
        try:
            self._witness.ending()
        finally:
            self._process.kill()

    def _verdict(self, status: int, timeout: float | None) -> int:
        if self._panic:
            raise UserError(f"{self._panic.decode(errors='replace')} (its report is above)")
        if self._ended_by == Status.TIMEOUT:
            raise UserError(f"still running after {timeout:g} s, so it was stopped (--timeout)", Status.TIMEOUT)
        if self._failure:
            raise UserError(self._failure)
        if self._ended_by is not None:
            return self._ended_by
        if status < 0:
            raise UserError(f"QEMU was killed by {signal.Signals(-status).name}")
        if not self._filter.started:
            words = self._complaints.decode(errors="replace").strip().splitlines()
            if words:
                raise UserError(words[0])
            if status and self._log_seen:
                return status  # the kernel has said why
            raise UserError("the machine stopped before the kernel started a program; --log shows how far it came")
        return status

    def _pump_output(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read(BLOCK):
            shown = self._filter.feed(data)
            if self._filter.started and not self._started.is_set():
                self._open_input()
            try:
                write_all(STDOUT, shown)
            except BrokenPipeError:
                self.stop(Status.BROKEN_PIPE)
            except OSError as error:
                if self._on_terminal and error.errno == errno.EIO:  # it is gone, which the input may not have met yet
                    self.stop(Status.HUNG_UP)
                    continue
                self._failure = f"standard output: {reason(error)}"
                self.stop(Status.FAILED)

    def _pump_input(self, terminal_keys: Callable[[bytes], bytes] | None) -> None:
        assert self._process.stdin is not None
        try:
            if terminal_keys is None:
                self._started.wait()
            while data := read_input(STDIN):
                self._send(framing.escape(data) if terminal_keys is None else terminal_keys(data))
            if terminal_keys is None:
                self._send(framing.END_OF_INPUT)
            elif self._on_terminal:
                self.stop(Status.HUNG_UP)
        except OSError:
            return  # the machine is off

    def _send(self, data: bytes) -> None:
        """Nothing goes out before the program starts: the kernel empties the receiver when it takes the UART over."""
        assert self._process.stdin is not None
        with self._held_lock:
            if not self._started.is_set():
                self._held += data
                return
        write_all(self._process.stdin.fileno(), data)

    def _open_input(self) -> None:
        assert self._process.stdin is not None
        with self._held_lock:
            with contextlib.suppress(OSError):
                write_all(self._process.stdin.fileno(), self._held)
            self._started.set()

    def _pump_log(self) -> None:
        tail = b""
        while data := os.read(self._log, BLOCK):
            self._log_seen = True
            show(data)
            lines = (tail + data).split(b"\n")
            tail = lines.pop()[-200:]
            for line in lines:
                if PANIC in line and not self._panic:
                    self._panic = line[line.index(PANIC) :].strip()
        os.close(self._log)

    def _pump_complaints(self) -> None:
        assert self._process.stderr is not None
        while data := self._process.stderr.read(BLOCK):
            self._complaints += data
            if self._filter.started:
                show(data)


def read_input(descriptor: int) -> bytes:
    """What has come; nothing at the end, which an input that cannot be read has reached, and a terminal that is gone."""
    while True:
        try:
            return os.read(descriptor, BLOCK)
        except BlockingIOError:  # somebody who has the terminal too has set it so
            select.select([descriptor], [], [])
        except OSError as error:
            if error.errno != errno.EIO:
                console.say(f"scarlet: standard input: {reason(error)}")
            return b""


def show(data: bytes) -> None:
    """On standard error, if somebody looks; the machine goes on if not. A terminal is raw perhaps, so it is told where lines begin."""
    with contextlib.suppress(OSError):
        write_all(STDERR, data.replace(b"\n", b"\r\n") if os.isatty(STDERR) else data)


def reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def write_all(descriptor: int, data: bytes) -> None:
    """All of it, however many writes that takes."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            select.select([], [descriptor], [])


def qemu_version() -> str:
    """The emulator's own words, for `scarlet doctor`."""
    done = subprocess.run([qemu.find(), "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[0]
