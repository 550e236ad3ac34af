"""scripts/bench: the micro-benchmarks of programs/rvbench.c on Scarlet and on Debian's Linux kernel, on the same QEMU, side by side.

The two take turns, a machine's boot a round, and each figure is the median of the rounds: what else the host does hits both.
(`scripts/bench compile` is another thing: what a build of the kernel costs.)
A ratio is Scarlet's time over Linux's (for MB/s the other way round), so smaller is better and 1.0 is a draw.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import track
from rich.table import Table

from scarlet.cli.errors import UserError
from tests.bench import compile_cost, machines
from tests.bench.machines import Contestant, Result

BARS = {
    "boot": 0.25,
    "null_syscall": 0.7,
    "read1_zero": 0.25,
    "open_close": 0.4,
    "stat": 0.4,
    "pagefault_anon": 0.5,
    "fork_exit_wait": 0.6,
    "fork_exec_wait": 0.6,
    "pipe_rtt": 0.8,
}
"""The ratios that this stage of the project promises."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="benchmarks, or how their names begin (default: those with a bar; `all` for all)")
    parser.add_argument("--rounds", type=int, default=3, help="boots of each kernel (default 3)")
    parser.add_argument("--only", choices=["scarlet", "linux"], help="measure one side")
    parser.add_argument(
        "--instructions",
        action="store_true",
        help="count instructions (-icount shift=0) instead of time: exact, but without TCG's own costs",
    )
    parser.add_argument("--memory", default="256M", help="memory of both machines (default 256M)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    return parser.parse_args()


def measure(contestants: list[Contestant], names: list[str], rounds: int) -> dict[str, list[dict[str, Result]]]:
    """Every round's results by contestant."""
    results: dict[str, list[dict[str, Result]]] = {contestant.name: [] for contestant in contestants}
    turns = [contestant for _ in range(rounds) for contestant in contestants]
    for contestant in track(turns, "measuring", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        results[contestant.name].append({"boot": contestant.boot_time()} | (contestant.benchmarks(names) if names != ["boot"] else {}))
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


def rows(results: dict[str, list[dict[str, Result]]]) -> Iterator[tuple[str, Result | None, Result | None]]:
    ours, theirs = results.get("scarlet", []), results.get("linux", [])
    names = dict.fromkeys(name for rounds in (theirs, ours) for one in rounds for name in one)
    for name in names:
        yield name, median(ours, name), median(theirs, name)


def show(results: dict[str, list[dict[str, Result]]]) -> bool:
    """Print the table; False when a bar is missed."""
    table = Table(box=None, pad_edge=False)
    for title, justify in (("", "left"), ("Scarlet", "right"), ("Linux", "right"), ("", "left"), ("ratio", "right"), ("bar", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    kept = True
    text: Callable[[Result | None], str] = lambda result: "-" if result is None or result.value is None else f"{result.value:,.2f}"  # noqa: E731
    for name, ours, theirs in rows(results):
        found, bar = ratio(ours, theirs), BARS.get(name)
        missed = bar is not None and len(results) == 2 and (found is None or found > bar)
        kept = kept and not missed
        shown = "-" if found is None else f"{found:.2f}"
        unit = ours.unit if ours else theirs.unit if theirs else ""
        table.add_row(name, text(ours), text(theirs), unit, f"[red]{shown}[/]" if missed else shown, "" if bar is None else f"{bar}")
    Console().print(table)
    return kept


def main() -> int:
    if sys.argv[1:2] == ["compile"]:
        del sys.argv[1]
        return compile_cost.main()
    options = arguments()
    names = [] if options.names == ["all"] else options.names or list(BARS)
    sides = {"scarlet": machines.Scarlet, "linux": machines.Linux}
    chosen = [options.only] if options.only else list(sides)
    try:
        contestants = [sides[name](options.memory, instructions=options.instructions) for name in chosen]
        results = measure(contestants, names, options.rounds)
    except UserError as error:
        print(f"bench: {error.message}", file=sys.stderr)
        return error.status
    kept = show(results)
    return int(options.check and not kept)


if __name__ == "__main__":
    sys.exit(main())
