"""The xv6 programs at work: what each prints, the shell, and xv6tests, which checks every call and every limit from inside."""

import os
import sys

import pexpect
import pytest

from tests.qemu.conftest import COMMAND, LIMIT_S, ROOT, Run
from tests.qemu.test_leaks import in_use

ROOT_OF_XV6 = "/scarlet/system/xv6-riscv64"
SH = f"{ROOT_OF_XV6}/sh"

SCRIPT = [
    ("echo one  two", "one two\n"),
    ("echo alpha > a; echo beta > b; cat a b", "alpha\nbeta\n"),
    ("cat < a | cat", "alpha\n"),
    ("echo gamma >> a; wc a", "2 2 12 a\n"),
    ("cat a b | wc", "3 3 17 \n"),
    ("grep ^.*m a b", "gamma\n"),
    ("(echo x; echo y) | grep y", "y\n"),
    ("mkdir d; ln a d/c; rm a; cat d/c; rm d", "alpha\ngamma\n"),
    ("rm d/c b d; ls .", None),
    ("cd /home; echo here > there; cat /home/there; rm there", "here\n"),
    ("echo in the background &", "in the background\n"),
    ("busybox echo another system", "another system\n"),
    ("echo to linux | busybox tr a-z A-Z | cat", "TO LINUX\n"),
]
"""Lines for one shell, and what each prints; None is whatever."""


def test_every_call_and_limit_holds(run_anywhere: Run) -> None:
    result = run_anywhere(f"{ROOT_OF_XV6}/xv6tests", options=["--cwd", "/tmp"])
    assert result.returncode == 0, result
    lines = result.stdout.decode().splitlines()
    assert [line for line in lines[:-1] if not line.endswith(": ok")] == []
    assert lines[-1] == f"xv6tests: {len(lines) - 1} passed, 0 failed"
    assert len(lines) > 80


def test_checks_are_run_by_name(run_anywhere: Run) -> None:
    chosen = run_anywhere(f"{ROOT_OF_XV6}/xv6tests", "bad_paths_fail", "unlink_removes_names", options=["--cwd", "/tmp"])
    assert (chosen.returncode, chosen.stdout) == (0, b"unlink_removes_names: ok\nbad_paths_fail: ok\nxv6tests: 2 passed, 0 failed\n")
    unknown = run_anywhere(f"{ROOT_OF_XV6}/xv6tests", "bad_paths_fail", "nosuchcheck", options=["--cwd", "/tmp"])
    assert (unknown.returncode, unknown.stdout) == (1, b"")
    assert unknown.stderr.endswith(b"xv6tests: there is no check nosuchcheck\n")


def test_the_shell_runs_programs(run_anywhere: Run) -> None:
    script = "".join(f"echo --\n{line}\nbusybox sleep 0\n" for line, _ in SCRIPT)
    result = run_anywhere(SH, options=["--cwd", "/tmp"], stdin=script.encode())
    parts = result.stdout.decode().split("--\n")[1:]
    assert len(parts) == len(SCRIPT), result
    for (line, expected), found in zip(SCRIPT, parts, strict=True):
        assert expected is None or found == expected, line


STATUSES = [("exit 7", 7), ("grep x /dev/null", 1), ("nosuchprogram", 127), ("cat | exit 3", 3), ("(", 2)]


@pytest.mark.parametrize(("line", "status"), STATUSES)
def test_the_status_of_a_line_is_that_of_its_last_program(run_anywhere: Run, line: str, status: int) -> None:
    assert run_anywhere(SH, "-c", line).returncode == status


def test_a_linux_parent_sees_how_an_xv6_child_ended(run_anywhere: Run) -> None:
    script = f"{SH} -c 'exit 300'; echo $?; {SH} -c 'cat nosuchfile'; echo $?; cd /tmp; {SH} -c 'echo from xv6 > f'; cat f"
    result = run_anywhere("busybox", "sh", "-c", script)
    assert result.stdout.decode() == "44\n1\nfrom xv6\n"


def test_the_trace_shows_xv6_calls(run_anywhere: Run) -> None:
    result = run_anywhere(SH, "-c", "echo hi > /tmp/f; cat /tmp/missing", options=["--strace"])
    trace = result.stderr.decode()
    assert 'xv6: open("/tmp/f", O_RDWR|O_CREATE|O_TRUNC)' in trace
    assert 'xv6: write(1, "hi\\n", 3)' in trace
    assert "-1 /* ENOENT: " in trace
    assert "xv6: +++ exited with 1 +++" in trace


@pytest.mark.qemu
def test_nothing_is_left_of_ended_programs(run: Run) -> None:
    """xv6tests makes some two thousand processes a time; of each round's objects and frames only a few are still on their way out."""
    script = f"for n in 1 2 3 4; do {ROOT_OF_XV6}/xv6tests >/dev/null; sleep 0.2; cat /proc/scarlet/memory; echo ==; done"
    looks = run("sh", "-c", script, options=["--cwd", "/tmp"]).stdout.decode().split("==\n")[:-1]
    before, after = in_use(looks[1]), in_use(looks[3])
    assert after["frames_in_files"] == before["frames_in_files"]
    assert after["processes"] == before["processes"]
    assert abs(after["frames_free"] - before["frames_free"]) < 50
    assert abs(after["objects"] - before["objects"]) < 200


@pytest.mark.qemu
def test_ctrl_c_ends_the_program_and_not_the_shell() -> None:
    command = [*COMMAND, "--timeout", str(LIMIT_S * 2), "--tty", "--cwd", "/tmp", "--", SH]
    child = pexpect.spawn(command[0], command[1:], cwd=str(ROOT), env=os.environ | {"TERM": "vt100"}, timeout=LIMIT_S, encoding="utf-8")
    child.logfile_read = sys.stdout
    child.expect_exact("$ ")
    child.sendline("cat")
    child.sendline("typed")
    child.expect_exact("typed\r\ntyped\r\n")
    child.send("\x03")
    child.expect_exact("^C")
    child.expect_exact("$ ")
    child.sendline("cat | busybox cat | cat")
    child.sendline("again")
    child.expect_exact("again\r\nagain\r\n")
    child.send("\x03")
    child.expect_exact("^C")
    child.expect_exact("$ ")
    child.send("\x03")
    child.sendline("echo a l i v e")
    child.expect_exact("\r\na l i v e\r\n")
    child.sendline("exit 5")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 5
