"""Whatever a program puts into its registers, a call gives a number and the kernel does not fail."""

from random import Random

import pytest

from abi_modules.xv6_riscv64 import abi
from executor.call_text import CallText
from objects.task import Task
from tests.xv6.support import EXEC, EXIT, FORK, MKDIR, O_RDWR, OPEN, PIPE, READ, SBRK, SIZE, SLEEP, WRITE, Program, xv6

CALLS = 3000
NUMBERS = [number for number in range(25) if number not in (FORK, EXIT, SLEEP)]
WORDS = [
    0, 1, 2, 3, 4, 5, 15, 16, -1, -2, 0x200, 0x602, 4096, 4097, 0x3FFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 38,
    (1 << 38) - 1, (1 << 38) - 4096, 1 << 63, (1 << 64) - 4096, (1 << 64) - 8,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_random_calls_never_make_the_kernel_fail(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(task: Task, text: CallText, error: Exception) -> None:
        raise AssertionError(f"call {task.frame.a7} of {task.frame.a0:x} {task.frame.a1:x} {task.frame.a2:x}") from error

    monkeypatch.setattr(abi, "report_bug", fail)
    random = Random(seed)

    def body(program: Program) -> None:
        program.tree.write(b"/file", b"content")
        program.call(MKDIR, b"folder")
        for path, mode in ((b"file", O_RDWR), (b"folder", 0), (b"file", 0)):
            program.call(OPEN, path, mode)
        places = [program.put(b"file\0"), program.put(b"folder/x\0"), program.put(bytes(64)), program.put(b"y" * 200)]
        words = [word for word in WORDS + places if word < 0x60000 or word > 0x80000]
        for _ in range(CALLS):
            number = random.choice(NUMBERS)
            arguments = [random.choice(words) for _ in range(3)]
            if number in (READ, WRITE) and arguments[0] in (0, 1, 2) and random.random() < 0.5:
                arguments[1] = places[2]
            if number == EXEC and arguments[0] in places:
                continue
            if number == PIPE and arguments[0] < SIZE:
                continue  # a read from it would wait for ever
            result = program.call(number, *arguments)
            assert -1 <= result < 1 << 38
            if number == SBRK and result >= 0 and program.task.space.find(places[0]) is None:
                break

    xv6(body)
