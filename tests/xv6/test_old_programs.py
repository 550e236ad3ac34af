"""Programs as older xv6 links them: one segment at 0 that can be written and run, at an odd place of the file, on the kernel's stack."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import FLAGS, FOLDER
from tests.qemu.conftest import Run

ZIG = [sys.executable, "-m", "ziglang"]


@pytest.fixture(scope="module")
def old_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """programs/xv6_start.c, compiled without a C library and linked with `ld -N`."""
    folder = tmp_path_factory.mktemp("old")
    machine = ["-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+c", "-mcmodel=medany", "-O1"]
    source = FOLDER / "xv6_start.c"
    subprocess.run([*ZIG, "cc", *machine, *FLAGS, "-c", "-o", str(folder / "start.o"), str(source)], check=True)
    link = ["ld.lld", "-m", "elf64lriscv", "-N", "-e", "main", "--image-base=0", "-Ttext", "0", "--no-relax"]
    subprocess.run([*ZIG, *link, "-o", str(folder / "start"), str(folder / "start.o")], check=True)
    return folder / "start"


def test_a_program_of_an_older_xv6_runs(run_anywhere: Run, old_program: Path) -> None:
    result = run_anywhere("/home/start", "one", "a longer argument", options=["--add", f"{old_program}:/home/start"])
    assert result.stdout.decode() == "/home/start one a longer argument\ndata and bss\nthe guard page kills\n", result
    assert result.returncode == 0
