"""21x: the terminal's mode, size and foreground, as a session leader asks for them."""

from collections.abc import Callable

from abi_modules.native.abi import NativeAbi
from abi_modules.native.interface import (
    CURRENT,
    NEVER,
    Capabilities,
    EventChoice,
    EventSet,
    ObjectType,
    Rights,
    TaskEvent,
    TerminalChange,
    TerminalMode,
    WaitOptions,
)
from abi_modules.native.status import Status
from objects.object import Status as ObjectStatus
from objects.task import Task
from objects.terminal import Terminal
from objects.terminal_file import open_terminal
from objects.termios import LocalMode
from scarlet.kernel.memory.area import Protection
from scarlet.lang import u64
from scarlet.machine import nativecall
from scarlet.user import calls
from tests.abi_native.support import MEMORY_BASE, MEMORY_SIZE, kernel, refused
from tests.objects import test_terminal
from tests.objects.support import pause, spawn
from tests.objects.test_terminal_input import Screen

ALL = Rights.READ | Rights.WRITE | Rights.CONTROL | Rights.POLL | Rights.DUPLICATE | Rights.METADATA


def in_session(body: Callable[[Task, Terminal, Screen], None]) -> None:
    """Run the body as a native session leader whose terminal is open in slot 0."""

    def native_body(task: Task, terminal: Terminal, screen: Screen) -> None:
        task.process.abi = NativeAbi()
        task.refresh()
        task.space.map_area(u64(MEMORY_BASE), u64(MEMORY_SIZE), Protection.READ | Protection.WRITE, fixed=True)
        task.handles.close(0)
        task.handles.allocate(open_terminal(terminal, ObjectStatus.NONE), test_terminal.Rights(int(ALL)))
        nativecall.kernel = kernel
        try:
            body(task, terminal, screen)
        finally:
            nativecall.kernel = nativecall._nobody
            task.space.unmap(u64(0), u64(1 << 38))

    test_terminal.in_session(native_body)


def test_a_terminal_tells_its_mode_and_size() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        about = calls.handle_query(0)
        assert (about.type, about.capabilities & Capabilities.CONTROL != 0) == (ObjectType.TERMINAL, True)
        calls.terminal_set_size(0, 30, 100)
        info = calls.terminal_query(0)
        assert (info.mode, info.rows, info.columns) == (TerminalMode.USUAL, 30, 100)
        assert (info.foreground, info.session) == (task.process.pid, task.process.pid)
        assert refused(lambda: calls.terminal_set_size(0, 1 << 16, 1)) == Status.INVALID_ARGUMENT

    in_session(body)


def test_raw_mode_gives_every_byte_at_once() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        calls.terminal_set_mode(0, TerminalMode.RAW, TerminalChange.NOW)
        assert not terminal.settings.local & (LocalMode.ICANON | LocalMode.ECHO | LocalMode.ISIG)
        terminal.received(b"\x03x\r")
        room = bytearray(10)
        assert bytes(room[: calls.stream_read(0, room)]) == b"\x03x\r"
        assert calls.terminal_query(0).mode == TerminalMode.RAW
        calls.terminal_set_mode(0, TerminalMode.USUAL, TerminalChange.FLUSH)
        terminal.received(b"line\r")
        assert bytes(room[: calls.stream_read(0, room)]) == b"line\n"
        assert refused(lambda: calls.terminal_set_mode(0, 32, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.terminal_set_mode(0, 0, 3)) == Status.INVALID_ARGUMENT

    in_session(body)


def test_control_needs_the_right() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        plain = calls.handle_duplicate(0, Rights.READ | Rights.WRITE, CURRENT, 0)
        assert calls.terminal_query(plain).mode == TerminalMode.USUAL
        assert refused(lambda: calls.terminal_set_mode(plain, 0, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.terminal_set_size(plain, 1, 1)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.terminal_set_foreground(plain, 1)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.stream_set_flags(plain, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.terminal_query(calls.pipe_make(0).first)) == Status.WRONG_TYPE

    in_session(body)


def test_ctrl_c_reaches_the_foreground_and_the_shell_as_a_message() -> None:
    def body(task: Task, terminal: Terminal, screen: Screen) -> None:
        calls.event_choose(EventSet.INTERRUPT | EventSet.BACKGROUND_WRITE, EventChoice.MESSAGE)
        queue = calls.event_queue(0)
        terminal.received(b"\x03")
        room = bytearray(16)
        calls.stream_read(queue, room)
        assert room[0] == TaskEvent.INTERRUPT

        def job(child: Task) -> None:
            calls.event_choose(EventSet.INTERRUPT, EventChoice.DEFAULT)
            calls.time_sleep(NEVER)

        child = spawn(task, job)
        pause()
        handle = calls.task_open(child.pid)
        calls.task_set_group(handle, 0)
        calls.terminal_set_foreground(0, child.pid)
        terminal.received(b"\x03")
        change = calls.task_wait(handle, WaitOptions.ENDED, NEVER)
        assert change.status == TaskEvent.INTERRUPT
        calls.event_choose(EventSet.BACKGROUND_WRITE, EventChoice.IGNORE)
        calls.terminal_set_foreground(0, task.process.pid)
        assert refused(lambda: calls.terminal_set_foreground(0, 999)) == Status.NO_SUCH_TASK

    in_session(body)
