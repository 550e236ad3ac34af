"""The last picture of a run, and one of a machine that runs."""

import os
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.qemu.conftest import COMMAND, LIMIT_S, ROOT, Result

pytestmark = pytest.mark.qemu
PICTURE = "printf '\\033[44m%500s' '' > /dev/tty1"
"""Much of the screen becomes blue."""


def run(folder: Path, *words: str) -> Result:
    environment = os.environ | {"XDG_RUNTIME_DIR": str(folder)}
    command = [*COMMAND, "--timeout", str(LIMIT_S), *words]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, timeout=LIMIT_S + 30)


def colours(file: Path) -> set[bytes]:
    """Those of a PNG file as the command writes it."""
    data = file.read_bytes()
    start = data.index(b"IDAT")
    raw = zlib.decompress(data[start + 4 : start + 4 + int.from_bytes(data[start - 4 : start], "big")])
    stride = 1 + 3 * int.from_bytes(data[16:20], "big")
    rows = [raw[at + 1 : at + stride] for at in range(0, len(raw), stride) if raw[at] == 0]
    return {row[at : at + 3] for row in rows for at in range(0, len(row), 3)}


def test_the_last_picture_of_a_run_that_ends_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "last.png"
    done = run(tmp_path, "--screenshot", str(file), "--", "sh", "-c", f"{PICTURE}; sleep 2; echo done")
    assert (done.returncode, done.stdout) == (0, b"done\n")
    assert len(colours(file)) > 1
    assert not list((tmp_path / "scarlet").iterdir()), "nothing is left of the machine"


def test_the_last_picture_of_a_run_that_is_stopped(tmp_path: Path) -> None:
    file = tmp_path / "last.png"
    done = run(tmp_path, "--screenshot", str(file), "--timeout", "8", "--", "sh", "-c", f"{PICTURE}; sleep 1000")
    assert done.returncode == 124
    assert len(colours(file)) > 1


def test_a_status_other_than_success_is_told_all_the_same(tmp_path: Path) -> None:
    done = run(tmp_path, "--screenshot", str(tmp_path / "last.png"), "--", "sh", "-c", "exit 3")
    assert done.returncode == 3


def test_nothing_is_running(tmp_path: Path) -> None:
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    command = [*COMMAND[:-1], "screenshot", str(tmp_path / "shot.png")]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, text=True)
    assert done.returncode == 2 and "no machine with a display is running" in done.stderr
