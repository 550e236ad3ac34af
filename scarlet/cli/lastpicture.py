"""`scarlet run --screenshot`: the last picture of a machine's screen, however the run ends.

QEMU is told to stand still instead of ending (-action shutdown=pause), and the kernel to switch off in a way to which QEMU listens
(scarlet/machine/riscv64/power.py). So the machine is looked at when nothing moves any more: after it has switched itself off, or when the
run is stopped from here (--timeout, Ctrl-C, Ctrl-A X). Only then may QEMU end. There is one end that it will not wait for: its window is
closed. So while there is a window the picture is taken again and again, and is a quarter of a second old at most.

This has a machine protocol of its own, over a pair of sockets, so that `scarlet screenshot` can use the other one meanwhile.
"""

import contextlib
import socket
import threading
from dataclasses import replace
from pathlib import Path

from scarlet.cli import console, qmp, screenshot
from scarlet.cli.errors import UserError
from scarlet.cli.picture import Picture
from scarlet.cli.qemu import Machine
from scarlet.cli.transport import Witness

KERNEL_WORD = "poweroff=reset"
SCRATCH = 0x1000_0007
"""The scratch register of the serial port on QEMU's `virt`: the kernel leaves the exit status there."""
EVERY_S = 0.25


class LastPicture(Witness):
    """Takes the picture and saves it, in a thread of its own."""

    def __init__(self, file: Path, *, window: bool) -> None:
        self.status = 0
        self._file = file
        self._window = window
        self._picture: Picture | None = None
        self._ours, self._theirs = socket.socketpair()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._lock = threading.Lock()
        """Guards the two that follow."""
        self._waiting: qmp.Connection | None = None
        """The connection, while the end is waited for."""
        self._to_end = False
        """The run is stopped from here."""
        self._ran = False
        self._saved = False
        self._failure = "QEMU ended before its screen could be read"

    @property
    def descriptor(self) -> int:
        """What QEMU inherits."""
        return self._theirs.fileno()

    def added_to(self, machine: Machine) -> Machine:
        """The machine with what it takes."""
        words = ["-action", "shutdown=pause", "-chardev", f"socket,id=last,fd={self.descriptor}", "-mon", "chardev=last,mode=control"]
        return replace(machine, command_line=f"{machine.command_line} {KERNEL_WORD}", extra=[*words, *machine.extra])

    def started(self) -> None:
        self._theirs.close()
        self._thread.start()

    def ending(self) -> None:
        with self._lock, contextlib.suppress(OSError):  # it has gone
            if not self._to_end and self._waiting is not None:
                self._waiting.post("stop")
            self._to_end = True
        self._thread.join(qmp.LIMIT_S)
        if self._thread.is_alive():
            self._failure, self._ran = "QEMU does not answer", True

    def report(self) -> None:
        """Say so if there is no picture; that the machine did not even start is said by others."""
        if self._ran and not self._saved:
            console.warn(f"there is no last picture: {self._failure}")

    def _follow(self) -> None:
        try:
            with qmp.Connection(self._ours) as connection:
                self._await_end(connection)
                self._look(connection)
                connection.execute("quit")
        except UserError as error:
            self._failure = error.message
            self._save()
        except ConnectionError:
            self._save()  # it has gone

    def _await_end(self, connection: qmp.Connection) -> None:
        self._ran = True
        with self._lock:
            self._waiting = connection
            if self._to_end:
                connection.post("stop")
        try:
            while not self._stands_still(connection):
                if self._window:
                    self._picture = connection.screen()
                connection.wait(EVERY_S if self._window else None)
        finally:
            with self._lock:
                self._waiting = None

    def _stands_still(self, connection: qmp.Connection) -> bool:
        """It has ended by itself, or was told to end. (A debugger may stop it as well: then it goes on.)"""
        state = connection.execute("query-status")
        with self._lock:
            return state["status"] == "shutdown" or self._to_end and not state["running"]

    def _look(self, connection: qmp.Connection) -> None:
        """It stands still: see what it shows, and what its exit status is."""
        try:
            self.status = connection.byte(SCRATCH)
            self._picture = connection.screen()
        except UserError as error:
            self._failure = error.message
        self._save()

    def _save(self) -> None:
        try:
            if self._picture is not None:
                screenshot.save(self._file, self._picture)
                self._saved = True
        except UserError as error:
            self._failure = error.message
