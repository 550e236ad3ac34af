"""Starting programs and waiting for them.

A child gets what its Launch says and nothing else: a program, arguments, an environment, and handles for slots 0, 1 and 2 or others.
"""

from typing import Final

from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    ChildChange,
    ChildState,
    HandleMapping,
    Rights,
    Role,
    SpawnFlags,
    SpawnHeader,
    WaitOptions,
)
from abi_modules.native.status import Status
from scarlet.lang import i32, u32
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.handles import Handle

KILLED: Final = 128
"""What a shell adds to the number of the event that ended a program."""
NOT_FOUND: Final = 127
NOT_STARTED: Final = 126


class Child:
    """A program that was started: its number, and a handle on it."""

    def __init__(self, number: int, handle: Handle) -> None:
        self.number = number
        self.handle = handle

    def wait(self) -> int:
        """Wait until it has ended: its status, as a shell gives it."""
        return status_of(calls.task_wait(self.handle.slot, WaitOptions.ENDED, NEVER))


class Launch:
    """What a child is started with."""

    def __init__(self, path: bytes, arguments: list[bytes], environment: list[bytes]) -> None:
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.flags = SpawnFlags.NONE
        self.group = 0
        self.directory = CURRENT
        self.view = b""
        """The ABI as whose programs the child sees the files when its program is looked up; empty: as we do."""
        self.trace = CURRENT
        """With SpawnFlags.TRACE: our handle on the stream for its calls."""
        self._mappings: list[HandleMapping] = []

    def give(self, source: int, target: int, rights: Rights = Rights.SAME) -> None:
        """Let the child have our handle `source` in its slot `target`, with these rights; 0, 1 and 2 are its standard streams."""
        role = Role(target + 1) if 0 <= target <= 2 else Role.NONE
        mapping = HandleMapping(source=i32(source), target=i32(target), rights=u32(int(rights)), role=u32(int(role)))
        self._mappings = [other for other in self._mappings if other.target != target] + [mapping]

    def start(self) -> Child:
        """Start it. StatusError when it cannot be."""
        result = calls.task_spawn(self._packed())
        return Child(int(result.process), Handle(int(result.handle)))

    def replace(self) -> None:
        """Go on as this program; comes back only with a StatusError. The flags and the mappings mean nothing here."""
        self._mappings = []
        self.flags = SpawnFlags.NONE
        calls.task_replace(self._packed())

    def _packed(self) -> bytes:
        arguments = b"".join([argument + b"\0" for argument in self.arguments])
        environment = b"".join([setting + b"\0" for setting in self.environment])
        header = SpawnHeader(
            flags=u32(int(self.flags)),
            mappings=u32(len(self._mappings)),
            directory=i32(self.directory),
            group=i32(self.group),
            path_bytes=u32(len(self.path)),
            argument_bytes=u32(len(arguments)),
            environment_bytes=u32(len(environment)),
            view_bytes=u32(len(self.view)),
            trace=i32(self.trace),
        )
        mappings = b"".join([mapping.pack() for mapping in self._mappings])
        return header.pack() + mappings + self.path + arguments + environment + self.view


def status_of(change: ChildChange) -> int:
    """A child's end (or stop) as one number: its exit status, or 128 and the number of the event."""
    status = int(change.status)
    return status if change.state == ChildState.EXITED else KILLED + status


def status_of_failure(error: StatusError) -> int:
    """What a shell reports of a program that could not be started."""
    return NOT_FOUND if error.status == Status.NOT_FOUND or error.status == Status.NOT_A_DIRECTORY else NOT_STARTED


def run_program(path: bytes, arguments: list[bytes], environment: list[bytes]) -> int:
    """Start a program with our standard streams and wait for it: its status. StatusError when it cannot be started."""
    launch = Launch(path, arguments, environment)
    for slot in range(3):
        launch.give(slot, slot)
    return launch.start().wait()
