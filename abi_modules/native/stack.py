"""The first contents of a native program's stack: the start block and the strings that it points to.

    a0 -> StartBlock | arguments | environment <- top of the stack

Strings follow one another, each ended by a NUL. The stack grows downwards from the block.
"""

from typing import Final

from abi_modules.native.interface import PAGE_BYTES, START_VERSION, StartBlock
from abi_modules.native.strings import MAX_STRINGS_BYTES
from executor.protocol import Request
from objects.handle import HandleTable, Role
from objects.process import Region
from scarlet.kernel import clock
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import Errno, i32, u32, u64
from scarlet.lang.errno import E2BIG

STACK_TOP: Final = 1 << 38
INITIAL_ROOM: Final = 128 << 10
NO_HANDLE: Final = -1
STDIN: Final = 0
STDOUT: Final = 1
STDERR: Final = 2
"""The slots where standard streams usually are."""


class Stack:
    """What build_stack made."""

    def __init__(self, block: u64, arguments: Region, environment: Region) -> None:
        self.block = block
        self.arguments = arguments
        self.environment = environment


def build_stack(space: AddressSpace, request: Request) -> Stack:
    """Map the stack and fill it. E2BIG, ENOMEM."""
    arguments = _joined(request.arguments)
    environment = _joined(request.environment)
    if len(arguments) + len(environment) > MAX_STRINGS_BYTES:
        raise Errno(E2BIG, "more than 2 MiB of arguments and environment")
    environment_at = STACK_TOP - len(environment)
    arguments_at = environment_at - len(arguments)
    block_at = (arguments_at - StartBlock.SIZE) & ~15
    bottom = (block_at - INITIAL_ROOM) & ~(PAGE_BYTES - 1)
    space.map_area(u64(bottom), u64(STACK_TOP - bottom), Protection.READ | Protection.WRITE, fixed=True, grows_down=True, name=b"[stack]")
    handles = request.handles if request.handles is not None else HandleTable(0)
    block = StartBlock(
        version=u32(START_VERSION),
        page_bytes=u32(PAGE_BYTES),
        clock_hertz=u64(clock.frequency()),
        argument_count=u32(len(request.arguments)),
        environment_count=u32(len(request.environment)),
        arguments=u64(arguments_at),
        argument_bytes=u64(len(arguments)),
        environment=u64(environment_at),
        environment_bytes=u64(len(environment)),
        stdin=i32(stream_slot(handles, STDIN, Role.STDIN)),
        stdout=i32(stream_slot(handles, STDOUT, Role.STDOUT)),
        stderr=i32(stream_slot(handles, STDERR, Role.STDERR)),
    )
    store_bytes(space, u64(block_at), block.pack())
    store_bytes(space, u64(arguments_at), arguments + environment)
    return Stack(u64(block_at), Region(arguments_at, environment_at), Region(environment_at, STACK_TOP))


def _joined(strings: list[bytes]) -> bytes:
    return b"".join([text + b"\0" for text in strings])


def stream_slot(handles: HandleTable, usual: int, role: Role) -> int:
    """The slot of a standard stream: where POSIX has it, which every ABI can arrange; else the one that bears the role."""
    if handles.is_open(usual) and not handles.handle(usual).close_on_exec:
        return usual
    for slot in handles.slots():
        handle = handles.handle(slot)
        if handle.role is role and not handle.close_on_exec:
            return slot
    return NO_HANDLE
