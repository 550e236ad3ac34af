"""`scarlet run --hosted`: the same kernel modules, imported by CPython, with the program under Unicorn.

Time is counted in instructions, so a run repeats exactly; on a terminal, or with no seed given and input to wait for, real time is
what one expects, so there the clock follows the host's.
"""

import errno
import io
import os
import select
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from scarlet.cli import console, framing, linking, plugins, terminal
from scarlet.cli.deadline import Deadline
from scarlet.cli.errors import Status, UserError
from scarlet.cli.picture import Picture
from scarlet.cli.transport import STDIN, STDOUT, read_input, reason, show, write_all

if TYPE_CHECKING:
    from scarlet.cli.hardware import Hardware
    from scarlet.cli.run import Options
    from scarlet.machine.hosted.devices.virtio import Model

MOMENT_S = 0.05


class _Left(BaseException):
    """The machine is switched off from outside: Ctrl-A X, or its terminal or whoever reads its output is gone."""

    def __init__(self, status: Status, message: str = "") -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message


class FramedInput:
    """Standard input as the UART receives it in pipe mode: escaped, with the end marked."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ready = b""
        self._ended = False

    def take(self, limit: int) -> bytes:
        if not self._ready and not self._ended and self._readable(0):
            data = read_input(self._descriptor)
            self._ended = not data
            self._ready = framing.escape(data) if data else framing.END_OF_INPUT
        out, self._ready = self._ready[:limit], self._ready[limit:]
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        return bool(self._ready) or not self._ended and self._readable(None if timeout_ns is None else timeout_ns / 1e9)

    def _readable(self, timeout: float | None) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout)[0])


class KeyInput:
    """A raw terminal, with Ctrl-A taken out. Waiting for a key also ends when the window's size comes on another descriptor."""

    def __init__(self, descriptor: int, keys: terminal.Keys, window: int | None) -> None:
        self._descriptor = descriptor
        self._keys = keys
        self._awaited = [descriptor] if window is None else [descriptor, window]
        self._ready = b""

    def take(self, limit: int) -> bytes:
        if not self._ready and self._descriptor in self._readable(0):
            data = read_input(self._descriptor)
            if not data:
                raise _Left(Status.HUNG_UP)
            self._ready = self._keys.feed(data)
        out, self._ready = self._ready[:limit], self._ready[limit:]
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        return bool(self._ready) or bool(self._readable(None if timeout_ns is None else timeout_ns / 1e9))

    def _readable(self, timeout: float | None) -> list[int]:
        return select.select(self._awaited, [], [], timeout)[0]


class ProgramOutput(io.RawIOBase):
    """The UART's output without what comes before the program's start."""

    def __init__(self, descriptor: int, *, on_terminal: bool) -> None:
        self._descriptor = descriptor
        self._on_terminal = on_terminal
        self._filter = framing.StartFilter()
        self._pending = bytearray()

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pending += self._filter.feed(piece)
        if len(self._pending) >= 4096:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        data = bytes(self._pending)
        self._pending.clear()
        try:
            write_all(self._descriptor, data)
        except BrokenPipeError:
            raise _Left(Status.BROKEN_PIPE) from None
        except OSError as error:
            if self._on_terminal and error.errno == errno.EIO:  # it is gone, which the input may not have met yet
                raise _Left(Status.HUNG_UP) from None
            raise _Left(Status.FAILED, f"standard output: {reason(error)}") from None


class LogOutput(io.RawIOBase):
    """The debug channel, on standard error."""

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        show(piece)
        return len(piece)


def _leave() -> None:
    raise _Left(Status.LEFT)


def _ask_again(dropped: "sys.UnraisableHookArgs") -> None:
    """What a signal raises, to end the run, may come up where Python drops it: in a callback from Unicorn, or in a destructor. Then the
    signal is sent once more, a moment later."""
    error = dropped.exc_value
    number = 0
    if isinstance(error, KeyboardInterrupt):
        number = signal.SIGINT
    elif isinstance(error, SystemExit) and isinstance(error.code, int):
        number = error.code - 128
    if number > 0:
        again = threading.Timer(MOMENT_S, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(dropped)


def run(options: "Options", boot_image: bytes, memory_mib: int, hardware: "Hardware") -> int:
    """As run.run, on the machine in this process."""
    try:
        from scarlet.machine.cpu import Deadlock
        from scarlet.machine.hosted.run import Machine, fresh_kernel
        from scarlet.machine.panic import KernelPanic
    except ImportError as error:
        raise UserError(f"--hosted needs the Python package {error.name}; pip install scarlet[hosted], or scripts/setup") from None
    modules = plugins.linked()
    sys.unraisablehook = _ask_again
    deadline = Deadline(options.timeout)
    on_terminal = options.on_terminal
    output = ProgramOutput(STDOUT, on_terminal=on_terminal)
    devices = hardware.models(options.seed or 0)
    machine = Machine(
        memory_mib << 20,
        initrd=boot_image,
        command_line=options.command_line(hardware).encode(),
        stdin=KeyInput(STDIN, terminal.Keys(_leave), hardware.window) if on_terminal else FramedInput(STDIN),
        stdout=_as_binary(output),
        log=_as_binary(LogOutput()),
        seed=options.seed or 0,
        realtime=on_terminal,
        devices=devices,
    )
    try:
        with deadline, fresh_kernel(linking.packages(modules)):
            linking.import_linked(modules)
            from scarlet import boot

            if on_terminal:
                with terminal.raw():
                    return machine.run(boot.main)
            return machine.run(boot.main)
    except _Left as left:
        if left.message:
            raise UserError(left.message, left.status) from None
        return left.status
    except Deadlock as deadlock:
        raise UserError(f"the machine would wait for ever: {deadlock}") from None
    except KernelPanic as panic:
        traceback.print_exception(panic)
        raise UserError(f"kernel panic: {panic} (its report is above)") from None
    except KeyboardInterrupt:
        if deadline.passed:
            raise UserError(f"still running after {options.timeout:g} s, so it was stopped (--timeout)", Status.TIMEOUT) from None
        raise
    finally:
        if options.screenshot is not None:
            _save_picture(options.screenshot, devices)


def _save_picture(file: Path, devices: "list[Model]") -> None:
    """What the screen showed when the run ended."""
    from scarlet.cli import screenshot
    from scarlet.machine.hosted.devices.gpu import Gpu

    (screen,) = [device for device in devices if isinstance(device, Gpu)]
    width, height = screen.size
    try:
        if width == 0:
            raise UserError("the screen shows nothing")
        screenshot.save(file, Picture(width, height, screen.rgb()))
    except UserError as error:
        console.warn(f"there is no last picture: {error.message}")


def _as_binary(stream: io.RawIOBase) -> BinaryIO:
    return stream  # type: ignore[return-value]
