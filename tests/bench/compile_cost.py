"""`scripts/bench compile`: what a build of the kernel costs, cold and after an edit of one module.

The sources are copied aside and compiled there with empty caches; then, again and again, with a line more in one module. The bars are for
20,000 lines of dialect source on two cores: the figures are scaled to that. Wall time, so nothing else should be running.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scarlet.cli.paths import KERNEL_FOLDERS, ROOT

LINES = 20_000
COLD_S = 40.0
EDIT_S = 3.0
EDITED = ("abi_modules/linux_riscv64/futex.py", "vfs/walk.py", "objects/process.py")
"""A module that nobody copies functions from, one that some do, and one that many do."""
NOT_COMPILED = ("scarlet/cli", "scarlet/compiler", "scarlet/machine/hosted", "scarlet/machine/linux_user", "scarlet/machine/native_user",
                "scarlet/machine/xv6_user", "scarlet/user", "scarlet/xv6")  # fmt: skip


@dataclass
class Build:
    """One run of the compiler: seconds of wall and of processor time, the C files it compiled, and where the time went."""

    wall_s: float
    processor_s: float
    compiled: int
    phases: str


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench compile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=2, help="edits of each module; the best counts (default 2)")
    parser.add_argument("--check", action="store_true", help="exit with status 1 when a bar is missed")
    return parser.parse_args()


class Workshop:
    """A copy of the sources, with caches of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in KERNEL_FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(folder / "zig"), "PYTHONPATH": str(folder)}

    def lines(self) -> int:
        """Lines of the modules that a kernel may consist of."""
        paths = (path for name in KERNEL_FOLDERS for path in (self.folder / name).rglob("*.py"))
        return sum(
            len(path.read_text(encoding="utf-8").splitlines())
            for path in paths
            if not path.relative_to(self.folder).as_posix().startswith(NOT_COMPILED)
        )

    def build(self) -> Build:
        before = self._objects()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "scarlet.compiler", "--target", "kernel", "--times", "scarlet/boot.py", "-o", "kernel.elf"],
            cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        wall = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"bench: the kernel does not compile\n{done.stderr}")
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        return Build(wall, processor, len(self._objects() - before), done.stderr.strip().splitlines()[-1])

    def edit(self, module: str, rounds: int) -> Build:
        """The best of some builds, each with one line more after the module's docstring than the one before."""
        path = self.folder / module
        source = path.read_text(encoding="utf-8")
        builds = []
        for lines in range(1, rounds + 1):
            path.write_text(source.replace('"""\n', '"""\n' + "\n" * lines, 1), encoding="utf-8")
            builds.append(self.build())
        path.write_text(source, encoding="utf-8")
        return min(builds, key=lambda build: build.wall_s)

    def _objects(self) -> set[Path]:
        return set((self.folder / "build").rglob("*.o"))


def main() -> int:
    options = arguments()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="scarlet-bench-") as folder:
        workshop = Workshop(Path(folder))
        lines = workshop.lines()
        cases: list[tuple[str, float, Callable[[], Build]]] = [
            ("cold", COLD_S, workshop.build),
            ("nothing changed", EDIT_S, workshop.build),
        ]
        for module in EDITED:
            cases.append((f"a line in {module}", EDIT_S, lambda module=module: workshop.edit(module, options.rounds)))  # type: ignore[misc]
        found: list[tuple[str, float, Build]] = []
        for name, bar, run in cases:
            with console.status(name):
                found.append((name, bar, run()))
    kept = show(found, lines)
    return int(options.check and not kept)


def show(found: list[tuple[str, float, Build]], lines: int) -> bool:
    """Print the table; False when a bar is missed."""
    table = Table(box=None, pad_edge=False, title=f"{lines:,} lines; the last two columns are for {LINES:,}", title_justify="left")
    for title in ("", "wall s", "processor s", "C files", "wall s", "bar"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    kept = True
    for name, bar, build in found:
        scaled = build.wall_s * LINES / lines
        kept = kept and scaled <= bar
        shown = f"{scaled:.1f}" if scaled <= bar else f"[red]{scaled:.1f}[/]"
        table.add_row(name, f"{build.wall_s:.1f}", f"{build.processor_s:.1f}", str(build.compiled), shown, f"{bar:.0f}")
    output = Console()
    output.print(table)
    for name, _bar, build in found:
        output.print(f"{name}: {build.phases}", soft_wrap=True)
    return kept
