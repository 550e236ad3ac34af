"""Programs that make hundreds of calls and print every result: the same lines on a hosted Scarlet as under qemu-riscv64.

Where qemu-riscv64 7.2 itself differs from Linux (it checks whole buffers first, takes sigaction to have a restorer, ignores flags), the
manual page decides: those lines are named in NOT_AN_ORACLE and left out on both sides.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import programs

NOT_AN_ORACLE: dict[str, tuple[str, ...]] = {
    "sockets": (),
    "inet": (),
    "names": ("do_mknod_dir NULL", "open_creat_directory NULL", "open_tmpfile_read NULL"),
    "data": (
        "read(fd, (void *)1, 10)", "fcntl(fd, F_GETFL, 0)", "CALL(NR_getdents64, fd, b, sizeof b)", "CALL(NR_writev, fd, bad, 2)",
        "CALL(NR_readv, fd,", "CALL(NR_preadv", "lseek(fd, 0, SEEK_END)", "v holds", "CALL(NR_prlimit64, 0, 7, limit, 0)",
    ),
    "signals": ("old.mask", "mask_now()", "CALL(NR_nanosleep, 1, 0)", "CALL(NR_clock_nanosleep, 2, 0, &zero, 0)"),
    "memory": (
        "bad(map(p + PG, PG, RW, AP | MAP_FIXED_NOREPLACE", "CALL(NR_mprotect, p, 0, RW)", "status of touch_read", "bad(CALL(NR_mremap, q,",
        "CALL(NR_madvise", "wait_for(pid)", "*(u8 *)p = ", "bad(map(0, 65 << 20", "CALL(NR_brk, end +", "write(fd, (u8 *)p + PG - 3, 10)",
        "pwrite(fd, (u8 *)p, 2 * PG, 0)", "lseek(fd, 0, SEEK_END)", "pread(fd, (u8 *)p + PG - 3, 10, 0)", "pread(fd, (u8 *)p, 5000, 0)",
    ),
}  # fmt: skip
"""How the lines begin that are left out."""


def lines(name: str, output: str) -> list[str]:
    """What can be compared. The root of the guest is no mount of its own inside the working directory's, so calls on "/" differ too."""
    return [line for line in output.splitlines() if not line.startswith(NOT_AN_ORACLE[name]) and " '/' = " not in line]


def on_linux(program: Path) -> str:
    qemu = shutil.which("qemu-riscv64")
    assert qemu, "qemu-riscv64 is missing: scripts/setup installs it"
    memory = "/dev/shm"  # a tmpfs, as the guest's root is
    with tempfile.TemporaryDirectory(dir=memory if os.path.isdir(memory) else None) as folder:
        done = subprocess.run([qemu, program], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def on_scarlet(program: Path) -> str:
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--no-tty", "--timeout", "120", "--cwd", "/tmp"]
    command += ["--add", f"{program}:/bin/program", "--", "program"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sorted(NOT_AN_ORACLE))
def test_calls_give_what_linux_gives(name: str) -> None:
    if os.getuid() != 0:
        pytest.skip("the programs run as root in the guest, so they must on Linux")
    program = programs.build(f"calls/{name}")
    assert lines(name, on_scarlet(program)) == lines(name, on_linux(program))
