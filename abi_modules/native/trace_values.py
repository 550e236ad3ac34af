"""How the trace shows what native calls take and give: handles, texts with their lengths, times, the structures of interface.py."""

from typing import Final

from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    ChildChange,
    ChildState,
    FileKind,
    HandleInfo,
    HandlePair,
    LimitPair,
    MessageSize,
    Metadata,
    ObjectType,
    Role,
    SpawnHeader,
    SpawnResult,
    SystemInfo,
    TaskInfo,
    TaskState,
    TerminalInfo,
    WaitEntry,
)
from executor.trace_values import SHOWN_BYTES, quoted, show_address, show_flags
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes
from scarlet.kernel.signals import signal_name
from scarlet.lang import Errno, u64

RIGHTS: Final[list[tuple[int, str]]] = [
    (1, "READ"), (2, "WRITE"), (4, "SEEK"), (8, "CONTROL"), (16, "MAP"), (32, "POLL"), (64, "METADATA"), (128, "EXECUTE"),
    (256, "DUPLICATE"), (512, "TRANSFER"),
]  # fmt: skip
ABILITIES: Final[list[tuple[int, str]]] = [
    (1, "STREAM"), (2, "SEEK"), (4, "CONTROL"), (8, "MAP"), (16, "POLL"), (32, "METADATA"), (64, "DIRECTORY"), (128, "CHANNEL"),
    (256, "EVENT"), (512, "TIMER"), (1024, "TASK"),
]  # fmt: skip
READY: Final[list[tuple[int, str]]] = [(1, "READ"), (4, "WRITE"), (8, "ERROR"), (16, "CLOSED")]
LONGEST_TEXT: Final = 4096
SHOWN_ITEMS: Final = 16


# --- numbers --------------------------------------------------------------------------------------------------------------------


def show_handle(value: int) -> str:
    return str(value)


def show_place(value: int) -> str:
    return "CURRENT" if value == CURRENT else str(value)


def show_deadline(value: int) -> str:
    """Seconds since boot; 0 does not wait."""
    if value == NEVER:
        return "NEVER"
    if value <= 0:
        return "0"
    return f"{value // 1_000_000_000}.{value % 1_000_000_000:09d}"


def show_identity(value: int) -> str:
    return "UNCHANGED" if value == 0xFFFFFFFF else str(value)


# --- texts and data -------------------------------------------------------------------------------------------------------------


def _fetch(task: Task, address: u64, size: int) -> bytes | None:
    try:
        return load_bytes(task.space, address, size)
    except Errno:
        return None


def _piece(task: Task, address: u64, length: u64, most: int) -> str:
    shown = int(min(length, u64(most)))
    data = _fetch(task, address, shown)
    return quoted(data, length > shown) if data is not None else show_address(address)


def show_text(task: Task, address: u64, following: u64, result: int) -> str:
    return _piece(task, address, following, LONGEST_TEXT)


def show_data(task: Task, address: u64, following: u64, result: int) -> str:
    return _piece(task, address, following, SHOWN_BYTES)


def show_filled(task: Task, address: u64, following: u64, result: int) -> str:
    return _piece(task, address, u64(result), SHOWN_BYTES)


def show_strings(task: Task, address: u64, following: u64, result: int) -> str:
    """["tmpfs", "none", "/tmp", ""]"""
    data = _fetch(task, address, int(min(following, u64(LONGEST_TEXT))))
    if data is None:
        return show_address(address)
    return "[" + ", ".join([quoted(text, False) for text in data.split(b"\0")[:-1]]) + "]"


def _numbers(task: Task, address: u64, count: int) -> str:
    shown = min(count, SHOWN_ITEMS)
    data = _fetch(task, address, shown * 4)
    if data is None:
        return show_address(address)
    items = [str(int.from_bytes(data[at : at + 4], "little", signed=True)) for at in range(0, len(data), 4)]
    if count > shown:
        items.append("...")
    return "[" + ", ".join(items) + "]"


