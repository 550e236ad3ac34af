"""Running one program in both worlds: under CPython (oracle.py) and compiled under qemu-riscv64 as a Linux program."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN_LIMIT_SECONDS = 120
COMPILE_LIMIT_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What a program showed: its standard output, the last line of its standard error, its exit status."""

    output: str
    error: str
    status: int


class CompileFailure(AssertionError):
    """The compiler refused the program; the message is the compiler's."""


def _outcome(result: "subprocess.CompletedProcess[bytes]") -> Outcome:
    errors = result.stderr.decode("utf-8", "replace").splitlines()
    return Outcome(result.stdout.decode("utf-8", "replace"), errors[-1] if errors else "", result.returncode)


def run_in_cpython(program: Path) -> Outcome:
    command = [sys.executable, "-X", "utf8", "-m", "tests.parity.oracle", str(program)]
    return _outcome(subprocess.run(command, cwd=ROOT, capture_output=True, timeout=RUN_LIMIT_SECONDS))


def compile_program(program: Path, executable: Path) -> None:
    command = [sys.executable, "-m", "scarlet.compiler", str(program), "--target", "linux-user", "-o", str(executable)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=COMPILE_LIMIT_SECONDS)
    if result.returncode != 0:
        raise CompileFailure(f"{program.name} does not compile:\n{result.stdout}{result.stderr}")


def run_compiled(executable: Path) -> Outcome:
    return _outcome(subprocess.run(["qemu-riscv64", str(executable)], capture_output=True, timeout=RUN_LIMIT_SECONDS))


def compile_and_run(program: Path, folder: Path) -> Outcome:
    executable = folder / (program.stem + ".elf")
    compile_program(program, executable)
    return run_compiled(executable)


def first_difference(expected: str, actual: str) -> str:
    """Where two outputs part, with the lines before it."""
    left, right = expected.splitlines(), actual.splitlines()
    for at, (want, got) in enumerate(zip(left, right)):
        if want != got:
            before = "\n".join(left[max(0, at - 3) : at])
            return f"line {at + 1}, after\n{before}\nCPython:  {want}\ncompiled: {got}"
    if len(left) != len(right):
        at = min(len(left), len(right))
        longer, who = (left, "CPython") if len(left) > at else (right, "compiled")
        return f"only {who} goes on after line {at} ({left[at - 1] if at else 'nothing'}) with: {longer[at]}"
    return "line ends differ"
