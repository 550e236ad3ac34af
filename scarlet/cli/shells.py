"""The shells that `scarlet run` can start: whose program, how it sees the files, where its user begins."""

from dataclasses import dataclass

from scarlet.cli.errors import Status, UserError

SYSTEMS = "/scarlet/system/linux-riscv64/bin:/scarlet/system/scarlet/bin:/scarlet/system/xv6-riscv64"
SEARCH_PATH = f"/bin:/sbin:/usr/bin:/usr/sbin:{SYSTEMS}"
"""The own root first, then those of all systems: the same in every view (executor/protocol.py)."""


@dataclass(frozen=True)
class Shell:
    """One row. `view` names the ABI as whose programs the user sees the files."""

    name: str
    view: str
    path: str
    arguments: tuple[str, ...]
    cwd: str
    home: str
    search_path: str = SEARCH_PATH


SHELLS = {
    shell.name: shell
    for shell in (
        Shell("busybox", "linux-riscv64", "/bin/sh", ("-sh",), "/root", "/root"),
        Shell("native", "native", "/bin/sh", ("-sh",), "/home", "/home"),
        Shell("xv6", "xv6-riscv64", "/sh", ("sh",), "/", "/home", f"/:{SEARCH_PATH}"),
    )
}
USUAL = "busybox"


def named(name: str) -> Shell:
    """The row of that name; UserError when there is none."""
    if name not in SHELLS:
        raise UserError(f"--shell {name}: there are {', '.join(SHELLS)}", Status.USAGE)
    return SHELLS[name]
