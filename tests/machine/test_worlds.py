"""The same small kernels in both worlds: hosted they say what is expected, on the bare machine they say the same."""

import importlib
import re
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from scarlet.machine.hosted.run import Machine

MEMORY = 128 << 20
ROOT = Path(__file__).resolve().parents[2]

EXPECTED = {
    "user_mode": (
        0,
        """\
numbers [513, 770, 1027, 1284, 34309, 67305985, 84148994, 2248475651] 98badcfedebc 12
cause 8
cause 8 a0 123456789abcd0a pc 1000c
ld: cause 13 13 pc +4 value 50009 a1 1111
ld across: cause 13 13 pc +4 value 21000 a1 1111
sd text: cause 15 15 pc +4 value 10000 a1 1111
lbu 0: cause 13 13 pc +4 value 0 a1 1111
lbu user top: cause 13 13 pc +4 value 4000000000 a1 1111
lbu hole: cause 13 13 pc +4 value 4000000000000 a1 1111
lr: cause 13 13 pc +4 value 50000 a1 1111
jr: cause 12 12 pc +262144 value 50000 a1 1111
jr data: cause 12 12 pc +65536 value 20000 a1 1111
illegal: cause 2 2 pc +4 value 0 a1 1111
csrr satp: cause 2 2 pc +4 value 18002573 a1 1111
sret: cause 2 2 pc +4 value 10200073 a1 1111
wfi: cause 2 2 pc +4 value 10500073 a1 1111
ebreak: cause 3 3 pc +4 value 0 a1 1111
unmapped: 15 50000
mapped: 8 77
read-only: 15 50000
a0 3 6
""",
    ),
    "threads": (
        7,
        """\
one at depth 3
two at depth 3
one at depth 2
two at depth 2
one at depth 1
two at depth 1
one at depth 0
two at depth 0
one leaves depth 0
one leaves depth 1
one leaves depth 2
one leaves depth 3
one ends
two leaves depth 0
two leaves depth 1
two leaves depth 2
two leaves depth 3
two ends
one had 4 turns
two had 4 turns
hart 0 switches 20 back True
cause 8 a0 4000000000000000
cause 8 a0 0
cause 8 a0 4010000000000000
cause 8 a0 0
cause 8 a0 4020000000000000
cause 8 a0 0
fa0 4020000000000000 0
copied True
cleared 0
zero doubled 0
timer 105 late True counted True
still pending 105
pending 0
idle 105
""",
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_hosted(name: str) -> None:
    log = BytesIO()
    kernel = importlib.import_module(f"tests.machine.worlds.{name}")
    status = Machine(MEMORY, log=log, stdout=BytesIO()).run(kernel.main)
    assert log.getvalue().decode() == EXPECTED[name][1]
    assert status == EXPECTED[name][0]


@pytest.mark.qemu
@pytest.mark.parametrize("name", EXPECTED)
def test_bare(name: str, tmp_path: Path) -> None:
    status, said = run_bare(ROOT / "tests" / "machine" / "worlds" / f"{name}.py", tmp_path)
    assert said == EXPECTED[name][1]
    assert status == EXPECTED[name][0]


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("name", "reason", "where"),
    [
        ("wild_store", "store page fault in the kernel, address 0xffffffd000000000", "worlds.broken.main (tests/machine/worlds/broken.py:"),
        ("deep", "store page fault in the kernel", "worlds.broken.deep (tests/machine/worlds/broken.py:"),
        ("patch_itself", "store page fault in the kernel", "worlds.broken.main (tests/machine/worlds/broken.py:"),
        ("uncaught", "KeyError: 'nobody catches this'", "(tests/machine/worlds/broken.py:30)"),
    ],
)
def test_panic_tells_the_reason_and_the_line(name: str, reason: str, where: str, tmp_path: Path) -> None:
    program = ROOT / "tests" / "machine" / "worlds" / "broken.py"
    status, said = run_bare(program, tmp_path, name)
    assert f"kernel panic: {reason}" in said
    assert where in said
    assert status == 101


NAMES = "pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split()


@pytest.mark.qemu
@pytest.mark.parametrize(
    ("before", "trap", "reason", "last"),
    [
        ("nothing", "illegal", "illegal instruction", "worlds.registers.illegal ("),
        ("nothing", "jump", "instruction page fault", "0x5eed000000001f00"),
        ("call", "load", "load page fault", "worlds.registers.load_from_nowhere ("),
        ("interrupt", "misaligned", "load address misaligned", "worlds.registers.misaligned ("),
        ("thread", "illegal", "illegal instruction", "worlds.registers.illegal ("),
        ("death", "load", "load page fault", "worlds.registers.load_from_nowhere ("),
        ("call", "nested", "illegal instruction", "and no more, for in the report: load page fault in the kernel"),
    ],
)
def test_panic_tells_the_registers_as_they_were(before: str, trap: str, reason: str, last: str, tmp_path: Path) -> None:
    """Whatever user thread the hart keeps the state of: none, a living one, one that is gone; and also when the report itself fails."""
    status, said = run_bare(ROOT / "tests" / "machine" / "worlds" / "broken.py", tmp_path, f"before={before} trap={trap}")
    assert f"kernel panic: {reason} in the kernel" in said
    told = dict(re.findall(r"\b([a-z]+\d*) +([0-9a-f]{16})\b", said))
    expected = {name: f"{0x5EED_0000_0000_0001 + (number << 8):016x}" for number, name in enumerate(NAMES)}
    expected["pc"] = "5eed000000001f00" if trap == "jump" else told["t6"]
    if trap != "jump":  # t6 said where the trap is
        expected["t6"] = told["pc"]
    if trap == "nested":
        expected["s0"] = "5eed000000000000"
    assert told == expected
    assert last in said.splitlines()[-1]
    assert status == 101


def run_bare(program: Path, scratch: Path, command_line: str = "") -> tuple[int, str]:
    """Compile, boot; the exit status and what the debug channel got."""
    log = scratch / "log"
    boot = ["qemu-system-riscv64", "-machine", "virt", "-nographic", "-m", str(MEMORY >> 20), "-kernel", str(compiled(program))]
    boot += ["-chardev", f"file,id=log,path={log}", "-semihosting-config", "enable=on,target=native,chardev=log"]
    boot += ["-append", f"log=semihosting {command_line}"]
    done = subprocess.run(boot, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, log.read_text()


@cache
def compiled(program: Path) -> Path:
    """The kernel with this main module."""
    kernel = ROOT / "build" / "worlds" / f"{program.stem}.elf"
    kernel.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scarlet.compiler", "--target", "kernel", str(program.relative_to(ROOT)), "-o", str(kernel)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    return kernel
