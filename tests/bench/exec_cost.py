"""`python -m tests.bench.exec_cost`: what an exec into another ABI costs, against one into the same ABI.

A process hops from program to program (programs/hop.c) some hundred times: from a Linux program to itself, from a Linux program to an xv6
program and back, and so on. The same source makes all three programs, so that they differ in nothing but what exec does for their ABI.
Views are composed before, by a chain through all three. Instructions (-icount shift=0) by default, so that the figures repeat exactly.
"""

import argparse
import subprocess
import sys

from rich.console import Console
from rich.table import Table

from scarlet.cli.paths import ROOT
from tests.bench import hops
from tests.bench.machines import LIMIT_S

HOPS = 300
BAR = 1.2
"""An exec into another ABI costs at most so many times one into the same ABI, the mean of the two ABIs' own."""
SAME = [("linux",), ("xv6",), ("native",)]
CROSSING = [("xv6", "linux"), ("native", "linux"), ("native", "xv6"), ("xv6", "native", "linux")]
TICK_NS = 100
INSTRUCTIONS = ["--net", "none", "--qemu", "-icount shift=0,sleep=off"]
"""With it an instruction takes a nanosecond."""


def measure(*, time: bool = False) -> dict[tuple[str, ...], float]:
    """Nanoseconds, or instructions, a hop, for each cycle of programs."""
    script = ["./linux 3 0 ./xv6 ./native ./linux > /dev/null"]
    script += [f"./linux {HOPS} 0 {' '.join(f'./{abi}' for abi in cycle)} | head -n 1" for cycle in [*SAME, *CROSSING]]
    command = [
        sys.executable,
        "-m",
        "scarlet.cli.main",
        "run",
        "--cwd",
        "/home",
        "--timeout",
        str(LIMIT_S),
        *([] if time else INSTRUCTIONS),
    ]
    for abi in hops.ABIS:
        command += ["--add", f"{hops.build(abi)}:/home/{abi}"]
    done = subprocess.run(
        [*command, "--", "busybox", "sh", "-c", "; ".join(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    ticks = [int(line.removesuffix(" ticks")) for line in done.stdout.splitlines()]
    return {cycle: count * TICK_NS / HOPS for cycle, count in zip([*SAME, *CROSSING], ticks, strict=True)}


def ratio(found: dict[tuple[str, ...], float], cycle: tuple[str, ...]) -> float:
    """A hop of the cycle against a hop within the same ABI, the mean over the ABIs of the cycle."""
    return found[cycle] / (sum(found[(abi,)] for abi in cycle) / len(cycle))


def show(found: dict[tuple[str, ...], float], unit: str) -> bool:
    """Print the table; False when the bar is missed."""
    table = Table(box=None, pad_edge=False)
    for title in ("from and to", f"{unit} an exec", "ratio", "bar"):
        table.add_column(title, justify="left" if title == "from and to" else "right")
    for cycle, cost in found.items():
        crosses = len(cycle) > 1
        table.add_row(" > ".join(cycle), f"{cost:,.0f}", f"{ratio(found, cycle):.2f}" if crosses else "", f"{BAR}" if crosses else "")
    Console().print(table)
    return all(ratio(found, cycle) <= BAR for cycle in CROSSING)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exec_cost", description=__doc__)
    parser.add_argument("--time", action="store_true", help="measure time instead of instructions")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when the bar is missed")
    options = parser.parse_args()
    kept = show(measure(time=options.time), "ns" if options.time else "instructions")
    return int(options.check and not kept)


if __name__ == "__main__":
    sys.exit(main())
