"""QEMU's own keyboard: what is typed on it is read from the screen's terminal and from its event file, and Ctrl-C ends what runs there."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scarlet.cli import qmp

pytestmark = pytest.mark.qemu

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = float(os.environ.get("SCARLET_TEST_LIMIT", "120"))
SCRIPT = """
(exec < /dev/tty1; echo line; head -n 1)
exec 3< /dev/input/event0; echo events; seen=0
while [ $seen -lt 2 ]; do
    event=$(dd bs=24 count=1 <&3 2> /dev/null | od -An -v -tx2 -w24)
    case "$event" in *" 0001 0067 "*) echo $event; seen=$((seen + 1)) ;; esac
done
setsid sh -c 'exec < /dev/tty1; echo asleep; sleep 1000; echo awake'; echo status $?
"""


class Desk:
    """A machine without a window, and what it says line by line."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "scarlet.cli.main", "run", "--headless", "--timeout", str(LIMIT_S), "--", "sh", "-c", SCRIPT]
        environment = os.environ | {"XDG_RUNTIME_DIR": str(folder)}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        self.keys = qmp.Connection(folder / "scarlet" / "1.qmp", limit_s=LIMIT_S)

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="scarlet-keys-") as folder:
        desk = Desk(Path(folder))
        yield desk
        desk.process.send_signal(signal.SIGINT)
        desk.process.communicate(timeout=LIMIT_S)


def test_a_line_is_typed_on_the_screens_terminal(desk: Desk) -> None:
    assert desk.hear() == "line"
    desk.keys.type("hello")
    desk.keys.press("spc")
    desk.keys.press("shift", "w")
    desk.keys.press("x")
    desk.keys.press("backspace")
    desk.keys.press("ret")
    assert desk.hear() == "hello W"


def test_keys_are_events(desk: Desk) -> None:
    assert desk.hear() == "events"
    desk.keys.press("up")
    assert [desk.hear().split()[8:] for _event in range(2)] == [["0001", "0067", "0001", "0000"], ["0001", "0067", "0000", "0000"]]


def test_control_c_ends_what_runs_on_the_screens_terminal(desk: Desk) -> None:
    assert desk.hear() == "asleep"
    desk.keys.press("ctrl", "c")
    assert desk.hear() == "status 130"
