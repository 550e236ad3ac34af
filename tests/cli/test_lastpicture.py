"""The last picture of a run, against a stand-in for QEMU's machine protocol."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scarlet.cli import lastpicture, qmp
from scarlet.cli.lastpicture import LastPicture
from scarlet.cli.qemu import Machine

LIMIT_S = 60


class Emulator(threading.Thread):
    """Answers what is asked of it as QEMU does; `status` is how the machine is."""

    def __init__(self, line: socket.socket, status: str = "running") -> None:
        super().__init__(daemon=True)
        self.line, self.status = line, status
        self.asked: list[str] = []
        self.asked_for = threading.Condition()
        self.screens = 1
        self.start()

    def say(self, **words: object) -> None:
        self.line.sendall(json.dumps(words).encode() + b"\r\n")

    def end_by_itself(self) -> None:
        self.status = "shutdown"
        with contextlib.suppress(OSError):  # who asked in this moment knows already, and has let it go
            self.say(event="SHUTDOWN", data={"guest": True, "reason": "guest-reset"})
            self.say(event="STOP")

    def wait_for(self, command: str) -> None:
        """Until it was asked that."""
        with self.asked_for:
            assert self.asked_for.wait_for(lambda: command in self.asked, LIMIT_S), self.asked

    def run(self) -> None:
        try:
            self.say(QMP={"version": {}})
            for line in self.line.makefile("rb"):
                request = json.loads(line)
                self.answer(request["execute"], request.get("arguments", {}), request["id"])
                with self.asked_for:
                    self.asked.append(request["execute"])
                    self.asked_for.notify_all()
                if request["execute"] == "quit":
                    break
        except OSError:
            pass
        self.line.close()

    def answer(self, command: str, arguments: dict[str, str], number: int) -> None:
        result: object = {}
        if command == "query-status":
            result = {"status": self.status, "running": self.status == "running"}
        elif command == "stop" and self.status == "running":
            self.status = "paused"
            self.say(event="STOP")
        elif command == "screendump" and not self.screens:
            self.say(error={"class": "GenericError", "desc": "no screen"}, id=number)
            return
        elif command == "screendump":
            Path(arguments["filename"]).write_bytes(b"P6\n2 1\n255\nabcdef")
        elif command == "human-monitor-command":
            assert arguments["command-line"] == "xp /1xb 0x10000007"
            result = "0000000010000007: 0x2a\r\n"
        self.say(**{"return": result, "id": number})


@contextmanager
def followed(file: Path, status: str = "running", *, window: bool = False) -> Iterator[tuple[LastPicture, Emulator]]:
    last = LastPicture(file, window=window)
    emulator = Emulator(socket.socket(fileno=os.dup(last.descriptor)), status)
    last.started()
    yield last, emulator
    emulator.join(LIMIT_S)
    assert not emulator.is_alive(), "QEMU was told to quit"


def test_a_machine_that_switches_itself_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "last.png"
    with followed(file) as (last, emulator):
        emulator.wait_for("query-status")
        emulator.say(event="VNC_CONNECTED")
        emulator.end_by_itself()
    last.ending()
    last.report()
    assert file.read_bytes()[1:4] == b"PNG"
    assert last.status == 42
    assert emulator.asked[-3:] == ["human-monitor-command", "screendump", "quit"] and "stop" not in emulator.asked
    assert capsys.readouterr().err == ""


def test_a_machine_that_was_off_before_anybody_asked(tmp_path: Path) -> None:
    with followed(tmp_path / "last.png", "shutdown"):
        pass
    assert (tmp_path / "last.png").exists()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_machine_that_is_stopped_from_here(tmp_path: Path, at_once: bool) -> None:
    with followed(tmp_path / "last.png") as (last, emulator):
        if not at_once:
            emulator.wait_for("query-status")
        last.ending()
        last.ending()
    assert (tmp_path / "last.png").exists()
    assert emulator.asked.count("stop") == 1 and emulator.asked.index("stop") < emulator.asked.index("screendump")


def test_a_debugger_may_stop_the_machine_and_let_it_go_on(tmp_path: Path) -> None:
    with followed(tmp_path / "last.png") as (_last, emulator):
        emulator.wait_for("query-status")
        emulator.asked.clear()
        emulator.status = "debug"
        emulator.say(event="STOP")
        emulator.wait_for("query-status")
        assert not (tmp_path / "last.png").exists() and emulator.is_alive()
        emulator.end_by_itself()
    assert (tmp_path / "last.png").exists()


def test_a_picture_that_cannot_be_had_does_not_keep_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with followed(tmp_path / "last.png") as (last, emulator):
        emulator.screens = 0
        emulator.end_by_itself()
    last.ending()
    last.report()
    assert capsys.readouterr().err == "scarlet: warning: there is no last picture: QEMU: no screen\n"
    assert last.status == 42


def test_a_picture_that_cannot_be_saved_does_not_keep_it_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "last.png").mkdir()
    with followed(tmp_path / "last.png") as (last, emulator):
        emulator.end_by_itself()
    last.ending()
    last.report()
    assert "last.png: is a directory" in capsys.readouterr().err


def test_a_machine_that_dies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with followed(tmp_path / "last.png") as (last, emulator):
        emulator.wait_for("query-status")
        emulator.line.shutdown(socket.SHUT_RDWR)
    last.ending()
    last.report()
    assert capsys.readouterr().err == "scarlet: warning: there is no last picture: QEMU ended before its screen could be read\n"


def test_a_window_that_is_closed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """QEMU ends with it: the picture is the one before."""
    with followed(tmp_path / "last.png", window=True) as (last, emulator):
        emulator.wait_for("screendump")
        emulator.line.shutdown(socket.SHUT_RDWR)
    last.ending()
    last.report()
    assert (tmp_path / "last.png").exists() and capsys.readouterr().err == ""


def test_a_machine_with_a_window_that_switches_itself_off(tmp_path: Path) -> None:
    with followed(tmp_path / "last.png", window=True) as (last, emulator):
        emulator.wait_for("screendump")
        emulator.end_by_itself()
    last.ending()
    assert (tmp_path / "last.png").exists() and last.status == 42
    assert emulator.asked[-2:] == ["screendump", "quit"]


def test_a_machine_that_never_started_is_others_business(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = LastPicture(tmp_path / "last.png", window=False)
    last.started()
    last.ending()
    last.report()
    assert capsys.readouterr().err == ""


def test_a_machine_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(qmp, "LIMIT_S", 0.05)
    last = LastPicture(tmp_path / "last.png", window=False)
    held = os.dup(last.descriptor)
    last.started()
    last.ending()
    last.report()
    os.close(held)
    assert "QEMU does not answer" in capsys.readouterr().err


def test_what_the_machine_gets() -> None:
    last = LastPicture(Path("x.png"), window=False)
    machine = last.added_to(Machine(Path("kernel"), Path("initrd"), "log=semihosting", extra=["-s"]))
    assert machine.command_line.split() == ["log=semihosting", lastpicture.KERNEL_WORD]
    assert machine.extra[:2] == ["-action", "shutdown=pause"] and machine.extra[-1] == "-s"
    assert any(f"fd={last.descriptor}" in word for word in machine.extra)
