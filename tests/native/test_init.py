"""Process 1: what its configuration makes it do, how it ends the machine, and that it outlives everything."""

from pathlib import Path

import pytest

from scarlet.cli import image
from tests.qemu.conftest import Run, runner

pytestmark = pytest.mark.hosted


@pytest.fixture(scope="module")
def hosted() -> Run:
    image.base_archive()  # so that no run says that it builds it
    return runner("--hosted")


def configured(hosted: Run, tmp_path: Path, configuration: str, *command: str) -> tuple[int, str, str]:
    """A run with an init.conf."""
    (tmp_path / "init.conf").write_text(configuration)
    done = hosted(*command, options=["--shell", "native", "--add", f"{tmp_path}/init.conf:/etc/init.conf"])
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_configuration_is_carried_out_line_by_line(hosted: Run, tmp_path: Path) -> None:
    configuration = "# a comment\n\ndirectory /tmp/made\nrun cp /etc/init.conf /tmp/made/copy\n"
    configuration += "directory /data/extra\nmount tmpfs none /data/extra size=64k\n"
    script = "grep comment /tmp/made/copy; linux cat /proc/1/mounts | grep -c '^none /data/extra tmpfs'; exit 4"
    status, output, errors = configured(hosted, tmp_path, configuration, "sh", "-c", script)
    assert (status, output, errors) == (4, "# a comment\n1\n", "")


def test_a_line_that_fails_does_not_keep_the_others(hosted: Run, tmp_path: Path) -> None:
    configuration = "mount nosuchfs none /tmp\nrun /nosuch\nunknown word\ndirectory /tmp/made\n"
    status, output, errors = configured(hosted, tmp_path, configuration, "ls", "-d", "/tmp/made")
    assert (status, output) == (0, "/tmp/made\n")
    assert [line.partition(":")[0] for line in errors.splitlines()] == ["init"] * 3
    assert "not understood: unknown word" in errors


def test_a_service_is_started_again(hosted: Run, tmp_path: Path) -> None:
    script = "service() { ps -o pid,args | grep '[s]leep 1000'; }; sleep 2; kill $(service | cut -c1-5); sleep 1; service | wc -l"
    status, output, errors = configured(hosted, tmp_path, "respawn busybox sleep 1000\n", "busybox", "sh", "-c", script)
    assert (status, output, errors) == (0, "1\n", "")


def test_a_service_that_ends_as_soon_as_it_starts_is_given_up(hosted: Run, tmp_path: Path) -> None:
    status, _output, errors = configured(hosted, tmp_path, "respawn env nosuch\n", "busybox", "sleep", "2")
    assert status == 0
    assert errors.count("nosuch: not found") == 5 and "env ends as soon as it starts: given up" in errors


@pytest.mark.parametrize(
    ("request_", "status"), [("busybox poweroff -f", 0), ("kill -USR2 1; busybox sleep 100", 0), ("kill -USR1 1; busybox sleep 100", 0)]
)
def test_the_machine_goes_off_when_asked(hosted: Run, request_: str, status: int) -> None:
    assert hosted("busybox", "sh", "-c", request_).returncode == status


def test_process_1_cannot_be_ended_by_others(hosted: Run) -> None:
    done = hosted("busybox", "sh", "-c", "kill -9 1; kill -INT 1; kill -HUP 1; echo alive; exit 3")
    assert (done.returncode, done.stdout) == (3, b"alive\n")


def test_orphans_are_reaped(hosted: Run) -> None:
    script = "for i in 1 2 3; do (sleep 1 & ); done; sleep 3; ps -o stat | grep -c Z"
    assert hosted("busybox", "sh", "-c", script).stdout == b"0\n"


def test_a_program_that_cannot_be_started_is_named(hosted: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\xf3\0" + bytes(44))
    done = hosted("/bin/broken", options=["--add", f"{tmp_path}/broken:/bin/broken"])
    assert done.returncode in (126, 127)
