"""scripts/bench: the micro-benchmarks of programs/rvbench.c on Scarlet and on Debian's Linux kernel, on the same QEMU, side by side.

The two take turns, a machine's boot a round, and each figure is the median of the rounds: what else the host does hits both.
(`scripts/bench disk` does the same with disks, `scripts/bench doom` with pictures; `scripts/bench compile` is another thing: what a build
of the kernel costs.)
A ratio is Scarlet's time over Linux's (for MB/s the other way round), so smaller is better and 1.0 is a draw.
"""

import argparse
import sys

from scarlet.cli.errors import UserError
from tests.bench import compile_cost, disk, doom, machines, report
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
OTHERS = {"compile": compile_cost.main, "disk": disk.main, "doom": doom.main}
"""Benchmarks with options of their own."""


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


def measure(contestant: Contestant, names: list[str]) -> dict[str, Result]:
    """One round's figures."""
    return {"boot": contestant.boot_time()} | (contestant.benchmarks(names) if names != ["boot"] else {})


def main() -> int:
    if sys.argv[1:2] and sys.argv[1] in OTHERS:
        return OTHERS[sys.argv.pop(1)]()
    options = arguments()
    names = [] if options.names == ["all"] else options.names or list(BARS)
    sides = {"scarlet": machines.Scarlet, "linux": machines.Linux}
    chosen = [options.only] if options.only else list(sides)
    try:
        contestants = [sides[name](options.memory, instructions=options.instructions) for name in chosen]
        results = report.take_turns(contestants, lambda contestant: measure(contestant, names), options.rounds)
    except UserError as error:
        print(f"bench: {error.message}", file=sys.stderr)
        return error.status
    kept = report.show(results, BARS)
    return int(options.check and not kept)


if __name__ == "__main__":
    sys.exit(main())
