"""The checks: shell scripts in checks/*.sh.

A line `### NAME` starts a check. Its script runs in an empty directory as `busybox sh ../check.sh`, without input; what it writes to
standard output and its exit status must be what Linux gives. Lines `#expect TEXT` at its start state the output themselves,
for what cannot be asked of qemu-riscv64 (its /proc is the host's), with status 0.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "checks"
EXPECT = "#expect "


@dataclass(frozen=True)
class Answer:
    """What a script printed, and its exit status."""

    output: bytes
    status: int

    def __str__(self) -> str:
        return f"{self.output.decode(errors='backslashreplace')}[status {self.status}]"


@dataclass(frozen=True)
class Check:
    """One script; `expected` when it states its answer itself."""

    topic: str
    name: str
    script: str
    expected: Answer | None

    def __str__(self) -> str:
        return f"{self.topic}-{self.name}"


def load() -> list[Check]:
    """All checks, in the order of the files."""
    return [check for path in sorted(FOLDER.glob("*.sh")) for check in _parse(path)]


def _parse(path: Path) -> list[Check]:
    checks = []
    for section in path.read_text().split("\n### ")[1:]:
        name, _, script = section.partition("\n")
        stated = [line.removeprefix(EXPECT) for line in script.splitlines() if line.startswith(EXPECT)]
        expected = Answer("".join(line + "\n" for line in stated).encode(), 0) if stated else None
        checks.append(Check(path.stem, name.strip(), script.rstrip() + "\n", expected))
    return checks
