"""What only the hosted world promises: a run repeats exactly, and another seed gives another one."""

import os
import re
import sys

import pexpect
import pytest

from tests.qemu.conftest import LIMIT_S, ROOT, Run, runner

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


def test_a_machine_that_would_wait_for_ever_says_so(hosted: Run) -> None:
    done = hosted("sh", "-c", "kill -STOP $$")
    assert done.returncode == 125
    assert done.stderr == b"scarlet: the machine would wait for ever: idle without a deadline, and no input will come\n"


def test_pdb_stops_in_a_system_call_as_the_documentation_says() -> None:
    page = (ROOT / "docs" / "debugging.md").read_text()
    command = re.search(r"^\$ python (-m pdb .*)$", page, re.MULTILINE)
    typed = re.findall(r"^\(Pdb\) (.*)$", page, re.MULTILINE)
    assert command and typed[-1] == "continue"
    environment: dict[str, str] = {**os.environ, "TERM": "dumb"}
    child = pexpect.spawn(
        sys.executable, command[1].split(), cwd=str(ROOT), timeout=LIMIT_S, encoding="utf-8", env=environment  # type: ignore[arg-type]
    )  # fmt: skip
    for line in typed:
        child.expect_exact("(Pdb) ")
        child.sendline(line)
    child.expect(r"directories\.py\(\d+\)getdents64\(\)")
    child.expect_exact("(Pdb) ")
    child.sendline("bt")
    child.expect_exact("user_loop()")
    child.close(force=True)
