"""Two kernels side by side: they take turns, each figure is the median of the rounds, and a ratio says how much longer Scarlet takes."""

import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bench.machines import Contestant, Result

Results: TypeAlias = dict[str, list[dict[str, Result]]]
"""Every round's figures, by contestant."""


def take_turns(contestants: Sequence[Contestant], measure: Callable[[Contestant], dict[str, Result]], rounds: int) -> Results:
    """Measure each contestant once a round: what else the host does hits both."""
    results: Results = {contestant.name: [] for contestant in contestants}
    turns = [contestant for _ in range(rounds) for contestant in contestants]
    for contestant in track(turns, "measuring", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        results[contestant.name].append(measure(contestant))
    return results


def median(rounds: list[dict[str, Result]], name: str) -> Result | None:
    """The figure of several rounds; None where one of them had none."""
    found = [results[name] for results in rounds if name in results and results[name].value is not None]
    if not found or len(found) < len(rounds):
        return None
    return Result(statistics.median(result.value for result in found if result.value is not None), found[0].unit)


def ratio(ours: Result | None, theirs: Result | None) -> float | None:
    """How much longer Scarlet takes."""
    if ours is None or theirs is None or not ours.value or not theirs.value:
        return None
    return theirs.value / ours.value if ours.unit.startswith("MB") else ours.value / theirs.value


def rows(results: Results) -> Iterator[tuple[str, Result | None, Result | None]]:
    ours, theirs = results.get("scarlet", []), results.get("linux", [])
    names = dict.fromkeys(name for rounds in (theirs, ours) for one in rounds for name in one)
    for name in names:
        yield name, median(ours, name), median(theirs, name)


def show(results: Results, bars: dict[str, float]) -> bool:
    """Print the table; False when a bar, the highest ratio that was promised, is missed."""
    table = Table(box=None, pad_edge=False)
    for title, justify in (("", "left"), ("Scarlet", "right"), ("Linux", "right"), ("", "left"), ("ratio", "right"), ("bar", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    kept = True
    text: Callable[[Result | None], str] = lambda result: "-" if result is None or result.value is None else f"{result.value:,.2f}"  # noqa: E731
    for name, ours, theirs in rows(results):
        found, bar = ratio(ours, theirs), bars.get(name)
        missed = bar is not None and len(results) == 2 and (found is None or found > bar)
        kept = kept and not missed
        shown = "-" if found is None else f"{found:.2f}"
        unit = ours.unit if ours else theirs.unit if theirs else ""
        table.add_row(name, text(ours), text(theirs), unit, f"[red]{shown}[/]" if missed else shown, "" if bar is None else f"{bar}")
    Console().print(table)
    return kept
