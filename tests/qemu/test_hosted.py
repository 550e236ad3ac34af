"""What only the hosted world promises: a run repeats exactly, and another seed gives another one."""

import pytest

from tests.qemu.conftest import Run, runner

pytestmark = pytest.mark.hosted

SCRIPT = "head -c 8 /dev/urandom | od -An -tx1; date +%s%N; for i in 1 2 3; do (sleep 0.01; echo $i) & done; wait; cat /proc/uptime"


@pytest.fixture
def hosted() -> Run:
    return runner("--hosted")


def test_a_run_repeats_exactly_to_the_last_system_call(hosted: Run) -> None:
    first, second = (hosted("sh", "-c", SCRIPT, options=["--seed", "7", "--strace"]) for _ in range(2))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert first.stderr == second.stderr
    assert first.stderr.count(b"\n") > 50


def test_another_seed_is_another_run(hosted: Run) -> None:
    first, second = (hosted("sh", "-c", SCRIPT, options=["--seed", seed]) for seed in ("1", "2"))
    assert first.stdout.splitlines()[0] != second.stdout.splitlines()[0]
