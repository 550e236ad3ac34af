"""`python -m tests.bench.xv6`: programs/xv6bench.py on Scarlet's xv6 ABI, against what xv6 itself took on the same QEMU.

xv6's figures are constants: its source is not ours to carry, and its kernel does not change. A ratio below 1 means faster than xv6.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scarlet.cli.paths import BUILD, ROOT
from scarlet.compiler import Options, build
from tests.bench.machines import LIMIT_S, Result, parse

XV6_US = {"null_call": 12.6, "open_close": 333.0, "fork_exit_wait": 656.0, "fork_exec_wait": 2750.0, "pipe_rtt": 238.0}
"""xv6-riscv on QEMU 7.2 (TCG), one hart, microseconds."""
BARS = {"null_call": 0.1, "open_close": 0.1, "fork_exec_wait": 0.5}
"""The ratios that are promised."""
FOLDER = BUILD / "bench" / "xv6"


def program() -> Path:
    """The benchmark, compiled for the xv6 ABI; what has not changed is not compiled again."""
    build(
        [Path(__file__).parent / "programs" / "xv6bench.py"], Options(target="xv6", output=FOLDER, folder=FOLDER / "objects", programs=True)
    )
    return FOLDER / "xv6bench"


def results(names: list[str], *, instructions: bool) -> dict[str, Result]:
    """What one boot measures; counting instructions, a microsecond is a thousand of them."""
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--add", f"{program()}:/home/xv6bench", "--cwd", "/home"]
    command += ["--net", "none", "--qemu", "-icount shift=0,sleep=off"] if instructions else []
    command += ["--timeout", str(LIMIT_S), "--", "/home/xv6bench", *names]
    return parse(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)


def show(found: dict[str, Result]) -> bool:
    """Print the table; False when a bar is missed."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "Scarlet us", "xv6 us", "ratio", "bar"):
        table.add_column(title, justify="left" if not title else "right")
    kept = True
    for name, result in found.items():
        ours, theirs, bar = result.value, XV6_US.get(name), BARS.get(name)
        ratio = ours / theirs if ours is not None and theirs is not None else None
        kept = kept and (bar is None or (ratio is not None and ratio <= bar))
        table.add_row(
            name,
            "-" if ours is None else f"{ours:,.2f}",
            "" if theirs is None else f"{theirs:,.1f}",
            "" if ratio is None else f"{ratio:.3f}",
            "" if bar is None else f"{bar}",
        )
    Console().print(table)
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.xv6", description=__doc__)
    parser.add_argument("names", nargs="*", help="benchmarks (default: all)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    parser.add_argument("--instructions", action="store_true", help="count instructions (-icount shift=0), by thousands, instead of time")
    options = parser.parse_args()
    found = results(options.names, instructions=options.instructions)
    if options.instructions:
        for name, result in found.items():
            print(f"{name} {result.value} thousand instructions")
        return 0
    return int(not show(found) and options.check)


if __name__ == "__main__":
    sys.exit(main())
