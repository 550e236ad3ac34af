"""The last picture of a run, however it ends, and one of a machine that runs."""

import os
import signal
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from scarlet.cli.picture import Picture
from tests.qemu.conftest import COMMAND, LIMIT_S, ROOT, Result

pytestmark = pytest.mark.qemu
WIDTH, HEIGHT = 1280, 800
DRAW = "exec 3>/dev/fb0; cat /drawing >&3; "
"""The framebuffer stays open: with its last user the text would come back."""
SHOW = "exec 3>/dev/fb0; dd if=/drawing of=/dev/fb0 bs=64k conv=fsync 2>/dev/null; "
"""The same, and it is on the screen when the next command begins."""


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Picture]:
    """Options that put a drawing into the machine, and what the screen shows when it was copied there: no two rows are alike."""
    paint = bytes((at * 7 + at // 256) & 255 for at in range(WIDTH * 3 + HEIGHT))
    pixels = b"".join(paint[y : y + WIDTH * 3] for y in range(HEIGHT))
    memory = bytearray(WIDTH * HEIGHT * 4)
    memory[0::4], memory[1::4], memory[2::4] = pixels[2::3], pixels[1::3], pixels[0::3]
    path = tmp_path_factory.mktemp("drawing") / "drawing"
    path.write_bytes(memory)
    return ["--add", f"{path}:/drawing"], Picture(WIDTH, HEIGHT, pixels)


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"XDG_RUNTIME_DIR": str(folder)}


def run(folder: Path, *words: str) -> Result:
    command = [*COMMAND, "--timeout", str(LIMIT_S), "--screenshot", str(folder / "last.png"), *words]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment(folder), stdin=subprocess.DEVNULL, timeout=LIMIT_S + 30)
    assert not list((folder / "scarlet").iterdir()), "nothing is left of the machine"
    return done


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run that has said a line, and goes on."""
    command = [*COMMAND, "--timeout", str(LIMIT_S), "--screenshot", str(folder / "last.png"), *words]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == b"drawn\n"
        yield process
        process.kill()


def emulator(process: subprocess.Popen[bytes]) -> int:
    """The number of its QEMU."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)


def is_gone(number: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return True


def picture(file: Path) -> Picture:
    """The pixels of a PNG file as the command writes it."""
    data = file.read_bytes()
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    start = data.index(b"IDAT")
    raw = zlib.decompress(data[start + 4 : start + 4 + int.from_bytes(data[start - 4 : start], "big")])
    rows = [bytes(width * 3)]
    for at in range(0, len(raw), 1 + width * 3):
        row = raw[at + 1 : at + 1 + width * 3]
        assert raw[at] == 0 or raw[at] == 2 and not any(row), "as it is, or as the one above"
        rows.append(row if raw[at] == 0 else rows[-1])
    return Picture(width, height, b"".join(rows[1:]))


@pytest.mark.parametrize(("end", "status"), [("exit 3", 3), ("kill -9 $$", 137), ("poweroff -f", 0), ("reboot -f", 0)])
def test_what_was_drawn_last_is_in_the_picture(tmp_path: Path, drawing: tuple[list[str], Picture], end: str, status: int) -> None:
    options, drawn = drawing
    done = run(tmp_path, *options, "--", "sh", "-c", f"{DRAW}{end}")
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")
    assert picture(tmp_path / "last.png") == drawn


def test_a_panic_leaves_a_picture_too(tmp_path: Path, drawing: tuple[list[str], Picture]) -> None:
    options, drawn = drawing
    done = run(tmp_path, *options, "--", "sh", "-c", f"{SHOW}echo c >/proc/sysrq-trigger")
    assert done.returncode == 125
    assert done.stderr.endswith(b"kernel panic: sysrq: a crash was asked for (its report is above)\n")
    assert picture(tmp_path / "last.png") == drawn


def test_a_run_that_is_stopped(tmp_path: Path, drawing: tuple[list[str], Picture]) -> None:
    """Meanwhile others can look as well."""
    options, drawn = drawing
    with running(tmp_path, *options, "--", "sh", "-c", f"{SHOW}echo drawn; sleep 1000") as process:
        machine = emulator(process)
        look = [*COMMAND[:-1], "screenshot", str(tmp_path / "shot.png")]
        assert subprocess.run(look, cwd=ROOT, env=environment(tmp_path), timeout=LIMIT_S).returncode == 0
        assert picture(tmp_path / "shot.png") == drawn
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 130
        assert is_gone(machine)
    assert picture(tmp_path / "last.png") == drawn


def test_a_run_out_of_time(tmp_path: Path) -> None:
    """However far it came."""
    done = run(tmp_path, "--timeout", "1", "--", "sh", "-c", "while :; do :; done")
    assert done.returncode == 124 and done.stderr.endswith(b"still running after 1 s, so it was stopped (--timeout)\n")
    assert picture(tmp_path / "last.png").width > 0


def test_an_emulator_that_dies_leaves_none(tmp_path: Path) -> None:
    with running(tmp_path, "--", "sh", "-c", "echo drawn; sleep 1000") as process:
        os.kill(emulator(process), signal.SIGKILL)
        assert process.wait(LIMIT_S) == 125
        assert process.stderr is not None
        words = process.stderr.read().decode().splitlines()
    assert words == [
        "scarlet: warning: there is no last picture: QEMU ended before its screen could be read",
        "scarlet: QEMU was killed by SIGKILL",
    ]
    assert not (tmp_path / "last.png").exists()


def test_an_emulator_dies_with_its_run(tmp_path: Path) -> None:
    with running(tmp_path, "--", "sh", "-c", "echo drawn; sleep 1000") as process:
        machine = emulator(process)
        process.kill()
        process.wait(LIMIT_S)
        deadline = time.monotonic() + LIMIT_S
        while not is_gone(machine):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_whoever_leaves_by_a_key_gets_a_picture(tmp_path: Path, drawing: tuple[list[str], Picture]) -> None:
    options, drawn = drawing
    words = ["--timeout", str(LIMIT_S), "--screenshot", str(tmp_path / "last.png"), *options, "--tty"]
    script = f"{SHOW}echo drawn; sleep 1000"
    child = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], *words, "--", "sh", "-c", script], cwd=str(ROOT), env=environment(tmp_path), timeout=LIMIT_S
    )  # fmt: skip
    child.expect_exact("drawn")
    child.send("\x01x")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert picture(tmp_path / "last.png") == drawn


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("shot.jpg", "the name ends in .png"), ("none/shot.png", "there is no folder"), ("folder.png", "this is a folder")],
)
def test_a_picture_that_could_not_be_saved_is_refused_at_once(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "folder.png").mkdir()
    command = [*COMMAND[:-1], "screenshot", str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment(tmp_path), text=True)
    assert done.returncode == 2 and complaint in done.stderr


def test_nothing_is_running(tmp_path: Path) -> None:
    command = [*COMMAND[:-1], "screenshot", str(tmp_path / "shot.png")]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment(tmp_path), text=True)
    assert done.returncode == 2 and "no machine with a display is running" in done.stderr
