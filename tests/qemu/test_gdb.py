"""`scarlet gdb`: breakpoints on Python functions, stack traces with Python files and lines."""

import os
import re
import shutil
import sys
from pathlib import Path

import pexpect
import pytest

from tests.qemu.conftest import LIMIT_S, ROOT

pytestmark = [pytest.mark.qemu, pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is not installed")]

GDB_PROMPT = "(gdb) "


def test_a_breakpoint_in_a_system_call_shows_python(tmp_path: Path) -> None:
    """In a folder whose name QEMU would take apart, and with a disk, as `scarlet run` takes one."""
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(1 << 20))
    scratch = tmp_path / "a,b"
    scratch.mkdir()
    command = ["-m", "scarlet.cli.main", "gdb", "--drive", str(disk), "--", "sh", "-c", "ls /; exec sleep 1000"]
    child = pexpect.spawn(
        sys.executable,
        command,
        cwd=str(ROOT),
        env=os.environ | {"TERM": "dumb", "TMPDIR": str(scratch)},  # type: ignore[arg-type]
        timeout=LIMIT_S,
        encoding="utf-8",
        dimensions=(60, 250),
    )

    def ask(line: str) -> str:
        child.expect_exact(GDB_PROMPT)
        child.sendline(line)
        child.expect_exact("\n")
        return str(child.before)

    ask("tbreak drivers_virtio_blk__VirtioDisk___new")
    ask("continue")
    child.expect("drivers/virtio/blk")
    ask("break abi_modules_linux_riscv64_directories__getdents64")
    ask("continue")
    ask("bt")
    child.expect_exact(GDB_PROMPT)
    trace = child.before
    child.sendline("info locals")
    child.expect_exact(GDB_PROMPT)
    variables = [line.split(" = ")[0] for line in child.before.splitlines() if " = " in line]
    child.sendline("delete")
    ask("continue")
    child.sendintr()  # it stops the machine, and nothing else
    ask("info program")
    child.expect_exact(GDB_PROMPT)
    child.sendline("kill")
    ask("quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "abi_modules/linux_riscv64/directories.py:" in trace
    assert "abi_modules/linux_riscv64/dispatch.py:" in trace
    assert {"directory", "target", "records", "before", "size"} <= set(variables)
    assert not [name for name in variables if re.fullmatch(r"t\d+(_\d+)?|scarlet_error|[er]", name)], "what the compiler made up"
    assert "scarlet/kernel/trap.py:" in trace
