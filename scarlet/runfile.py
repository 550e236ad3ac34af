"""/scarlet/run in the boot image: what process 1 is to start (docs/architecture.md, Boot and process 1).

NUL-separated records `key=value`: path, arg (repeated), env (repeated), cwd, view, init, mode (terminal, screen or pipe), strace, rows,
columns, window.
"""

from typing import Final

from scarlet.lang.errno import EINVAL, Errno

PATH: Final = b"/scarlet/run"


class RunFile:
    """The program, its surroundings, and how its standard streams reach the host."""

    def __init__(self) -> None:
        self.path = b"/bin/sh"
        self.arguments: list[bytes] = []
        self.environment: list[bytes] = []
        self.cwd = b"/"
        self.view = "linux-riscv64"
        """The ABI whose programs see `path` and `cwd` so."""
        self.init = b"/system/scarlet/bin/init"
        """The program that becomes process 1."""
        self.terminal = True
        self.screen = False
        """The terminal is the one on the machine's screen, if there is a screen."""
        self.strace = False
        self.rows = 0
        self.columns = 0
        self.follows_window = False
        """The first virtio line tells the rows and columns whenever they change."""

    def add(self, key: bytes, value: bytes) -> None:
        """Take one record. EINVAL for a key nobody knows or a value that makes no sense."""
        match key:
            case b"path":
                self.path = value
            case b"arg":
                self.arguments.append(value)
            case b"env":
                self.environment.append(value)
            case b"cwd":
                self.cwd = value
            case b"init":
                self.init = value
            case b"view":
                self.view = value.decode()
            case b"mode":
                if value not in (b"terminal", b"screen", b"pipe"):
                    raise Errno(EINVAL, "mode is terminal, screen or pipe")
                self.terminal = value != b"pipe"
                self.screen = value == b"screen"
            case b"strace":
                self.strace = value == b"1"
            case b"rows":
                self.rows = _number(value)
            case b"columns":
                self.columns = _number(value)
            case b"window":
                self.follows_window = value == b"1"
            case _:
                raise Errno(EINVAL, f"unknown record {key!r}")


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > 5:
        raise Errno(EINVAL, f"not a number: {text!r}")
    return int(text)


def parse(data: bytes) -> RunFile:
    """The records of a run file; EINVAL when one is damaged."""
    run = RunFile()
    for record in data.split(b"\0"):
        if len(record) == 0:
            continue
        equals = record.find(b"=")
        if equals <= 0:
            raise Errno(EINVAL, f"not key=value: {record!r}")
        run.add(record[:equals], record[equals + 1 :])
    if len(run.arguments) == 0:
        run.arguments.append(run.path)
    return run
