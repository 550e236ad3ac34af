"""What the boots share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from scarlet.cli import image
from tests import programs

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "scarlet.cli.main", "run"]
LIMIT_S = int(os.environ.get("SCARLET_TEST_LIMIT", "120"))
"""Seconds, for a machine that hangs; nothing is measured by it."""
PROMPT = "scarlet# "
Result = subprocess.CompletedProcess[bytes]
Run = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The image is there, so that no run says on its standard error that it makes it."""
    image.base_archive()


def runner(*world: str) -> Run:
    def once(*command: str, options: list[str] | None = None, stdin: bytes = b"") -> Result:
        arguments = [*COMMAND, *world, "--timeout", str(LIMIT_S), *(options or []), "--", *command]
        return subprocess.run(arguments, input=stdin, capture_output=True, cwd=ROOT, timeout=LIMIT_S + 30)

    return once


@pytest.fixture(scope="session")
def run() -> Run:
    """Run one program on QEMU: run("echo", "hi", options=["--env", "A=b"], stdin=b"")."""
    return runner()


@pytest.fixture(scope="session", params=[pytest.param("hosted", marks=pytest.mark.hosted), pytest.param("qemu", marks=pytest.mark.qemu)])
def run_anywhere(request: pytest.FixtureRequest) -> Run:
    """The same in each world."""
    return runner(*(["--hosted"] if request.param == "hosted" else []))


def added(*names: str) -> list[str]:
    """Options that put test programs into /bin."""
    return [word for name in names for word in ("--add", f"{programs.build(name)}:/bin/{name}")]


class Shell:
    """Someone at a terminal with a shell: sends lines, waits for words."""

    def __init__(self, command: list[str], environment: dict[str, str], cwd: Path = ROOT, rows: int = 24, columns: int = 80) -> None:
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(cwd),
            env=environment,  # type: ignore[arg-type]
            timeout=LIMIT_S,
            dimensions=(rows, columns),
            encoding="utf-8",
            codec_errors="replace",
        )
        self.prompt()

    @classmethod
    def scarlet(cls, *options: str, rows: int = 24, columns: int = 80) -> "Shell":
        """The interactive shell of `scarlet run`."""
        command = [*COMMAND, "--timeout", str(LIMIT_S * 2), "--env", f"PS1={PROMPT}", *options]
        return cls(command, os.environ | {"TERM": "vt100"}, rows=rows, columns=columns)

    def prompt(self) -> str:
        """Wait for the next prompt; what came before it."""
        self.child.expect_exact(PROMPT)
        return str(self.child.before).replace("\r", "")

    def type(self, text: str) -> None:
        self.child.send(text)

    def wait(self, words: str) -> str:
        self.child.expect_exact(words)
        return str(self.child.before)

    def ask(self, line: str) -> str:
        """A command's output."""
        self.child.send(line + "\r")
        return self.prompt().partition("\n")[2]  # without the line's echo

    def end(self) -> int:
        """Wait for the command to end; its exit status."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus)


@pytest.fixture(scope="module", params=[pytest.param("hosted", marks=pytest.mark.hosted), pytest.param("qemu", marks=pytest.mark.qemu)])
def shell(request: pytest.FixtureRequest) -> Iterator[Shell]:
    """One boot for all the questions of a module, in each world."""
    session = Shell.scarlet(*(["--hosted"] if request.param == "hosted" else []))
    yield session
    session.child.close(force=True)
