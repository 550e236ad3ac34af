"""Running one program in both worlds: under CPython (oracle.py) and compiled under qemu-riscv64 as a Linux program."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN_LIMIT_SECONDS = 120
COMPILE_LIMIT_SECONDS = 900
MARK = "=====program "


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


def run_in_cpython(program: Path, *, checked: bool = False) -> Outcome:
    """`checked`: with integers that overflow (checked.py)."""
    command = [sys.executable, "-X", "utf8", "-m", "tests.parity.oracle", *(["--checked"] if checked else []), str(program)]
    return _outcome(subprocess.run(command, cwd=ROOT, capture_output=True, timeout=RUN_LIMIT_SECONDS))


def compile_programs(programs: list[Path], executable: Path) -> None:
    """One executable of programs that run one after the other, in the order given."""
    command = [sys.executable, "-m", "scarlet.compiler", *map(str, programs), "--target", "linux-user", "-o", str(executable)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=COMPILE_LIMIT_SECONDS)
    if result.returncode != 0:
        raise CompileFailure(f"status {result.returncode} of the compiler:\n{result.stdout}{result.stderr}")


def run_compiled(executable: Path) -> Outcome:
    return _outcome(subprocess.run(["qemu-riscv64", str(executable)], capture_output=True, timeout=RUN_LIMIT_SECONDS))


def compile_and_run(program: Path, folder: Path) -> Outcome:
    executable = folder / (program.stem + ".elf")
    compile_programs([program], executable)
    return run_compiled(executable)


def compile_and_run_together(programs: dict[str, str], folder: Path) -> dict[str, str]:
    """Many programs (name and source text) in one executable, because compiling the runtime again for each costs more than all
    of them; the output of each by name. A program that ends the whole run leaves its followers without output."""
    files = []
    for name, text in programs.items():
        files += [folder / f"mark_{name}.py", folder / f"{name}.py"]
        files[-2].write_text(f'"""Announces the next program."""\n\nprint("{MARK}{name}")\n', encoding="utf-8")
        files[-1].write_text(text, encoding="utf-8")
    executable = folder / "together.elf"
    compile_programs(files, executable)
    got = run_compiled(executable)
    outputs = dict.fromkeys(programs, "")
    for part in got.output.split(MARK)[1:]:
        name, _, output = part.partition("\n")
        outputs[name] = output
    if got.status != 0:
        last = got.output.rpartition(MARK)[2].partition("\n")[0]
        outputs[last] += f"(the run ended here with status {got.status}: {got.error})"
    return outputs


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