def show_handles(task: Task, address: u64, following: u64, result: int) -> str:
    return _numbers(task, address, int(min(following, u64(LONGEST_TEXT))) // 4)


def show_numbers(task: Task, address: u64, following: u64, result: int) -> str:
    return _numbers(task, address, min(result, int(min(following, u64(LONGEST_TEXT))) // 4))


def show_wait_entries(task: Task, address: u64, following: u64, result: int) -> str:
    """[{3, wanted 1, found 1}]"""
    data = _fetch(task, address, int(min(following, u64(SHOWN_ITEMS * WaitEntry.SIZE))) // WaitEntry.SIZE * WaitEntry.SIZE)
    if data is None:
        return show_address(address)
    items: list[str] = []
    for at in range(0, len(data), WaitEntry.SIZE):
        entry = WaitEntry.parse(data, at)
        wanted = show_flags(int(entry.wanted), "NONE", READY)
        items.append(f"{{{entry.handle}, wanted {wanted}, found {show_flags(int(entry.found), 'NONE', READY)}}}")
    return "[" + ", ".join(items) + "]"


# --- structures -----------------------------------------------------------------------------------------------------------------


def show_spawn_request(task: Task, address: u64, following: u64, result: int) -> str:
    """{"/bin/ls", ["ls", "-l"], 12 variables, 3 handles}"""
    data = _fetch(task, address, int(min(following, u64(65536))))
    if data is None or len(data) < SpawnHeader.SIZE:
        return show_address(address)
    header = SpawnHeader.parse(data)
    path_at = SpawnHeader.SIZE + int(header.mappings) * 16
    arguments_at = path_at + int(header.path_bytes)
    environment_at = arguments_at + int(header.argument_bytes)
    words = [quoted(text, False) for text in data[arguments_at:environment_at].split(b"\0")[:-1]]
    variables = data[environment_at:].count(b"\0")
    path = quoted(data[path_at:arguments_at], False)
    return f"{{{path}, [{', '.join(words)}], {variables} variables, {header.mappings} handles}}"


def show_spawn_result(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, SpawnResult.SIZE)
    if data is None:
        return show_address(address)
    made = SpawnResult.parse(data)
    return f"{{process={made.process}, handle={made.handle}}}"


def show_handle_pair(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, HandlePair.SIZE)
    if data is None:
        return show_address(address)
    pair = HandlePair.parse(data)
    return f"[{pair.first}, {pair.second}]"


def show_handle_info(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, HandleInfo.SIZE)
    if data is None:
        return show_address(address)
    info = HandleInfo.parse(data)
    kind = ObjectType(int(info.type)).name
    rights = show_flags(int(info.rights), "NONE", RIGHTS)
    abilities = show_flags(int(info.capabilities), "0", ABILITIES)
    return f"{{type={kind}, rights={rights}, role={Role(int(info.role)).name}, capabilities={abilities}}}"


def show_terminal_info(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, TerminalInfo.SIZE)
    if data is None:
        return show_address(address)
    info = TerminalInfo.parse(data)
    return f"{{mode=0x{info.mode:x}, rows={info.rows}, columns={info.columns}, foreground={info.foreground}}}"


def show_metadata(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, Metadata.SIZE)
    if data is None:
        return show_address(address)
    file = Metadata.parse(data)
    kind = FileKind(int(file.kind)).name
    return f"{{kind={kind}, mode=0{file.mode:o}, size={file.size}, links={file.links}, inode={file.inode}}}"


def show_message_size(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, MessageSize.SIZE)
    if data is None:
        return show_address(address)
    size = MessageSize.parse(data)
    return f"{{{size.data_bytes} bytes, {size.handles} handles}}"


def show_child_change(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, ChildChange.SIZE)
    if data is None:
        return show_address(address)
    change = ChildChange.parse(data)
    match change.state:
        case ChildState.EXITED:
            what = f"exited with {change.status}"
        case ChildState.KILLED:
            what = f"ended by {signal_name(int(change.status))}"
        case ChildState.STOPPED:
            what = f"stopped by {signal_name(int(change.status))}"
        case _:
            what = "goes on"
    return f"{{{change.process} {what}}}"


def show_task_info(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, TaskInfo.SIZE)
    if data is None:
        return show_address(address)
    info = TaskInfo.parse(data)
    name = quoted(info.name.rstrip(b"\0"), False)
    state = TaskState(int(info.state)).name
    return f"{{process={info.process}, parent={info.parent}, group={info.group}, state={state}, name={name}}}"


def show_limit_pair(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, LimitPair.SIZE)
    if data is None:
        return show_address(address)
    pair = LimitPair.parse(data)
    hard = "NEVER" if pair.hard == NEVER else str(pair.hard)
    return f"{{{'NEVER' if pair.soft == NEVER else str(pair.soft)}, {hard}}}"


def show_system_info(task: Task, address: u64, following: u64, result: int) -> str:
    data = _fetch(task, address, SystemInfo.SIZE)
    if data is None:
        return show_address(address)
    info = SystemInfo.parse(data)
    return f"{{memory={info.memory_bytes}, free={info.free_bytes}, processes={info.processes}}}"
