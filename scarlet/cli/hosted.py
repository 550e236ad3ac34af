"""`scarlet run --hosted`: the same kernel modules, imported by CPython, with the program under Unicorn.

Time is counted in instructions, so a run repeats exactly; on a terminal, or with no seed given and input to wait for, real time is
what one expects, so there the clock follows the host's.
"""

import io
import os
import select
import sys
import traceback
from typing import TYPE_CHECKING, BinaryIO

from scarlet.cli import framing, linking, plugins, terminal
from scarlet.cli.deadline import Deadline
from scarlet.cli.errors import Status, UserError
from scarlet.cli.transport import STDIN, STDOUT, write_all

if TYPE_CHECKING:
    from scarlet.cli.hardware import Hardware
    from scarlet.cli.run import Options


class FramedInput:
    """Standard input as the UART receives it in pipe mode: escaped, with the end marked."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ready = b""
        self._ended = False

    def take(self, limit: int) -> bytes:
        if not self._ready and not self._ended and self._readable(0):
            data = os.read(self._descriptor, 4096)
            self._ended = not data
            self._ready = framing.escape(data) if data else framing.END_OF_INPUT
        out, self._ready = self._ready[:limit], self._ready[limit:]
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        return bool(self._ready) or not self._ended and self._readable(None if timeout_ns is None else timeout_ns / 1e9)

    def _readable(self, timeout: float | None) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout)[0])


class KeyInput:
    """A raw terminal, with Ctrl-A taken out."""

    def __init__(self, descriptor: int, keys: terminal.Keys) -> None:
        self._descriptor = descriptor
        self._keys = keys
        self._ready = b""

    def take(self, limit: int) -> bytes:
        if not self._ready and self._readable(0):
            self._ready = self._keys.feed(os.read(self._descriptor, 4096))
        out, self._ready = self._ready[:limit], self._ready[limit:]
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        return bool(self._ready) or self._readable(None if timeout_ns is None else timeout_ns / 1e9)

    def _readable(self, timeout: float | None) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout)[0])


class ProgramOutput(io.RawIOBase):
    """The UART's output without what comes before the program's start."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._filter = framing.StartFilter()
        self._pending = bytearray()

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pending += self._filter.feed(piece)
        if len(self._pending) >= 4096:
            self.flush()
        return len(piece)

    def flush(self) -> None:
        write_all(self._descriptor, bytes(self._pending))
        self._pending.clear()


class _Left(BaseException):
    """Ctrl-A X."""


def _leave() -> None:
    raise _Left


def run(options: "Options", boot_image: bytes, memory_mib: int, hardware: "Hardware") -> int:
    """As run.run, on the machine in this process."""
    try:
        from scarlet.machine.hosted.run import Machine, fresh_kernel
        from scarlet.machine.panic import KernelPanic
    except ImportError as error:
        raise UserError(f"--hosted needs the Python package {error.name}; pip install scarlet[hosted], or scripts/setup") from None
    modules = plugins.linked()
    deadline = Deadline(options.timeout)
    on_terminal = options.on_terminal
    output = ProgramOutput(STDOUT)
    machine = Machine(
        memory_mib << 20,
        initrd=boot_image,
        command_line=options.command_line(hardware).encode(),
        stdin=KeyInput(STDIN, terminal.Keys(_leave)) if on_terminal else FramedInput(STDIN),
        stdout=_as_binary(output),
        log=sys.stderr.buffer,
        seed=options.seed or 0,
        realtime=on_terminal,
        devices=hardware.models(options.seed or 0),
    )
    try:
        with deadline, fresh_kernel(linking.packages(modules)), terminal.ended_by_signals():
            linking.import_linked(modules)
            from scarlet import boot

            if on_terminal:
                with terminal.raw():
                    return machine.run(boot.main)
            return machine.run(boot.main)
    except _Left:
        return Status.LEFT
    except KernelPanic as panic:
        traceback.print_exception(panic)
        raise UserError(f"kernel panic: {panic} (its report is above)") from None
    except BrokenPipeError:
        return Status.BROKEN_PIPE
    except KeyboardInterrupt:
        if deadline.passed:
            raise UserError(f"still running after {options.timeout:g} s, so it was stopped (--timeout)", Status.TIMEOUT) from None
        raise


def _as_binary(stream: io.RawIOBase) -> BinaryIO:
    return stream  # type: ignore[return-value]
