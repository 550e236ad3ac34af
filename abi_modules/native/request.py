"""The request of task_spawn and task_replace, taken out of user memory once and checked."""

from typing import Final

from abi_modules.native.failures import Failure
from abi_modules.native.interface import HandleMapping, SpawnFlags, SpawnHeader
from abi_modules.native.places import check_flags
from abi_modules.native.status import Status
from abi_modules.native.strings import MAX_STRINGS_BYTES, split_strings
from objects.task import Task
from scarlet.kernel.memory.user import UserPtr, load_bytes
from scarlet.lang import usize
from vfs.walk import PATH_MAX

MAX_MAPPINGS: Final = 1024
GROUPS: Final = SpawnFlags.NEW_GROUP | SpawnFlags.JOIN_GROUP | SpawnFlags.NEW_SESSION
KNOWN_FLAGS: Final = GROUPS | SpawnFlags.INHERIT | SpawnFlags.FOREGROUND | SpawnFlags.TRACE


class Request:
    """What is to be started."""

    def __init__(
        self,
        header: SpawnHeader,
        mappings: list[HandleMapping],
        path: bytes,
        arguments: list[bytes],
        environment: list[bytes],
        view: bytes,
    ) -> None:
        self.flags = SpawnFlags(int(header.flags))
        self.directory = int(header.directory)
        self.group = int(header.group)
        self.trace = int(header.trace)
        self.mappings = mappings
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.view = view


def read_request(task: Task, address: UserPtr, size: usize) -> Request:
    """BAD_ADDRESS, TOO_LARGE; INVALID_ARGUMENT when the parts do not make up the whole."""
    if size > MAX_STRINGS_BYTES:
        raise Failure(Status.TOO_LARGE, "more than 2 MiB")
    if size < SpawnHeader.SIZE:
        raise Failure(Status.INVALID_ARGUMENT, "shorter than its head")
    data = load_bytes(task.space, address, int(size))
    header = SpawnHeader.parse(data)
    check_flags(int(header.flags), KNOWN_FLAGS)
    if (int(header.flags) & int(GROUPS)).bit_count() > 1:
        raise Failure(Status.INVALID_ARGUMENT, "one group only")
    if header.mappings > MAX_MAPPINGS:
        raise Failure(Status.TOO_LARGE, "more than 1,024 mappings")
    at = SpawnHeader.SIZE
    mappings: list[HandleMapping] = []
    path_at = at + int(header.mappings) * HandleMapping.SIZE
    arguments_at = path_at + int(header.path_bytes)
    environment_at = arguments_at + int(header.argument_bytes)
    view_at = environment_at + int(header.environment_bytes)
    if view_at + int(header.view_bytes) != len(data):
        raise Failure(Status.INVALID_ARGUMENT, "the parts do not make up the whole")
    while at < path_at:
        mappings.append(HandleMapping.parse(data, at))
        at += HandleMapping.SIZE
    path = data[path_at:arguments_at]
    if len(path) >= PATH_MAX:
        raise Failure(Status.NAME_TOO_LONG, "a path of more than 4,095 bytes")
    if path.find(b"\0") >= 0:
        raise Failure(Status.INVALID_ARGUMENT, "a NUL in the path")
    arguments = split_strings(data[arguments_at:environment_at])
    return Request(header, mappings, path, arguments, split_strings(data[environment_at:view_at]), data[view_at:])
