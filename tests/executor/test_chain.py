"""Exec chains through the real ABIs, with one small program for each (tests/bench/programs/hop.c), run hosted.

The last program, a Linux one, prints what it finds: environment, working directory, mounts. After any detour it must find what it would
have found without one.
"""

import re
import subprocess
import sys

import pytest

from scarlet.cli.paths import ROOT
from tests.bench import hops

pytestmark = pytest.mark.hosted
LIMIT_S = 300
CHAINS = [
    ["linux", "xv6", "native", "linux"],
    ["linux", "native", "xv6", "linux", "native", "linux"],
    ["linux", "xv6", "xv6", "native", "native", "xv6", "linux"],
]


def run(chain: list[str], *options: str) -> "subprocess.CompletedProcess[str]":
    """A chain of programs that begins with the first one, which has as many hops as others follow."""
    places = {abi: f"/home/{abi}" for abi in hops.ABIS}
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--cwd", "/home", "--env", "KEPT=a b c", *options]
    for abi, place in places.items():
        command += ["--add", f"{hops.build(abi)}:{place}"]
    following = [places[abi] for abi in chain[1:]] or [places[chain[0]]]
    command += ["--", places[chain[0]], str(len(chain) - 1), "0", *following]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)


def found(output: str) -> list[str]:
    """What the last program printed, but for the time."""
    assert re.match(r"\d+ ticks\n", output), output
    return output.splitlines()[1:]


@pytest.fixture(scope="module")
def without_a_detour() -> list[str]:
    return found(run(["linux"]).stdout)


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: " > ".join(chain))
def test_chain_ends_with_the_view_and_environment_it_began_with(chain: list[str], without_a_detour: list[str]) -> None:
    done = run(chain)
    assert done.returncode == 0, done.stderr
    assert found(done.stdout) == without_a_detour
    assert "KEPT=a b c" in without_a_detour and "/home" in without_a_detour


def test_trace_shows_each_hop_as_its_own_abi() -> None:
    lines = run(["linux", "xv6", "native", "linux"], "--strace").stderr.splitlines()
    calls = [line for line in lines if re.search(r"execve\(|exec\(|task_replace\(", line)]
    assert len(calls) == 3 and all(line.endswith("= 0") for line in calls)
    assert [re.match(r"(\w+: )?", line)[0] for line in calls] == ["", "xv6: ", "native: "]  # type: ignore[index]
