"""The screen of QEMU's machine, looked at through its machine protocol: pictures of a program, text read off the pixels, keys."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from scarlet.cli import running
from scarlet.cli.picture import Picture
from scarlet.cli.qmp import Connection
from tests import programs
from tests.graphics import glyphs, rfb
from tests.graphics.rfb import Viewer
from tests.qemu.conftest import COMMAND, LIMIT_S, ROOT

pytestmark = pytest.mark.qemu


class Screen:
    """A machine with a screen that nobody sees."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        self.process, self.connection = process, connection

    @property
    def input(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def line(self) -> str:
        """The next line of the program's output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def wait(self, right: Callable[[Picture], bool]) -> None:
        """Until the screen shows what it should; the picture comes a frame after the program."""
        deadline = time.monotonic() + LIMIT_S
        while not right(picture := self.connection.screen()):
            assert self.process.poll() is None and time.monotonic() < deadline, (picture.width, picture.height, text(picture))


@contextmanager
def booted(folder: Path, *arguments: str) -> Iterator[Screen]:
    environment = os.environ | {"XDG_RUNTIME_DIR": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        command = [*COMMAND, "--headless", "--timeout", str(LIMIT_S), *arguments]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                place = _socket(process)
                with Connection(place) as connection:
                    yield Screen(process, connection)
                process.wait(LIMIT_S)
            finally:
                process.terminate()


def _socket(process: subprocess.Popen[bytes]) -> Path:
    """The machine's socket, as soon as it is there."""
    while True:
        for place in running.machines():
            if place.socket.exists():
                return place.socket
        assert process.poll() is None, "the machine did not start"
        time.sleep(0.05)


def text(picture: Picture) -> list[str]:
    """The lines of text on the screen that are not empty."""

    def pixel(x: int, y: int) -> int:
        red, green, blue = picture.pixel(x, y)
        return red << 16 | green << 8 | blue

    rows = []
    for row in range(picture.height // 16):
        strip = picture.part(0, row * 16, picture.width, 16)
        if any(strip.pixels):
            rows.append(glyphs.line(pixel, row, picture.width // 8))
    return [row for row in rows if row]  # the cursor alone is no text


def test_a_program_draws_through_a_mapping_and_dies(tmp_path: Path) -> None:
    script = "echo before >/dev/tty1; painter; echo after >/dev/tty1; cat; echo $?"
    with booted(tmp_path, "--add", f"{programs.build('painter')}:/bin/painter", "--", "sh", "-c", script) as screen:
        assert screen.line() == "all\n"
        screen.wait(lambda picture: picture.pixel(200, 150) == (200, 150, 1) and picture.pixel(1279, 799) == (1279 & 255, 799 & 255, 1))
        screen.input.write(b"\n")
        screen.input.flush()
        assert screen.line() == "a row\n"
        screen.wait(lambda picture: [picture.pixel(9, y)[2] for y in (99, 100, 101)] == [1, 2, 1])
        screen.input.write(b"\n")
        screen.input.flush()
        assert screen.line() == "a column\n"
        screen.wait(lambda picture: all(picture.pixel(0, y) == (0, 0, 3) for y in (0, 100, 799)))
        screen.input.write(b"\n")
        screen.input.flush()
        screen.wait(lambda picture: text(picture)[:2] == ["before", "after"])
        screen.input.close()
        assert screen.line() == "0\n"


def test_a_shell_on_the_screen(tmp_path: Path) -> None:
    with booted(tmp_path, "--env", "PS1=> ") as screen:
        screen.input.close()  # which ends nothing
        screen.wait(lambda picture: text(picture)[-1:] == [">"])
        screen.connection.type(["c", "a", "t", "ret"])
        screen.wait(lambda picture: text(picture)[-1:] == ["> cat"])
        screen.connection.press("shift", "h")
        screen.connection.type(["i", "ret"])
        screen.wait(lambda picture: text(picture)[-2:] == ["Hi", "Hi"])
        screen.connection.press("ctrl", "c")
        screen.wait(lambda picture: text(picture)[-2:] == ["^C", ">"])
        screen.connection.press("alt", "f2")
        screen.wait(lambda picture: text(picture) == [])
        screen.connection.press("alt", "f1")
        screen.wait(lambda picture: text(picture)[-2:] == ["^C", ">"])
        screen.connection.type([*"exit", "spc", "3", "ret"])
        assert screen.line() == "", "nothing comes out of the serial port"
    assert screen.process.returncode == 3


def test_a_viewer_pulls_at_its_window(tmp_path: Path) -> None:
    """Another size is asked for over VNC: the mode, the text terminal and what the viewer sees follow."""
    place = tmp_path / "vnc"
    script = "echo hello >/dev/tty1; exec screensize"
    options = ["--add", f"{programs.build('screensize')}:/bin/screensize", "--qemu", f"-vnc unix:{place}", "--", "sh", "-c", script]
    with booted(tmp_path, *options) as screen, Viewer(place, LIMIT_S) as viewer:
        assert sizes(screen) == (1280, 800, 325, 203, 160, 50), "100 dots an inch"
        for width, height, expected in ((1000, 700, (1000, 700, 254, 177, 125, 43)), (333, 222, (333, 222, 84, 56, 41, 13))):
            viewer.ask_for_size(10, 10)  # which is no picture's
            viewer.ask_for_size(width, height)
            deadline = time.monotonic() + LIMIT_S
            while (told := sizes(screen)) != expected:
                assert time.monotonic() < deadline, told
            right = greeting_of(width, height)
            while not right(picture := viewer.look()):
                assert time.monotonic() < deadline, (picture.width, picture.height, text(picture))
            screen.wait(right)
        screen.input.close()


def greeting_of(width: int, height: int) -> Callable[[Picture], bool]:
    return lambda picture: (picture.width, picture.height) == (width, height) and text(picture) == ["hello"]


def sizes(screen: Screen) -> tuple[int, ...]:
    """What the program says of the screen now: pixels, millimetres, characters."""
    screen.input.write(b"\n")
    screen.input.flush()
    return tuple(int(word) for word in screen.line().split())


def test_two_machines_have_a_port_each(tmp_path: Path) -> None:
    """They are started at once, so that neither can see that the other's is taken."""
    command = [*COMMAND, "--vnc", "--timeout", str(LIMIT_S), "--", "cat"]
    environment = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    with ExitStack() as running:
        machines = [
            running.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE))
            for _number in range(2)
        ]  # fmt: skip
        ports = {vnc_port(machine) for machine in machines}
    assert len(ports) == 2 and [machine.returncode for machine in machines] == [0, 0]


def vnc_port(machine: "subprocess.Popen[bytes]") -> int:
    """Where a run says that its screen is to be seen; a viewer is welcome there."""
    assert machine.stderr is not None
    while "VNC" not in (line := machine.stderr.readline().decode()):
        assert line, "the run has ended"
    place, _colon, port = line.split()[-1].partition(":")
    with socket.create_connection((place, int(port)), LIMIT_S) as viewer:
        assert viewer.recv(len(rfb.VERSION)) == rfb.VERSION
    return int(port)
