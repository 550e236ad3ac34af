"""Exec when there is no memory: it fails with ENOMEM, takes nothing with it, and works as soon as there is enough - into each ABI."""

import re

import pytest

from tests.bench import hops
from tests.qemu.conftest import Run, added

pytestmark = pytest.mark.qemu
PLACES = {abi: f"/home/{abi}" for abi in hops.ABIS}


def test_exec_without_memory_fails_and_loses_nothing(run: Run) -> None:
    options = [*added("squeeze"), "--cwd", "/home", "--net", "none"]
    for abi, place in PLACES.items():
        options += ["--add", f"{hops.build(abi)}:{place}"]
    script = "; ".join(f"echo {abi}; squeeze {place} 0 0 {place}; echo status $?" for abi, place in PLACES.items())
    done = run("busybox", "sh", "-c", f"{script}; echo alive", options=options)
    text = done.stdout.decode()
    for abi in hops.ABIS:
        part = text.partition(f"{abi}\n")[2].partition("status")[0]
        failures = re.findall(r"^(\d+) failures, (\d+) pages lost$", part, re.MULTILINE)
        assert failures and {lost for _, lost in failures} == {"0"}, f"{abi}: {part}"
        assert " ticks\n" in part, f"{abi} was never started: {part}"
    assert text.count("status 0\n") == len(hops.ABIS) and text.endswith("alive\n")
