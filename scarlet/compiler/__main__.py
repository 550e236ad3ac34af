"""python -m scarlet.compiler FILE... [--target TARGET] [--programs] [-o OUT] [--dump-ir] [--dump-c] [-O0|-O1|-O2|-Os]"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
import traceback
from pathlib import Path

from scarlet.compiler import TARGETS, BuildFailed, Options, build


class Times:
    """When each phase began."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    def note(self, phase: str, _item: str, _percent: int) -> None:
        self.begun.setdefault(phase, time.perf_counter())

    def text(self) -> str:
        ends = [*self.begun.values()][1:]
        return ", ".join(f"{phase} {end - begin:.2f} s" for (phase, begin), end in zip(self.begun.items(), ends))


class Unusable(Exception):
    """An argument that cannot be what it should be; the message is all there is to say."""


def _demand_usable(given: argparse.Namespace) -> None:
    """Unusable unless the files can be read and what is made can be written."""
    for file in given.files:
        _demand_source(file)
    for item in given.module:
        name, _equals, file = item.partition("=")
        if not name or not file:
            raise Unusable(f"--module {item}: NAME=FILE is wanted")
        _demand_source(Path(file))
    if given.root is not None and not (given.root / "scarlet" / "runtime").is_dir():
        raise Unusable(f"--root {given.root}: no checkout of Scarlet, which has a folder scarlet/runtime")
    if given.output is not None and not given.programs and given.output.is_dir():
        raise Unusable(f"-o {given.output}: this is a folder; the name of a file is wanted")
    if given.output is not None and given.programs and given.output.exists() and not given.output.is_dir():
        raise Unusable(f"-o {given.output}: this is a file; with --programs, the name of a folder is wanted")


def _demand_source(file: Path) -> None:
    if file.is_dir():
        raise Unusable(f"{file}: this is a folder; Python files are wanted")
    if not file.is_file():
        raise Unusable(f"{file}: there is no such file")
    if file.suffix != ".py" or not file.stem.isidentifier():
        raise Unusable(f"{file}: the name of a Python module, letters, digits and _ before .py, is wanted")
    if not os.access(file, os.R_OK):
        raise Unusable(f"{file}: this file may not be read")


def main(arguments: list[str] | None = None) -> int:
    """Compile; errors go to standard error, status 1."""
    parser = argparse.ArgumentParser(prog="python -m scarlet.compiler", description="Compile dialect Python to RISC-V.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="source files; the last one is the main module")
    parser.add_argument("--target", choices=list(TARGETS), default="linux-user")
    parser.add_argument("--programs", action="store_true", help="make a program of each file; -o is the folder for the ELF files")
    parser.add_argument("-o", dest="output", type=Path, default=None, help="the ELF file to write")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder for intermediate files")
    parser.add_argument("--root", type=Path, default=None, help="folder imports are resolved from (default: the checkout)")
    parser.add_argument(
        "--module", action="append", default=[], metavar="NAME=FILE", help="the file of a module that is not found below the root"
    )
    parser.add_argument("--dump-ir", action="store_true", help="print the IR after all passes")
    parser.add_argument("--dump-c", action="store_true", help="print the generated C")
    parser.add_argument("--times", action="store_true", help="print where the time went")
    parser.add_argument("--trace", action="store_true", help="after an internal error, print where the compiler failed")
    parser.add_argument("-O", dest="level", default="1", choices=["0", "1", "2", "3", "s"])
    given = parser.parse_args(arguments)
    try:
        _demand_usable(given)
    except (Unusable, OSError) as unusable:
        print(f"error: {unusable}", file=sys.stderr)
        return 1
    options = Options(given.target, given.output, f"-O{given.level}", given.build, given.root, given.dump_ir, given.dump_c)
    options.programs = given.programs
    options.modules = {name: Path(file) for name, _equals, file in (item.partition("=") for item in given.module)}
    times = Times()
    try:
        if given.times:
            options.progress = times.note
            result = build(given.files, options)
        elif sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            with Progress(console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
                task = bar.add_task("", total=100)
                options.progress = lambda phase, item, percent: bar.update(task, description=f"{phase} {item}", completed=percent)
                result = build(given.files, options)
        else:
            result = build(given.files, options)
    except BuildFailed as failure:
        print(failure.report.text(), file=sys.stderr)
        count = len(failure.report.errors)
        print(f"{count} error{'s' if count != 1 else ''}", file=sys.stderr)
        for error in failure.report.errors:
            if given.trace and error.__cause__ is not None:
                traceback.print_exception(error.__cause__)
        return 1
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"internal error: {type(error).__name__}: {error}", file=sys.stderr)
        if given.trace:
            traceback.print_exc()
        return 2
    if given.times:
        print(times.text(), file=sys.stderr)
    if result.ir:
        print(result.ir)
    for name, text in result.c.items():
        print(f"/* {name} */\n{text}")
    return 0


if __name__ == "__main__":
    gc.disable()  # for good
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # taking the trees and the IR of a large program apart, object by object, would take seconds
