"""An interactive shell on the terminal: keys, job control, screen programs, and leaving. One boot, many questions."""

import os
import pty
import subprocess
import termios

import pytest

from tests.qemu.conftest import COMMAND, LIMIT_S, PROMPT, ROOT, Shell

UNTIL_STOPPED = "until jobs >/tmp/jobs; grep -q Stopped /tmp/jobs; do sleep 0.1; done; cat /tmp/jobs"


def test_a_command_answers(shell: Shell) -> None:
    assert shell.ask("echo hello $((6 * 7))") == "hello 42\n"


def test_the_terminal_is_one(shell: Shell) -> None:
    assert shell.ask("tty") == "/dev/console\n"
    assert shell.ask("stty size") == "24 80\n"
    assert "isig icanon iexten echo" in shell.ask("stty -a").replace("\n", " ").replace("speed", "")


def test_ctrl_c_interrupts_a_program_and_not_the_shell(shell: Shell) -> None:
    shell.type("sleep 1000\r")
    shell.wait("\n")
    shell.type("\x03")
    shell.prompt()
    assert shell.ask("echo $?") == "130\n"


def test_ctrl_c_drops_the_line_being_typed(shell: Shell) -> None:
    shell.type("echo never")
    shell.wait("never")
    shell.type("\x03")
    shell.prompt()
    assert shell.ask("echo fine") == "fine\n"


def test_ctrl_backslash_quits(shell: Shell) -> None:
    shell.type("sleep 1000\r")
    shell.wait("\n")
    shell.type("\x1c")
    shell.prompt()
    assert shell.ask("echo $?") == "131\n"


def test_ctrl_d_ends_input(shell: Shell) -> None:
    shell.type("cat\r")
    shell.wait("\n")
    shell.type("typed\r")
    shell.wait("typed")
    shell.wait("typed")
    shell.type("\x04")
    shell.prompt()
    assert shell.ask("echo $?") == "0\n"


def test_erase_and_kill_edit_a_line(shell: Shell) -> None:
    shell.type("cat\r")
    shell.wait("\n")
    shell.type("wrong\x15righx\x7ft\r\x04")
    assert shell.prompt().split("\n")[-2] == "right"


def test_stop_and_continue_jobs(shell: Shell) -> None:
    shell.type("sleep 1000\r")
    shell.wait("\n")
    shell.type("\x1a")
    assert "Stopped" in shell.prompt()
    assert "Stopped" in shell.ask("jobs")
    shell.ask("bg")
    assert "Running" in shell.ask("jobs")
    shell.type("fg\r")
    shell.wait("sleep 1000")
    shell.type("\x03")
    shell.prompt()
    assert shell.ask("echo $?") == "130\n"
    assert shell.ask("jobs") == ""


def test_background_jobs_may_not_read_the_terminal(shell: Shell) -> None:
    shell.ask("cat &")
    assert "Stopped (tty input)" in shell.ask(UNTIL_STOPPED)
    assert "Killed" in shell.ask("kill -9 $!; while kill -0 $! 2>/dev/null; do sleep 0.1; done")
    assert shell.ask("jobs") == ""


def test_background_output_is_stopped_by_tostop(shell: Shell) -> None:
    shell.ask("stty tostop; (echo background) &")
    assert "Stopped (tty output)" in shell.ask(UNTIL_STOPPED)
    shell.type("fg\r")
    assert "background" in shell.prompt()
    shell.ask("stty -tostop")


def test_a_pipeline_is_one_job(shell: Shell) -> None:
    shell.type("sleep 1000 | cat | cat\r")
    shell.wait("\n")
    shell.type("\x03")
    shell.prompt()
    assert shell.ask("ps -o args | grep -c '[s]leep 1000'") == "0\n"


