"""Process 1 begins: the kernel loads the program that the run file names, the native init as a rule, and gives it the console.

From then on it is a program like any other (initramfs/native/init.py). Slots 0, 1 and 2 are its standard streams, slot 3 is a stream to the
host's standard error, to which it lets programs be traced. The machine cannot do without it: when it ends, so does the machine.
"""

from collections.abc import Callable
from typing import Final

from executor.exec import execute
from objects.handle import Role
from objects.object import Rights
from objects.process import Process
from objects.task import Task
from scarlet.console import Console
from scarlet.kernel import log
from scarlet.kernel.power import before_off, off
from scarlet.lang.errno import Errno
from vfs.opening import OPEN_RIGHTS

FAILED: Final = 125
"""The exit status of a machine without process 1."""
STREAM_RIGHTS: Final = OPEN_RIGHTS | Rights.READ | Rights.WRITE


class ProcessOne(Task):
    """The task of process 1. `prepare` is what it does before all else: the first that may sleep."""

    def __init__(self, process: Process, path: bytes, console: Console, prepare: Callable[[], None]) -> None:
        super().__init__(process.pid, process)
        self._path = path
        self._console = console
        self._prepare = prepare

    def _load(self) -> None:
        """Give it its handles and load the program; the machine goes off when that is impossible."""
        self._prepare()
        before_off.append(self._console.flush)
        try:
            roles = [Role.STDIN, Role.STDOUT, Role.STDERR]
            for stream, role in zip(self._console.streams(self), roles):
                self.process.handles.allocate(stream, STREAM_RIGHTS, role=role)
            self.process.handles.allocate(self._console.debug_stream(), STREAM_RIGHTS)
            execute(self, self._path, [b"init"], [])
        except Errno as error:
            log.fatal(f"cannot start {self._path.decode(errors='replace')}: {error}")
            off(FAILED)
        self._console.announce_start()

    def run(self) -> None:
        self._load()
        super().run()

    def finish(self) -> None:
        log.fatal("process 1 has ended")
        off(FAILED)
        super().finish()
