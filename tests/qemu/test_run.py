"""`scarlet run -- CMD`: streams, statuses, arguments and surroundings are the program's."""

import hashlib
from pathlib import Path

import pytest

from scarlet.cli.shells import SEARCH_PATH
from tests.qemu.conftest import Run


def test_output_and_status_are_the_programs(run_anywhere: Run) -> None:
    done = run_anywhere("busybox", "sh", "-c", "echo $((6*7)); exit 3")
    assert (done.stdout, done.stderr, done.returncode) == (b"42\n", b"", 3)


@pytest.mark.parametrize(
    ("command", "status"), [("exit 0", 0), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("kill -SEGV $$", 139)]
)
def test_exit_statuses(run_anywhere: Run, command: str, status: int) -> None:
    assert run_anywhere("sh", "-c", command).returncode == status


def test_standard_error_is_apart(run_anywhere: Run) -> None:
    done = run_anywhere("sh", "-c", "echo out; echo err >&2; echo out2")
    assert done.stdout == b"out\nout2\n"
    assert done.stderr == b"err\n"


def test_every_byte_passes_both_ways(run_anywhere: Run) -> None:
    data = bytes(range(256)) * 40
    done = run_anywhere("cat", stdin=data)
    assert done.stdout == data
    assert done.returncode == 0


def test_much_output_arrives_whole(run_anywhere: Run) -> None:
    done = run_anywhere("seq", "1", "100000")
    assert done.stdout == "".join(f"{i}\n" for i in range(1, 100001)).encode()


def test_end_of_input_is_seen(run_anywhere: Run) -> None:
    assert run_anywhere("wc", "-c", stdin=b"").stdout.strip() == b"0"
    assert run_anywhere("sh", "-c", "read a; read b; echo $? [$a] [$b]", stdin=b"only\n").stdout == b"1 [only] []\n"


def test_arguments_environment_and_folder(run_anywhere: Run) -> None:
    done = run_anywhere("sh", "-c", 'echo "$0|$1|$A|$PWD|$HOME|$PATH"', "zero", "a b\tc", options=["--env", "A=x=y z", "--cwd", "/etc"])
    assert done.stdout == b"zero|a b\tc|x=y z|/etc|/root|" + SEARCH_PATH.encode() + b"\n"


def test_added_files_keep_content_and_modes(run_anywhere: Run, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "script").write_text("#!/bin/sh\necho ran $0 $1\n")
    (tmp_path / "d" / "script").chmod(0o750)
    (tmp_path / "d" / "data").write_bytes(bytes(range(256)) * 100)
    done = run_anywhere(
        "sh", "-c", "/opt/d/script x; stat -c %a /opt/d/script; md5sum </opt/d/data", options=["--add", f"{tmp_path / 'd'}:/opt/d"]
    )
    assert done.stdout == f"ran /opt/d/script x\n750\n{hashlib.md5(bytes(range(256)) * 100).hexdigest()}  -\n".encode()


def test_strace_tells_each_call(run_anywhere: Run) -> None:
    done = run_anywhere("cat", "/etc/hostname", options=["--strace"])
    assert done.stdout == b"scarlet\n"
    lines = done.stderr.decode()
    assert 'execve("/bin/cat", ["cat", "/etc/hostname"]' in lines or 'openat(AT_FDCWD, "/etc/hostname", O_RDONLY' in lines
    assert 'write(1, "scarlet\\n", 8) = 8' in lines or "sendfile(1" in lines
    assert "+++ exited with 0 +++" in lines


def test_the_log_is_silent_until_asked_for(run_anywhere: Run) -> None:
    assert run_anywhere("true").stderr == b""
    assert b"Scarlet on 1 hart" in run_anywhere("true", options=["--log"]).stderr


def test_a_timeout_stops_it(run_anywhere: Run) -> None:
    done = run_anywhere("sh", "-c", "while :; do :; done", options=["--timeout", "3"])
    assert done.returncode == 124
    assert b"still running after 3 s" in done.stderr


def test_a_small_machine_is_enough(run_anywhere: Run) -> None:
    done = run_anywhere(
        "sh", "-c", "free -m | awk '/^Mem/ { print ($2 < 33) }'; seq 1 1000 | sort -rn | head -n 1", options=["--memory", "32M"]
    )
    assert done.stdout == b"1\n1000\n"


def test_a_large_machine_boots_as_well(run_anywhere: Run) -> None:
    done = run_anywhere("sh", "-c", "awk '/^MemTotal/ { print ($2 > 3900000) }' /proc/meminfo", options=["--memory", "4G"])
    assert done.stdout == b"1\n"


def test_an_image_almost_full_still_boots(run_anywhere: Run, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(20 << 20)
    done = run_anywhere("sh", "-c", "wc -c </big", options=["--memory", "64M", "--add", f"{tmp_path / 'big'}:/big"])
    assert done.stdout.strip() == str(20 << 20).encode()
