"""Cases and batches: many generated cases become one program in two texts, the dialect's and the oracle's.

The oracle text differs only in arithmetic, where CPython's integers have no end: there each operation is a call of a checking function.
A case prints its own lines; the batch puts a line `#NUMBER` before them, by which a difference is traced back to its case. Each case runs
twice: the first time it may fill what stays (a module's list gets room), the second time it must free all that it makes, which the compiled
program sees by counting the objects of its heap.
"""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Case:
    """Definitions in both texts, with `§` standing for the case's number, and the statement that runs the case."""

    dialect: str
    oracle: str
    call: str = "case§()"

    @staticmethod
    def plain(text: str) -> "Case":
        return Case(text, text)


HEADER = '''"""Generated."""

{imports}
'''


COUNT = "from scarlet.runtime.heap import total_objects_in_use as live_objects\n"
COUNT_IN_CPYTHON = "def live_objects():\n    return 0\n"


@dataclass(frozen=True)
class Batch:
    """A program: the imports and helpers its cases share, in both texts, and the cases."""

    imports: str
    oracle_imports: str
    cases: tuple[Case, ...]

    def text(self, *, oracle: bool) -> str:
        parts = [HEADER.format(imports=self.oracle_imports if oracle else self.imports), COUNT_IN_CPYTHON if oracle else COUNT]
        for number, case in enumerate(self.cases):
            parts.append((case.oracle if oracle else case.dialect).replace("§", str(number)) + "\n")
        for number, case in enumerate(self.cases):
            call = case.call.replace("§", str(number))
            parts.append(f'print("#{number}")\n{call}\nbefore = live_objects()\n{call}\nprint("left over:", live_objects() - before)')
        return "\n".join(parts) + "\n"


def sample(strategy: SearchStrategy[Case], count: int, variant: int) -> tuple[Case, ...]:
    """`count` different examples of a strategy: always the same ones for the same variant."""
    out: dict[str, Case] = {}

    @seed(variant)
    @settings(max_examples=2 * count, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(case: Case) -> None:
        out[case.dialect] = case

    collect()
    return tuple(out.values())[-count:]


def differences(batch: Batch, expected: str, actual: str) -> list[str]:
    """A report for each case whose lines differ."""
    want, got = _by_case(expected), _by_case(actual)
    reports = []
    for number, case in enumerate(batch.cases):
        if want.get(number) != got.get(number):
            reports.append(f"case {number}:\n{case.dialect}\nCPython:\n{_short(want.get(number))}\ncompiled:\n{_short(got.get(number))}\n")
    return reports


def _by_case(output: str) -> dict[int, list[str]]:
    cases: dict[int, list[str]] = {}
    current: list[str] = []
    for line in output.splitlines():
        if line.startswith("#") and line[1:].isdigit():
            current = cases.setdefault(int(line[1:]), [])
        else:
            current.append(line)
    return cases


def _short(lines: list[str] | None) -> str:
    if lines is None:
        return "  (nothing: the program ended before)"
    return "\n".join("  " + line for line in lines[:60])
