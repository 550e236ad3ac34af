"""init: process 1. Prepares what its configuration says, starts the program of the run file, adopts and reaps what is left behind by
others, and ends the machine.

/system/scarlet/etc/init.conf has a line for each thing to do before that, in order:

    mount KIND SOURCE DIRECTORY [OPTIONS]
    directory PATH
    run PROGRAM [ARGUMENT...]        wait for it to end
    respawn PROGRAM [ARGUMENT...]    start it again whenever it ends

When the program of the run file has ended, the machine goes off with its exit status (128 and the event when it was ended by one). As with
busybox's init, USER_1 means halt, USER_2 power off, TERMINATE restart.
"""

from typing import Final

from abi_modules.native.interface import (
    CURRENT,
    Clock,
    EventChoice,
    EventMessage,
    EventSet,
    FileKind,
    HandleFlags,
    OpenFlags,
    PowerAction,
    Rights,
    SpawnFlags,
    TaskEvent,
    WaitOptions,
)
from abi_modules.native.status import Status
from scarlet.lang.errno import Errno
from scarlet.runfile import PATH as RUN_FILE
from scarlet.runfile import RunFile, parse
from scarlet.user import calls, files
from scarlet.user.errors import StatusError
from scarlet.user.handles import Handle
from scarlet.user.options import shown
from scarlet.user.processes import Launch, status_of, status_of_failure
from scarlet.user.program import program
from scarlet.user.search import USUAL_PATH, find_program

CONFIGURATION: Final = b"/system/scarlet/etc/init.conf"
PROGRAMS: Final = b"/system/scarlet/bin:/system/linux-riscv64/bin:/system/xv6-riscv64"
"""Where process 1, which sees the base, finds programs; its children see their own roots."""
ENVIRONMENT: Final = [b"PATH=" + USUAL_PATH, b"HOME=/home"]
DEBUG_STREAM: Final = 3
"""The slot in which process 1 finds a stream to the host's standard error."""
WITHOUT_RUN_FILE: Final = 125
SHORT_NS: Final = 1_000_000_000
MOST_SHORT_LIVES: Final = 5
"""A service that ends within a second so often in a row is given up."""


class Service:
    """A program that is to run as long as the machine does."""

    def __init__(self, words: list[bytes]) -> None:
        self.words = words
        self.process = -1
        self.started_ns = -SHORT_NS
        self.short_lives = 0

    def start(self) -> None:
        """Start it, unless it has died too often."""
        now = calls.time_now(Clock.MONOTONIC)
        self.short_lives = self.short_lives + 1 if now - self.started_ns < SHORT_NS else 0
        self.started_ns = now
        self.process = -1
        if self.short_lives >= MOST_SHORT_LIVES:
            program.complain(f"{shown(self.words[0])} ends as soon as it starts: given up")
            return
        try:
            self.process = launch(self.words).start().number
        except StatusError as error:
            program.complain(f"{shown(self.words[0])}: {error}")


class Init:
    """What process 1 keeps in mind."""

    def __init__(self) -> None:
        self._services: list[Service] = []
        self._main = -1
        chosen = EventSet.CHILD | EventSet.USER_1 | EventSet.USER_2 | EventSet.TERMINATE
        calls.event_choose(chosen, EventChoice.MESSAGE)
        self._events = Handle(calls.event_queue(HandleFlags.CLOSE_ON_REPLACE))

    def configure(self, text: bytes) -> None:
        """Do what the configuration says; a line that fails is complained about and does not keep the others."""
        for line in text.split(b"\n"):
            words = line.split()
            if len(words) == 0 or words[0].startswith(b"#"):
                continue
            try:
                self._do(words)
            except StatusError as error:
                program.complain(f"{shown(line)}: {error}")

    def _do(self, words: list[bytes]) -> None:
        match words[0]:
            case b"mount" if 4 <= len(words) <= 5:
                options = words[4] if len(words) > 4 else b""
                calls.mount_attach(b"".join([word + b"\0" for word in [words[1], words[2], words[3], options]]), 0)
            case b"directory" if len(words) == 2:
                if files.found(words[1]) is None:
                    calls.file_make(CURRENT, words[1], FileKind.DIRECTORY, 0o755, 0)
            case b"run" if len(words) > 1:
                launch(words[1:]).start().wait()
            case b"respawn" if len(words) > 1:
                service = Service(words[1:])
                self._services.append(service)
                service.start()
            case _:
                program.complain(f"{shown(CONFIGURATION)}: not understood: {shown(b' '.join(words))}")

    def start(self, run: RunFile) -> None:
        """Start the program that this run is about, in a session of its own, with the terminal if there is one."""
        start = Launch(run.path, run.arguments, run.environment)
        start.flags = SpawnFlags.NEW_SESSION | SpawnFlags.FOREGROUND
        start.view = run.view.encode()
        if run.strace:
            start.flags = start.flags | SpawnFlags.TRACE
            start.trace = DEBUG_STREAM
        for slot in range(3):
            start.give(slot, slot)
        try:
            root = Handle(calls.view_open(start.view, HandleFlags.CLOSE_ON_REPLACE))
            flags = OpenFlags.DIRECTORY | OpenFlags.PLACE | OpenFlags.CLOSE_ON_REPLACE
            directory = Handle(calls.file_open(root.slot, run.cwd, Rights.SAME, flags, 0))
            start.directory = directory.slot
            self._main = start.start().number
        except StatusError as error:
            program.say(f"scarlet: cannot start {shown(run.path)}: {error}\n".encode())
            power_off(status_of_failure(error))

    def serve(self) -> None:
        """Until the machine goes off: one event after the other."""
        buffer = bytearray(EventMessage.SIZE)
        self._reap()
        while True:
            calls.stream_read(self._events.slot, buffer)
            match int(EventMessage.parse(bytes(buffer)).event):
                case TaskEvent.CHILD:
                    self._reap()
                case TaskEvent.TERMINATE:
                    calls.system_power(PowerAction.RESTART, 0)
                case _:
                    power_off(0)

    def _reap(self) -> None:
        """Let all children go that have ended."""
        while True:
            try:
                change = calls.task_wait_any(0, WaitOptions.ENDED, 0)
            except StatusError as error:
                if error.status != Status.TIMED_OUT and error.status != Status.NO_CHILD:
                    raise
                return
            if change.process == self._main:
                power_off(status_of(change))
            for service in self._services:
                if service.process == change.process:
                    service.start()


def launch(words: list[bytes]) -> Launch:
    """A program of the system's own, with the console as its streams."""
    place = find_program(words[0], PROGRAMS)
    out = Launch(place if place is not None else words[0], words, ENVIRONMENT)
    for slot in range(3):
        out.give(slot, slot)
    return out


def power_off(status: int) -> None:
    """End the machine."""
    calls.system_power(PowerAction.OFF, status)


def read_run_file() -> RunFile:
    """What is to be run; without it the machine has nothing to do."""
    out = RunFile()
    try:
        out = parse(files.reader(RUN_FILE).read_all())
    except StatusError as error:
        program.say(f"scarlet: {shown(RUN_FILE)}: {error}\n".encode())
        power_off(WITHOUT_RUN_FILE)
    except Errno as error:
        program.say(f"scarlet: {shown(RUN_FILE)}: {error}\n".encode())
        power_off(WITHOUT_RUN_FILE)
    return out


if __name__ == "__main__":
    init = Init()
    if files.found(CONFIGURATION) is not None:
        init.configure(files.reader(CONFIGURATION).read_all())
    init.start(read_run_file())
    init.serve()
