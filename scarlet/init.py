"""Process 1: starts the program of the run file, adopts and reaps orphans, and ends the machine.

It is a task of the kernel that never enters user mode. When the program it started has ended, the machine powers off with its exit status
(128 + signal when it was killed). As with busybox's init, SIGUSR1 means halt, SIGUSR2 power off, SIGTERM reboot.
"""

from typing import Final, NoReturn

from executor.exec import execute
from objects.fork import ForkOptions, fork, start
from objects.handle import Role
from objects.jobcontrol import new_session
from objects.object import Rights
from objects.process import Process
from objects.restart import Interrupted
from objects.task import Task
from objects.wait import ChildEvent, Selector, WaitOptions, Which, wait_for_child
from scarlet.console import Console
from scarlet.kernel import log, scheduler
from scarlet.kernel.power import before_off, off
from scarlet.kernel.signals import CLD_EXITED, Signal, SignalAction
from scarlet.lang import u64
from scarlet.lang.errno import ECHILD, ENOENT, Errno
from scarlet.machine import debug, power
from scarlet.runfile import RunFile
from vfs.opening import OPEN_RIGHTS
from vfs.views import for_abi
from vfs.walk import walk

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
KILLED: Final = 128
FAILED: Final = 125
"""The exit status of the machine when process 1 is gone."""
STREAM_RIGHTS: Final = OPEN_RIGHTS | Rights.READ | Rights.WRITE
REQUESTS: Final = [Signal.SIGUSR1, Signal.SIGUSR2, Signal.SIGTERM]


class Init(Task):
    """The task of process 1."""

    def __init__(self, process: Process, run: RunFile, console: Console) -> None:
        super().__init__(process.pid, process)
        self._run = run
        self._console = console

    def run(self) -> None:
        scheduler.arrived()
        for number in REQUESTS:
            self.process.actions.set(number, SignalAction(u64(2)))
        main = self._spawn()
        while True:
            try:
                event = wait_for_child(self, Selector(Which.ANY), WaitOptions.EXITED | WaitOptions.ALL)
            except Interrupted:
                self._serve_requests()
                continue
            except Errno as error:
                if error.code != ECHILD:
                    raise
                self._power_off(0)
            if event is not None and event.pid == main:
                self._power_off(_status(event))

    def _spawn(self) -> int:
        """Start the program in a session of its own; its process number."""
        run = self._run
        options = ForkOptions()
        options.clear_actions = True
        child = fork(self, options)
        process = child.process
        new_session(process)
        self._console.give_to(process)
        try:
            roles = [Role.STDIN, Role.STDOUT, Role.STDERR]
            for stream, role in zip(self._console.streams(child), roles):
                process.handles.allocate(stream, STREAM_RIGHTS, role=role)
            process.view = for_abi(run.view, process.view)
            child.refresh()
            process.view.cwd = walk(process.view, process.credentials, None, run.cwd)
            execute(child, run.path, run.arguments, run.environment)
        except Errno as error:
            log.error(f"cannot start {run.path.decode(errors='replace')}: {error}")
            debug.write(b"scarlet: cannot start " + run.path + b": " + str(error).encode() + b"\n")
            self._power_off(NOT_FOUND if error.code == ENOENT else NOT_EXECUTABLE)
        self._console.announce_start()
        start(child)
        return process.pid

    def _serve_requests(self) -> None:
        info = self.take_signal()
        while info is not None:
            if info.number == Signal.SIGTERM:
                log.info("init: reboot")
                self._console.flush()
                power.reboot()
            if info.number == Signal.SIGUSR1 or info.number == Signal.SIGUSR2:
                log.info("init: power off")
                self._power_off(0)
            info = self.take_signal()

    def _power_off(self, status: int) -> NoReturn:
        self._console.flush()
        power.exit(status)


class ProcessOne(Task):
    """Process 1 when it is a program: the kernel only loads it, with the console as its standard streams and the debug channel as one more."""

    def __init__(self, process: Process, path: bytes, console: Console) -> None:
        super().__init__(process.pid, process)
        self._path = path
        self._console = console

    def run(self) -> None:
        before_off.append(self._console.flush)
        try:
            roles = [Role.STDIN, Role.STDOUT, Role.STDERR]
            for stream, role in zip(self._console.streams(self), roles):
                self.process.handles.allocate(stream, STREAM_RIGHTS, role=role)
            self.process.handles.allocate(self._console.debug_stream(), STREAM_RIGHTS)
            execute(self, self._path, [b"init"], [])
        except Errno as error:
            log.error(f"cannot start {self._path.decode(errors='replace')}: {error}")
            off(NOT_FOUND if error.code == ENOENT else NOT_EXECUTABLE)
        self._console.announce_start()
        super().run()

    def finish(self) -> None:
        """Without process 1 nobody would reap orphans or end the machine."""
        log.error("process 1 has ended")
        off(FAILED)
        super().finish()


def _status(event: ChildEvent) -> int:
    return event.status if event.code == CLD_EXITED else KILLED + event.status