def test_vi_edits_a_file_on_the_screen(shell: Shell) -> None:
    shell.ask("printf 'first\\nsecond\\nthird\\n' >/tmp/edited")
    shell.type("vi /tmp/edited\r")
    shell.wait("third")
    shell.type("dd")
    shell.wait("Delete")
    shell.type("jA words\x1b")
    shell.wait("words")
    shell.type(":s/thi/THI/\r:wq\r")
    shell.prompt()
    assert shell.ask("cat /tmp/edited") == "second\nTHIrd words\n"
    assert "icanon" in shell.ask("stty -a") and "-icanon" not in shell.ask("stty -a")


def test_a_program_follows_the_window_when_its_size_changes(shell: Shell) -> None:
    shell.ask("seq 1001 1100 >/tmp/numbers")
    shell.type("vi /tmp/numbers\r")
    assert "1024" not in shell.wait("\x1b[24;1H")
    shell.child.setwinsize(43, 132)
    assert "1042" in shell.wait("\x1b[43;1H")
    shell.type(":!stty size\r")
    shell.wait("43 132")
    shell.child.setwinsize(24, 80)
    shell.type("\r")
    shell.wait("\x1b[24;1H")
    shell.type(":q\r")
    shell.prompt()
    assert shell.ask("stty size") == "24 80\n"


def test_top_and_less_leave_the_terminal_as_it_was(shell: Shell) -> None:
    shell.type("top\r")
    shell.wait("PID")
    shell.type("q")
    shell.prompt()
    shell.type("seq 1 200 | less\r")
    shell.wait("20")
    shell.type("q")
    shell.prompt()
    assert shell.ask("echo fine") == "fine\n"


def test_raw_input_reaches_a_program_key_by_key(shell: Shell) -> None:
    shell.type("stty raw -echo; echo rea''dy; dd bs=1 count=3 2>/dev/null | od -An -tx1; stty sane\r")
    shell.wait("ready")
    shell.type("\x03\x04\r")
    shell.wait("03 04 0d")
    shell.prompt()


def test_a_session_without_the_terminal(shell: Shell) -> None:
    assert shell.ask("setsid sh -c ': </dev/tty' 2>&1 | tail -n 1").rstrip().endswith("No such device or address")


def test_history_and_line_editing(shell: Shell) -> None:
    shell.ask("echo one two")
    shell.type("\x1b[A")
    shell.wait("echo one two")
    shell.type("\x17three\r")
    assert "one three" in shell.prompt()


def test_ctrl_p_goes_through(shell: Shell) -> None:
    shell.ask("echo again")
    shell.type("\x10")
    shell.wait("echo again")
    shell.type("\r")
    assert shell.prompt().endswith("\nagain\n")


@pytest.mark.qemu
def test_poweroff_leaves_with_status_0() -> None:
    session = Shell.scarlet()
    session.type("poweroff\r")
    assert session.end() == 0


@pytest.mark.qemu
def test_exit_gives_the_shells_status() -> None:
    session = Shell.scarlet()
    session.type("exit 7\r")
    assert session.end() == 7


@pytest.mark.qemu
def test_ctrl_a_x_leaves() -> None:
    session = Shell.scarlet()
    session.type("\x01x")
    assert session.end() == 0


@pytest.mark.qemu
@pytest.mark.parametrize("ending", ["poweroff\r", "\x01x", "terminate", "hang up"])
def test_the_hosts_terminal_is_given_back(ending: str) -> None:
    """The settings before and after are the same, however it ends."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(
        [*COMMAND, "--timeout", str(LIMIT_S), "--env", f"PS1={PROMPT}"], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave
    )
    seen = b""
    while PROMPT.encode() not in seen:
        seen += os.read(master, 1024)
    assert termios.tcgetattr(slave)[3] & termios.ICANON == 0
    if ending == "terminate":
        process.terminate()
    elif ending == "hang up":
        os.close(master)
    else:
        os.write(master, ending.encode())
    status = process.wait(LIMIT_S)
    assert status == {"terminate": 143, "hang up": 129}.get(ending, 0)
    if ending != "hang up":
        assert termios.tcgetattr(slave) == before
        os.close(master)
    os.close(slave)
