"""Hostile programs: every declared call with bad pointers and wild numbers gives a result or an errno, never a failure of the kernel."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scarlet.cli.declarations import Call, Reader
from scarlet.kernel import log
from tests.abi.support import MEMORY_BASE, MEMORY_SIZE, Program, linux

ROOT = Path(__file__).resolve().parents[2]
CALLS = Reader([ROOT]).calls("abi_modules.linux_riscv64")
ENDS = {"exit", "exit_group", "rt_sigreturn", "reboot", "execve", "execveat", "clone", "clone3", "kill", "tkill", "tgkill"}
"""They do not come back to the caller, or make others who do not."""
WAITS = {"rt_sigsuspend", "ppoll", "pselect6", "nanosleep", "clock_nanosleep", "rt_sigtimedwait", "futex", "syslog", "setitimer"}
"""With wild arguments they may sleep for years."""
BAD_POINTERS = [
    0, 1, 7, 8, 0xFFF, MEMORY_BASE - 1, MEMORY_BASE + MEMORY_SIZE, MEMORY_BASE + MEMORY_SIZE - 1, MEMORY_BASE + 3, 1 << 37, (1 << 38) - 1,
    1 << 38, 1 << 47, 0xFFFFFFC000000000, 0xFFFFFFFF80200000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFF8,
]  # fmt: skip
MAX_ERRNO = 4095


def is_pointer(call: Call, index: int) -> bool:
    kind = call.parameters[index].type
    return kind.integer == "UserPtr" or kind.kind == "address"


@pytest.mark.parametrize("call", [call for call in CALLS if call.name not in ENDS | WAITS], ids=lambda call: call.name)
def test_bad_pointers(call: Call) -> None:
    """Each pointer in turn is bad, the others are good; then all are bad."""

    def body(program: Program) -> None:
        pointers = [index for index in range(len(call.parameters)) if is_pointer(call, index)]
        for bad in BAD_POINTERS if pointers else [0]:
            for chosen in [[index] for index in pointers] + [pointers]:
                arguments = [0] * len(call.parameters)
                for index in pointers:
                    arguments[index] = bad if index in chosen else MEMORY_BASE + 64
                attempt(program, call, arguments)

    linux(body)


def attempt(program: Program, call: Call, arguments: list[int]) -> None:
    before = len(log.lines())
    mask = program.task.mask
    result = program.call(call.number, *arguments)
    program.task.set_mask(mask)
    failures = [line.text for line in log.lines()[before:] if "failed in" in line.text]
    assert failures == [], f"{call.name}{tuple(map(hex, arguments))}"
    if result < 0 and call.result != "Address":
        assert result >= -MAX_ERRNO


BY_NAME = {call.name: call for call in CALLS}
WILD = st.one_of(
    st.sampled_from(BAD_POINTERS),
    st.sampled_from([MEMORY_BASE, MEMORY_BASE + 64, 0xFFFFFFFF, 0x7FFFFFFF, 1 << 31, 1 << 32, 1 << 63]),
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 300),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rounds=st.lists(
        st.tuples(st.sampled_from(sorted(BY_NAME.keys() - ENDS - WAITS)), st.lists(WILD, min_size=6, max_size=6)),
        min_size=10,
        max_size=50,
    )
)
def test_wild_arguments(rounds: list[tuple[str, list[int]]]) -> None:
    def body(program: Program) -> None:
        for name, arguments in rounds:
            attempt(program, BY_NAME[name], arguments)

    linux(body)
