"""Hostile programs: clear errno or signal for them, and the kernel goes on serving a shell."""

import pytest

from tests.qemu import fuzz
from tests.qemu.conftest import LIMIT_S, Run, added

pytestmark = pytest.mark.qemu

EXPECTED = """\
read_kernel 139
write_kernel 139
read_nothing 139
read_beyond 139
write_text 139
write_constant 139
jump_to_nothing 139
jump_to_kernel 139
jump_to_data 139
illegal 132
zero_instruction 132
supervisor_register 132
supervisor_return 132
machine_return 132
fence_memory 132
breakpoint 133
misaligned_atomic 135
misaligned_load 7
overflow_stack 139
return_from_no_signal 139
lost_stack 139
unknown_calls 9
no_files 10
huge_sizes 11
fork_bomb 12
long_arguments 13
huge_numbers 14
endless_transfer 142
"""
"""What Linux does (qemu-riscv64 prints the same): 128 + signal, or the program's own word that all was well."""


def test_bad_pointers_are_efault_in_every_call(run: Run) -> None:
    done = run("sh", "-c", "pointers; echo alive", options=added("pointers"))
    lines = done.stdout.decode().splitlines()
    assert lines[-1] == "alive"
    assert [line for line in lines[:-1] if not line.endswith(" calls")] == []
    assert int(lines[-2].split()[0]) > 700


def test_evil_programs_die_alone(run: Run) -> None:
    done = run("sh", "-c", "hostile; echo alive", options=added("hostile"))
    assert done.stdout.decode() == EXPECTED + "alive\n"


@pytest.mark.parametrize("what", ["calls", "code"])
def test_programs_that_nobody_wrote_harm_nobody(what: str) -> None:
    """A sample; `python -m tests.qemu.fuzz` is the campaign."""
    found, said = fuzz.fuzz(what, seed=1, first=0, children=80, limit_s=LIMIT_S)
    assert found == [], said


def test_lying_executables_are_refused(run: Run) -> None:
    done = run("sh", "-c", "lying; echo alive", options=added("lying"))
    lines = done.stdout.decode().splitlines()
    assert lines[-1] == "alive"
    assert len(lines) == 2, lines
    assert int(lines[0].removesuffix(" liars")) > 1400


def test_a_program_that_wants_all_memory_dies_alone(run: Run) -> None:
    script = "hog 100; echo $?; hog 100; echo $?; hog 1; echo alive; seq 1 1000 | sort -rn | tail -n 1"
    done = run("sh", "-c", script, options=["--memory", "32M", *added("hog")])
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line not in ("refused", "137", "12")] == ["had it all", "alive", "1"]
    assert len(lines) >= 5


def test_a_full_file_system_says_so(run: Run) -> None:
    script = "dd if=/dev/zero of=/tmp/full bs=64k 2>&1 | grep -c 'No space left'; rm /tmp/full; echo x >/tmp/y && cat /tmp/y"
    done = run("sh", "-c", script, options=["--memory", "32M"])
    assert done.stdout == b"1\nx\n"


def test_garbage_as_a_program(run: Run) -> None:
    make = "head -c 5000 /dev/urandom >/tmp/g; printf '\\177ELF' >/tmp/h; chmod +x /tmp/g /tmp/h"
    done = run("sh", "-c", f"{make}; (exec /tmp/g) 2>/dev/null; env /tmp/h; echo $?; echo alive")
    assert done.stdout.splitlines()[-1] == b"alive"
    assert b"126" in done.stdout or b"127" in done.stdout
