"""The way to a machine and back, against a stand-in that echoes (tests/programs/standin.c)."""

import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.cli import framing, terminal
from scarlet.cli.framing import StartFilter

DRIVER = """
import os, sys
from pathlib import Path
from scarlet.cli import qemu, transport
from scarlet.cli.errors import UserError
machine = qemu.Machine(Path(sys.argv[1]), Path("/dev/null"), "", 64)
try:
    sys.exit(transport.Transport(machine).run(terminal_keys=None, timeout=float(sys.argv[2])))
except UserError as error:
    print(f"scarlet: {error.message}", file=sys.stderr)
    sys.exit(error.status)
"""


def carry(elf: Path, data: bytes, timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", DRIVER, str(elf), str(timeout)], input=data, capture_output=True, timeout=150)


@pytest.mark.qemu
@pytest.mark.parametrize(
    "data", [b"", b"hello\n", b"\x10", b"\x10E\x10\x10B", bytes(range(0xFD)) * 8], ids=["nothing", "text", "DLE", "codes", "bytes"]
)
def test_input_arrives_whole_and_so_does_output(standin: Path, data: bytes) -> None:
    done = carry(standin, data)
    assert done.stdout == data
    assert done.returncode == 7
    assert done.stderr == b"stand-in: up\n"


@pytest.mark.qemu
def test_a_panic_is_said_and_is_a_failure(standin: Path) -> None:
    done = carry(standin, b"before\xfe")
    assert done.stdout == b"before"
    assert done.returncode == 125
    assert done.stderr.endswith(b"kernel panic: asked for\nscarlet: kernel panic: asked for (its report is above)\n")


@pytest.mark.qemu
def test_a_machine_that_does_not_end_is_stopped(standin: Path) -> None:
    done = carry(standin, b"\xfd", timeout=2)
    assert done.returncode == 124
    assert b"still running after 2 s" in done.stderr


@pytest.mark.qemu
def test_qemu_refusing_is_told_in_its_words(tmp_path: Path) -> None:
    done = carry(tmp_path / "nosuch.elf", b"")
    assert done.returncode == 125
    assert done.stderr.endswith(b"nosuch.elf: No such file or directory\n")


@pytest.mark.qemu
def test_no_machine_outlives_its_command(standin: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", DRIVER, str(standin), "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"x")
    process.stdin.flush()
    assert process.stdout.read(1) == b"x"  # it runs
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    process.kill()
    process.wait()
    while os.path.exists(f"/proc/{children[0]}") and "Z" not in Path(f"/proc/{children[0]}/stat").read_text().split(")")[1][:3]:
        time.sleep(0.01)


@pytest.mark.qemu
def test_a_reader_who_leaves_ends_the_machine_quietly(standin: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(standin), "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.write(b"nobody reads this")
    process.stdin.flush()
    assert process.wait(60) == 141


@pytest.mark.qemu
def test_output_that_cannot_be_written_is_a_failure(standin: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-c", DRIVER, str(standin), "60"]
        done = subprocess.run(command, input=b"hello\n", stdout=full, stderr=subprocess.PIPE, timeout=90)
    assert done.returncode == 125
    assert done.stderr == b"stand-in: up\nscarlet: standard output: no space left on device\n"


@pytest.mark.qemu
def test_a_log_that_nobody_reads_does_not_stop_the_machine(standin: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", DRIVER, str(standin), "60"]
    done = subprocess.run(command, input=b"hello\n", stdout=subprocess.PIPE, stderr=writing, timeout=90)
    os.close(writing)
    assert (done.returncode, done.stdout) == (7, b"hello\n")


@pytest.mark.qemu
def test_input_that_cannot_be_read_has_ended(standin: Path) -> None:
    unreadable = os.open(os.devnull, os.O_WRONLY)
    done = subprocess.run([sys.executable, "-c", DRIVER, str(standin), "60"], stdin=unreadable, capture_output=True, timeout=90)
    os.close(unreadable)
    assert (done.returncode, done.stdout) == (7, b"")
    assert b"scarlet: standard input: bad file descriptor\n" in done.stderr


CHATTERER = """
import sys
from pathlib import Path
from scarlet.cli import qemu, transport
qemu.command = lambda machine, log: ["sh", "-c", "printf '\\020B'; exec yes"]
sys.exit(transport.Transport(qemu.Machine(Path("elf"), Path("initrd"), "", 64)).run(terminal_keys=lambda typed: typed, timeout=60))
"""


def test_a_terminal_that_hangs_up_amid_output_has_hung_up() -> None:
    """Whoever meets it first, the one who reads it or the one who writes to it."""
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", CHATTERER], stdin=slave, stdout=slave, stderr=subprocess.PIPE)
    os.read(master, 1)
    os.close(master)
    errors = process.communicate(timeout=90)[1]
    os.close(slave)
    assert (process.returncode, errors) == (129, b"")


@settings(derandomize=True)
@given(st.binary(), st.lists(st.integers(1, 9)))
def test_what_comes_before_the_start_is_held_back(output: bytes, sizes: list[int]) -> None:
    whole = b"OpenSBI v1.1\n" + framing.PROGRAM_STARTS + output
    held, shown, position = StartFilter(), b"", 0
    for size in [*sizes, len(whole)]:
        shown += held.feed(whole[position : position + size])
        position += size
    assert shown == output
    assert held.before == b"OpenSBI v1.1\n"


@settings(derandomize=True)
@given(st.binary())
def test_escaped_input_never_looks_like_its_end(data: bytes) -> None:
    escaped = framing.escape(data)
    codes = [escaped[at + 1] for at in _codes(escaped)]
    assert codes == [framing.DLE[0]] * data.count(framing.DLE)


def _codes(escaped: bytes) -> Iterator[int]:
    """Where the receiver sees a control code."""
    at = 0
    while (at := escaped.find(framing.DLE, at)) >= 0:
        yield at
        at += 2


def test_ctrl_a_x_leaves_and_ctrl_a_twice_is_one() -> None:
    left: list[bool] = []
    keys = terminal.Keys(leave=lambda: left.append(True))
    assert keys.feed(b"abc\x01") == b"abc"
    assert keys.feed(b"\x01d") == b"\x01d"
    assert keys.feed(b"\x01q") == b"\x01q"
    assert not left
    assert keys.feed(b"e\x01xf") == b"e"
    assert left
