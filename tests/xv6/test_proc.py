"""xv6 programs seen from other ABIs."""

from tests.qemu.conftest import Run
from tests.xv6.test_programs import SH


def test_ps_shows_the_arguments_of_xv6_programs(run_anywhere: Run) -> None:
    result = run_anywhere(SH, "-c", "busybox ps -o args; busybox true")
    assert f"{SH} -c busybox ps -o args; busybox true\n" in result.stdout.decode()


def test_a_file_made_by_xv6_has_a_sensible_owner_and_mode(run_anywhere: Run) -> None:
    result = run_anywhere(SH, "-c", "cd /home; echo x > f; mkdir d; busybox stat -c %A:%u:%g:%s:%n f d; busybox find f -mmin -1")
    assert result.stdout.decode() == "-rw-r--r--:0:0:2:f\ndrwxr-xr-x:0:0:40:d\nf\n"
