"""Nothing that a program puts into its registers may hurt the kernel: every call, with addresses, handles and sizes of every bad kind.

Each example makes many calls in one process that has a handle of each kind. Whatever the answer is, it is a status: an exception that is
none of the expected ones would be a bug of the kernel, which abi.py reports, and then the process would be gone.
"""

import random

import pytest

from abi_modules.native import abi
from abi_modules.native.interface import CURRENT, NEVER, FileKind, OpenFlags, Rights, StreamFlags
from abi_modules.native.status import Status
from objects.task import Task
from scarlet.cli.generated_files import ours
from scarlet.user import calls
from tests.abi_native.support import CALL_PC, MEMORY_BASE, MEMORY_SIZE, Program, native, raw

PACKAGE = next(package for package in ours() if package.folder.name == "native")
NUMBERS = [call.number for call in PACKAGE.reader.calls(PACKAGE.name)]
ENDING = {802: "task_exit", 914: "system_power", 813: "task_send", 814: "task_send_group"}
"""Calls that may end the process or the machine by right."""
WAITING = {901: 0, 803: 2, 804: 2, 615: 2}
"""Where the deadline is, in calls that may wait for ever."""
ADDRESSES = [
    0,
    1,
    0x1000,
    MEMORY_BASE,
    MEMORY_BASE + 1,
    MEMORY_BASE + 0x800,
    MEMORY_BASE + MEMORY_SIZE - 3,
    (1 << 38) - 8,
    1 << 38,
    1 << 63,
    -1,
]
SIZES = [0, 1, 2, 4, 7, 8, 16, 24, 40, 64, 100, 4096, 65536, 65537, 1 << 20, 1 << 31, 1 << 32, 1 << 40, (1 << 63) - 1, 1 << 63, -1]
SMALL = [*range(-3, 40), 63, 64, 256, 512, 1023, 1024, 1 << 31]
LARGEST_MAPPING = 1 << 22


def handles(program: Program) -> None:
    """One of each kind, none of which can make a call wait."""
    both = Rights.SAME | Rights.READ | Rights.WRITE
    calls.file_make(CURRENT, b"/d", FileKind.DIRECTORY, 0o755, 0)
    file = calls.file_open(CURRENT, b"/f", both, OpenFlags.CREATE, 0o755)
    calls.stream_write(file, bytes(range(256)))
    calls.file_open(CURRENT, b"/d", both, OpenFlags.DIRECTORY, 0)
    calls.file_open(CURRENT, b"/f", Rights.METADATA, OpenFlags.PLACE, 0)
    pipe, channel = calls.pipe_make(0), calls.channel_make(0)
    waiting = [pipe.first, pipe.second, channel.first, channel.second, calls.timer_make(0), calls.event_queue(0)]
    for handle in waiting:
        calls.stream_set_flags(handle, StreamFlags.NO_WAIT)
    calls.event_make(0)
    calls.memory_make(b"m", 4096, 0)
    calls.task_open(1)


def choose(chance: random.Random, number: int) -> list[int]:
    """Six registers."""
    values = [chance.choice(chance.choice([ADDRESSES, SIZES, SMALL, SMALL, [chance.getrandbits(64)]])) for _ in range(6)]
    if number in WAITING:
        values[WAITING[number]] = chance.choice([0, 1, -1, -NEVER])
    if number == 700:
        values[1] %= LARGEST_MAPPING  # so that populating address spaces does not take the test's time
    return values


def unblocked(task: Task) -> None:
    """A call may have made a stream wait again, or put one in a slot that had not."""
    for slot in task.handles.slots():
        handle = task.handles.handle(slot)
        handle.object.status |= 0o4000


@pytest.mark.parametrize("seed", range(40))
def test_no_argument_hurts_the_kernel(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(task: Task, text: object, error: Exception) -> None:
        raise AssertionError(f"the kernel failed: {error!r}") from error

    monkeypatch.setattr(abi, "report_bug", bug)

    def body(program: Program) -> None:
        handles(program)
        chance = random.Random(seed)
        for _ in range(150):
            number = chance.choice([number for number in NUMBERS if number not in ENDING])
            unblocked(program.task)
            status, _value = raw(program.task, number, *choose(chance, number))
            if program.task.frame.pc != CALL_PC + 4:
                return  # another program runs, by chance
            assert 0 <= status <= Status.FAILED

    native(body)


def test_a_failing_status_has_a_value_of_zero() -> None:
    def body(program: Program) -> None:
        for number in NUMBERS:
            if number not in ENDING and number not in (816, 818, 901):
                status, value = raw(program.task, number, -7, -7, -7, -7, -7, -7)
                assert (status != 0, value) == (True, 0), number

    native(body)
