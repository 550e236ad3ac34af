"""21x: what a terminal can do beside being a stream: its mode, its size, whose it is."""

from typing import Annotated, Final

from abi_modules.native.declare import Handle, OutTerminalInfo
from abi_modules.native.failures import Failure
from abi_modules.native.interface import TerminalChange, TerminalInfo, TerminalMode
from abi_modules.native.places import check_flags
from abi_modules.native.status import Status
from executor.declare import syscall
from objects.object import Rights
from objects.task import Task
from objects.terminal_file import TerminalFile
from objects.termios import Control, InputMode, LocalMode, OutputMode, Termios, When, WindowSize
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import i32, u16, u32

LINE_BITS: Final = LocalMode.ICANON | LocalMode.IEXTEN
ECHO_BITS: Final = LocalMode.ECHO | LocalMode.ECHOE | LocalMode.ECHOK | LocalMode.ECHOCTL | LocalMode.ECHOKE


@syscall(210)
def terminal_query(task: Task, terminal: Handle, info: OutTerminalInfo) -> None:
    """The terminal's mode and size, and who is in its foreground. WRONG_TYPE when it is none."""
    live = _file(task, terminal, Rights.NONE).live()
    ours = live.controls(task.process)
    answer = TerminalInfo(
        mode=u32(int(_mode_of(live.settings))),
        rows=u16(live.window.rows),
        columns=u16(live.window.columns),
        foreground=i32(live.foreground_of(task) if ours else 0),
        session=i32(live.session_of(task) if ours else 0),
    )
    store_bytes(task.space, info, answer.pack())


@syscall(211)
def terminal_set_mode(task: Task, terminal: Handle, mode: TerminalMode, when: Annotated[u32, TerminalChange]) -> None:
    """Set what the terminal does with what is typed and written. A task in the background is stopped first. Needs CONTROL."""
    check_flags(mode, TerminalMode.USUAL)
    file = _file(task, terminal, Rights.CONTROL)
    settings = file.live().settings.copy()
    _apply(settings, mode)
    file.set_attributes(settings, _when(int(when)))


@syscall(212)
def terminal_set_size(task: Task, terminal: Handle, rows: u32, columns: u32) -> None:
    """Set the size in characters; the foreground group gets WINDOW when it changed. Needs CONTROL."""
    if rows > 0xFFFF or columns > 0xFFFF:
        raise Failure(Status.INVALID_ARGUMENT, "a size has sixteen bits")
    _file(task, terminal, Rights.CONTROL).live().set_window(WindowSize(int(rows), int(columns)))


@syscall(213)
def terminal_set_foreground(task: Task, terminal: Handle, group: i32) -> None:
    """Let a group of the caller's session read and get the terminal's events. Needs CONTROL."""
    _file(task, terminal, Rights.CONTROL).live().set_foreground(task, int(group))


@syscall(214)
def terminal_acquire(task: Task, terminal: Handle) -> None:
    """Make it the controlling terminal of the session that the caller leads. Needs CONTROL."""
    _file(task, terminal, Rights.CONTROL).live().acquire(task, steal=False)


def _file(task: Task, handle: Handle, rights: Rights) -> TerminalFile:
    object = task.handles.object(int(handle), rights)
    if isinstance(object, TerminalFile):
        return object
    raise Failure(Status.WRONG_TYPE, "not a terminal")


def _mode_of(settings: Termios) -> TerminalMode:
    mode = TerminalMode.RAW
    if settings.local & LocalMode.ICANON:
        mode |= TerminalMode.LINES
    if settings.local & LocalMode.ECHO:
        mode |= TerminalMode.ECHO
    if settings.local & LocalMode.ISIG:
        mode |= TerminalMode.EVENTS
    if settings.input & InputMode.ICRNL and settings.output & OutputMode.OPOST:
        mode |= TerminalMode.NEWLINES
    if settings.input & InputMode.IXON:
        mode |= TerminalMode.FLOW
    return mode


def _apply(settings: Termios, mode: TerminalMode) -> None:
    """Without LINES a read returns as soon as there is one byte."""
    local = int(settings.local) & ~int(LINE_BITS | ECHO_BITS | LocalMode.ISIG)
    if mode & TerminalMode.LINES:
        local |= LINE_BITS
    else:
        settings.characters[Control.MIN] = 1
        settings.characters[Control.TIME] = 0
    if mode & TerminalMode.ECHO:
        local |= ECHO_BITS
    if mode & TerminalMode.EVENTS:
        local |= LocalMode.ISIG
    settings.local = LocalMode(local)
    input = int(settings.input) & ~int(InputMode.ICRNL | InputMode.IXON)
    output = int(settings.output) & ~int(OutputMode.OPOST | OutputMode.ONLCR)
    if mode & TerminalMode.NEWLINES:
        input |= InputMode.ICRNL
        output |= OutputMode.OPOST | OutputMode.ONLCR
    if mode & TerminalMode.FLOW:
        input |= InputMode.IXON
    settings.input = InputMode(input)
    settings.output = OutputMode(output)


def _when(change: int) -> When:
    match change:
        case 0:
            return When.NOW
        case 1:
            return When.DRAIN
        case 2:
            return When.FLUSH
        case _:
            raise Failure(Status.INVALID_ARGUMENT, "no such moment")
