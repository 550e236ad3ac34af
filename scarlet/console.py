"""The standard streams of the first program: a terminal, on the serial port or on the screen, or plain streams to the host
(docs/architecture.md)."""

from typing import Final

from drivers.debug_port import DebugPort
from drivers.serial import SerialLine
from drivers.uart import Uart
from objects.host import HostInput, HostLine, HostOutput
from objects.metadata import device_number
from objects.object import KernelObject, Rights
from objects.task import Task
from objects.terminal import Terminal
from objects.terminal_device import TerminalDevice
from objects.termios import WindowSize
from objects.virtualterminals import VirtualTerminals
from objects.windowreports import WindowReports
from scarlet.kernel import log
from scarlet.runfile import RunFile
from vfs.opening import open_file
from vfs.screenterminals import virtual_terminals
from vfs.ttys import announce_console, announce_controlling_terminal, announce_terminal

CONSOLE_PATH: Final = b"/dev/console"
PROGRAM_STARTS: Final = b"\x10B"
"""Tells the host that what follows is the program's output, not the firmware's."""
SERIAL_MAJOR: Final = 4
SERIAL_MINOR: Final = 64
DEBUG_STREAM: Final = 4
"""Its number among the host's streams, where programs would look for an inode's."""


class Console:
    """What the first program gets as slots 0, 1 and 2."""

    def __init__(self, uart: Uart) -> None:
        self.uart = uart

    def streams(self, task: Task) -> list[KernelObject]:
        """Standard input, output and error of a task that is about to start."""
        raise NotImplementedError("Console.streams")

    def announce_start(self) -> None:
        """The program starts now."""
        self.uart.write(PROGRAM_STARTS)

    def debug_stream(self) -> KernelObject:
        """What is written there reaches the host's standard error: process 1 lets programs be traced to it."""
        return HostOutput(HostLine(DebugPort()), DEBUG_STREAM)

    def flush(self) -> None:
        """Let everything that was written reach the host before the machine goes off."""
        self.uart.flush()


class TerminalConsole(Console):
    """All three are the terminal that /dev/console is. The one on the serial port is there in any case."""

    def __init__(self, uart: Uart, rows: int, columns: int) -> None:
        super().__init__(uart)
        self.terminal = Terminal(SerialLine(uart), device_number(SERIAL_MAJOR, SERIAL_MINOR), b"ttyS0")
        if rows > 0 and columns > 0:
            self.terminal.set_window(WindowSize(rows, columns))
        self._window: WindowReports | None = None
        announce_terminal(self.terminal, SERIAL_MAJOR, SERIAL_MINOR, b"serial")
        announce_console(self.terminal)

    def follow_window(self, line: TerminalDevice) -> None:
        """The window that the serial port's terminal is shown in tells its size on a line of its own."""
        self._window = WindowReports(line, self.terminal)

    def use_screen(self, terminals: VirtualTerminals) -> None:
        """Let the first terminal of the screen be the console."""
        announce_console(terminals.get(terminals.shown).terminal)

    def streams(self, task: Task) -> list[KernelObject]:
        opened = open_file(task.view, task.credentials, None, CONSOLE_PATH, Rights.READ | Rights.WRITE)
        return [opened, opened, opened]

    def flush(self) -> None:
        while self.terminal.unsent() > 0 and not self.terminal.stopped:
            before = self.terminal.unsent()
            self.uart.flush()
            self.terminal.output_ready()
            if self.terminal.unsent() == before:
                break
        self.uart.flush()


class HostConsole(Console):
    """Standard input and output are a line to the host as plain streams, standard error the debug channel."""

    def __init__(self, uart: Uart, device: TerminalDevice) -> None:
        super().__init__(uart)
        self.line = HostLine(device)
        self.error_line = HostLine(DebugPort())

    def announce_start(self) -> None:
        self.line.put(PROGRAM_STARTS)

    def streams(self, task: Task) -> list[KernelObject]:
        return [HostInput(self.line, 1), HostOutput(self.line, 2), HostOutput(self.error_line, 3)]

    def flush(self) -> None:
        while self.line.unsent() > 0:
            self.line.device.flush()
            self.line.output_ready()
        self.uart.flush()


def make_console(uart: Uart, lines: list[TerminalDevice], run: RunFile) -> Console:
    """The console that the run file asks for; its nodes are announced for /dev. `lines`: other ways to the host than the serial port;
    a faster one for plain streams, or one for the size of the terminal's window."""
    announce_controlling_terminal()
    if not run.terminal:
        return HostConsole(uart, lines[0] if len(lines) > 0 else SerialLine(uart))
    console = TerminalConsole(uart, run.rows, run.columns)
    if run.follows_window and len(lines) > 0:
        console.follow_window(lines[0])
    if run.screen:
        terminals = virtual_terminals()
        if terminals is not None:
            console.use_screen(terminals)
        else:
            log.error("there is no screen: the console is the serial port")
    return console
