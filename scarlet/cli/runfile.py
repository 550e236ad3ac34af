"""/scarlet/run in the image: what process 1 starts, as NUL-separated records (docs/architecture.md, Boot and process 1)."""

from dataclasses import dataclass, field

from scarlet.cli.errors import Status, UserError

PATH = "/scarlet/run"


@dataclass(frozen=True)
class RunFile:
    """One program, its surroundings, and how its standard streams reach the host."""

    path: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    cwd: str = "/"
    terminal: bool = False
    strace: bool = False
    rows: int = 0
    columns: int = 0
    follows_window: bool = False
    """The window's size comes on a line of its own whenever it changes (scarlet/cli/window.py)."""
    view: str = "linux-riscv64"
    """The ABI whose programs see `path` and `cwd` so."""
    init: str = "/system/scarlet/bin/init"
    """The program that becomes process 1."""
    screen: bool = False
    """The standard streams are the machine's own screen and keyboard."""

    def encode(self) -> bytes:
        records = [f"path={self.path}", *(f"arg={argument}" for argument in self.arguments)]
        records += [f"env={name}={value}" for name, value in self.environment.items()]
        records += [f"cwd={self.cwd}", f"mode={'screen' if self.screen else 'terminal' if self.terminal else 'pipe'}"]
        records.append(f"view={self.view}")
        records.append(f"init={self.init}")
        if self.strace:
            records.append("strace=1")
        if self.rows and self.columns:
            records += [f"rows={self.rows}", f"columns={self.columns}"]
        if self.follows_window:
            records.append("window=1")
        for record in records:
            if "\0" in record:
                raise UserError("arguments and variables cannot hold a NUL byte", Status.USAGE)
        return b"".join(record.encode(errors="surrogateescape") + b"\0" for record in records)
