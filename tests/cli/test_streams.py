"""Standard streams that are closed, full or left, and signals: an exit status and at most one line, whatever the moment."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCARLET = f"{sys.executable} -m scarlet.cli.main"
SHOWS_MUCH = "abi show linux"
SAYS_LITTLE = "run --memory lots"


def shell(script: str) -> subprocess.CompletedProcess[str]:
    """A script of bash in which `scarlet` is the command."""
    command = ["bash", "-c", f'scarlet() {{ {SCARLET} "$@"; }}; {script}']
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("script", "status", "error"),
    [
        (f"scarlet {SHOWS_MUCH} >/dev/full", 125, "scarlet: no space left on device\n"),
        (f"scarlet {SHOWS_MUCH} >&-", 125, "scarlet: bad file descriptor\n"),
        (f"scarlet {SHOWS_MUCH} <&- 2>&- | tail -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}", 0, ""),
        (f"scarlet {SAYS_LITTLE} 2>&- >&-", 2, ""),
    ],
    ids=["full", "closed", "no input, no errors", "none at all"],
)
def test_streams_that_fail(script: str, status: int, error: str) -> None:
    done = shell(script)
    assert (done.returncode, done.stderr) == (status, error)


def test_a_reader_who_has_left() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*SCARLET.split(), *SHOWS_MUCH.split()], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_at_any_moment_of_the_start_are_quiet(number: signal.Signals) -> None:
    """The command sends it to itself when it has made so many calls."""
    for calls in (40, 10_000):
        script = f"""
import os, signal, sys
signal.signal({number}, signal.default_int_handler if {number} == signal.SIGINT else signal.SIG_DFL)  # though we may run under nohup
calls = 0
def traced(frame, event, argument):
    global calls
    calls += 1
    if calls == {calls}:
        os.kill(os.getpid(), {number})
from scarlet.cli.main import main
sys.argv = ["scarlet", "disk", "check", "/nowhere"]
sys.setprofile(traced)
main()
"""
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        assert done.returncode in (-number, 128 + number)
