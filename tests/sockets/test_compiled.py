"""The compiled kernel's sockets, call by call, against Linux: the program that tests/abi runs hosted."""

import os
import subprocess
import sys

import pytest

from tests import programs
from tests.abi.test_calls_like_linux import lines, on_linux

pytestmark = pytest.mark.qemu


def test_sockets_give_what_linux_gives() -> None:
    if os.getuid() != 0:
        pytest.skip("the program runs as root in the guest, so it must on Linux")
    program = programs.build("calls/sockets")
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--no-tty", "--timeout", "120", "--cwd", "/tmp"]
    command += ["--add", f"{program}:/bin/program", "--", "program"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert lines("sockets", done.stdout) == lines("sockets", on_linux(program))
