"""Somebody at the native shell: editing, history, completion, job control. One hosted boot, many questions."""

import os
from collections.abc import Iterator

import pytest

from tests.qemu.conftest import COMMAND, LIMIT_S, PROMPT, Shell

pytestmark = pytest.mark.hosted
UP = "\x1b[A"


@pytest.fixture(scope="module")
def native() -> Iterator[Shell]:
    command = [*COMMAND, "--hosted", "--shell", "native", "--timeout", str(LIMIT_S * 2), "--env", f"PS1={PROMPT}"]
    session = Shell(command, os.environ | {"TERM": "vt100"}, columns=100)
    yield session
    session.child.close(force=True)


def test_the_prompt_is_expanded(native: Shell) -> None:
    native.type("PS1='at $PWD> '\r")
    native.wait("at /home> ")
    native.type(f"PS1='{PROMPT}'\r")
    native.prompt()
    native.prompt()


def test_a_prompt_in_the_language_of_another_shell_is_not_shown_as_it_is(native: Shell) -> None:
    native.type("PS1='\\u@\\h# ' sh\r")
    native.wait("native:/home# ")
    native.type("exit\r")
    native.prompt()


def answer(session: Shell, keys: str, output: str) -> None:
    """Type a line; wait for what it writes. (The prompt is also shown when the line is, so it is waited for last.)"""
    session.type(keys + "\r")
    session.wait("\r\n" + output.replace("\n", "\r\n") + "\r\n")
    session.prompt()


def test_lines_are_edited_and_come_back_from_history(native: Shell) -> None:
    answer(native, "echo wrxng\x1b[D\x1b[D\x7f\x1b[D\x1b[Co", "wrong")
    answer(native, UP + " again", "wrong again")
    answer(native, UP + UP + " once", "wrong once")


def test_names_are_completed(native: Shell) -> None:
    native.ask("echo content > /tmp/a-long-name")
    answer(native, "cat /tm\ta-lo\t", "content")
    answer(native, "hell\t", "Hello from a native program")


def test_a_command_may_take_several_lines(native: Shell) -> None:
    answer(native, "for i in 1 2\rdo echo $i; done", "1\n2")
    answer(native, "cat <<E\rtext\rE", "text")


def test_ctrl_c_ends_a_program(native: Shell) -> None:
    native.type("busybox sleep 1000\r")
    native.wait("\n")
    native.type("\x03")
    native.prompt()
    assert native.ask("echo $?") == "130\n"


def test_ctrl_c_ends_a_loop_of_the_shell_itself(native: Shell) -> None:
    native.type("while :; do :; done\r")
    native.wait("\n")
    native.type("\x03")
    native.prompt()
    assert native.ask("echo $?") == "130\n"


def test_ctrl_c_ends_a_loop_around_a_program(native: Shell) -> None:
    native.type("while :; do busybox sleep 1000; done\r")
    native.wait("\n")
    native.type("\x03")
    native.prompt()
    assert native.ask("echo alive") == "alive\n"


def test_a_job_is_stopped_and_goes_on(native: Shell) -> None:
    native.type("xv6 cat | native cat\r")
    native.wait("\n")
    native.type("one\r")
    native.wait("one\r\none")
    native.type("\x1a")
    assert "[1] Stopped" in native.prompt()
    assert native.ask("jobs").split()[:2] == ["[1]", "Stopped"]
    native.type("fg\r")
    native.wait("cat\r\n")
    native.type("two\r")
    native.wait("two\r\ntwo")
    native.type("\x04")
    native.prompt()
    assert native.ask("jobs") == ""


def test_a_background_job_is_announced_when_it_ends(native: Shell) -> None:
    assert native.ask("busybox sleep 1000 &").startswith("[1] ")
    native.type("kill %1; wait; :\r")
    native.prompt()
    assert native.ask("jobs") == ""


def test_a_script_without_an_interpreter_is_the_shells_own(native: Shell) -> None:
    native.ask("echo 'echo $0 $1' > /tmp/script; busybox chmod 755 /tmp/script")
    assert native.ask("/tmp/script word") == "/tmp/script word\n"


def test_control_d_leaves_with_the_last_status(native: Shell) -> None:
    native.ask("false")
    native.type("\x04")
    assert native.end() == 1
