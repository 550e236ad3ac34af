"""The compiler: typed Python to RV64 machine code.

front (mypy) -> lower (IR) -> passes -> emit (C) -> native (clang and lld of the ziglang wheel). `build` runs all of it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scarlet.compiler import itself  # noqa: F401  (which looks at the source before the rest of it is imported)
from scarlet.compiler.errors import BuildFailed, CompileError, Damaged, InternalError, Place, Report
from scarlet.compiler.targets import TARGETS

if TYPE_CHECKING:
    from scarlet.compiler.passes import Finisher
    from scarlet.compiler.program import Program


@dataclass
class Options:
    """What to build and how.

    `programs`: every file is the main module of a program of its own, and `output` the folder for their ELF files.
    `modules`: files outside of the checkout, or in place of its own, by the name of the module that they are.
    """

    target: str = "linux-user"
    output: Path | None = None
    optimisation: str = "-O1"
    folder: Path = Path("build")
    root: Path | None = None
    dump_ir: bool = False
    dump_c: bool = False
    programs: bool = False
    modules: dict[str, Path] = field(default_factory=dict)
    stop: str = ""
    progress: Callable[[str, str, int], None] | None = None
    """Told the phase, what it is at, and how far the build is in per cent."""


@dataclass
class Result:
    """What a build gives: the ELF file (or the folder of several programs), and the texts that were asked for."""

    output: Path | None = None
    ir: str = ""
    c: dict[str, str] = field(default_factory=dict)


def build(files: list[Path], options: Options) -> Result:
    """Compile a program whose main module is the last file, or a program from each file. BuildFailed carries the errors."""
    collecting = gc.isenabled()
    gc.disable()  # almost nothing of what is made is let go of before the end
    try:
        return _repaired(files, options)
    except CompileError as error:
        error.place = error.place or Place(str(files[-1]), 1)
        raise BuildFailed(Report([error])) from error
    except (BuildFailed, OSError):
        raise
    except Exception as failure:
        raise BuildFailed(Report([InternalError(Place(str(files[-1]), 1), failure)])) from failure
    finally:
        if collecting:
            gc.enable()


REPAIRS = 3


def _repaired(files: list[Path], options: Options) -> Result:
    """Build; damaged files of earlier builds are deleted and made again."""
    for _attempt in range(REPAIRS):
        try:
            return _build(files, options)
        except Damaged as damage:
            for path in damage.paths:
                path.unlink(missing_ok=True)
    return _build(files, options)


def _build(files: list[Path], options: Options) -> Result:
    from scarlet.compiler import passes
    from scarlet.compiler.checks import Checks
    from scarlet.compiler.emit.program import emit_program, start_name
    from scarlet.compiler.front import check, project_root
    from scarlet.compiler.native import compile_files, link, link_programs
    from scarlet.compiler.program import Program, mangle

    def step(phase: str, percent: int, item: str = "") -> None:
        if options.progress is not None:
            options.progress(phase, item, percent)

    root = options.root or project_root()
    target = TARGETS[options.target]
    step("types", 0)
    checked = check(files, options.target, root, separate=options.programs, modules=options.modules, cache=options.folder / "library")
    program = Program(checked, options.target)
    result = Result()
    step("lowering", 20)
    lower_program(program)
    checks = Checks(program)
    if program.report.errors:
        checks.demand()
    step("passes", 30)
    try:
        finisher = passes.run(program)
    finally:
        checks.demand()  # first of all, whatever the passes made of it
    if options.stop == "ir":
        result.ir = ir_text(program, finisher)
        return result
    step("C", 40)
    folder = options.folder / f"{options.target}-{'programs' if options.programs else mangle(checked.main)}"
    texts = emit_program(program, finisher, folder / "texts")
    if options.dump_ir:
        result.ir = ir_text(program, finisher)  # not before: fingerprints are taken of what is not finished
    if options.dump_c:
        result.c = {name: text.read() for name, text in texts.items()}
    if options.stop == "c":
        return result
    step("machine code", 50)
    objects = compile_files(
        texts, folder, options.optimisation, lambda name, done, total: step("machine code", 50 + 45 * done // total, name)
    )
    script = target.linker_script(root)
    if options.programs:
        step("link", 96)
        starts = {main.rpartition(".")[2]: start_name(program, main) for main in checked.programs}
        result.output = options.output or folder
        link_programs(dict(zip(texts, objects)), starts, result.output, script, target.os_abi)
        step("done", 100)
        return result
    output = options.output or folder / "program.elf"
    output.parent.mkdir(parents=True, exist_ok=True)
    step("link", 96)
    if target.kernel:
        assert script is not None
        link_with_symbols(objects, output, script, {function.cname: function.name for function in program.lowered}, root, folder)
    else:
        link(objects, output, script, target.os_abi)
    result.output = output
    step("done", 100)
    return result


def ir_text(program: Program, finisher: Finisher) -> str:
    """The IR of all functions after the last pass."""
    for function in program.lowered:
        finisher.finish(function)
    return "\n\n".join(f"{f.name} {f.body.text()}" for f in program.lowered if f.body is not None)


SYMBOLS = ".scarlet.symbols"
GRAIN = 1 << 16
LARGEST = 1 << 26


def link_with_symbols(objects: list[Path], output: Path, script: Path, names: dict[str, str], root: Path, folder: Path) -> None:
    """Link, with room for the symbol table, and write the table there.

    The text comes first in the image, so the room behind it, a multiple of GRAIN, moves no code. It is as large as last time's; if
    that is not what the table needs, the program is linked once more.
    """
    from scarlet.compiler.native import fill, link, reserve
    from scarlet.compiler.symbols import table

    last = folder / "symbols.size"
    room = _known_size(last)
    link([*objects, reserve(room, SYMBOLS, folder)], output, script)
    data = table(output, names, root, folder / "symbols.known")
    wanted = -(-len(data) // GRAIN) * GRAIN
    if wanted != room:
        link([*objects, reserve(wanted, SYMBOLS, folder)], output, script)
        last.write_text(f"{wanted}\n")
    fill(output, SYMBOLS, data)


def _known_size(path: Path) -> int:
    """What the last build found, or a first guess."""
    try:
        size = int(path.read_text())
    except (OSError, ValueError):
        return GRAIN
    return size if 0 < size <= LARGEST and size % GRAIN == 0 else GRAIN


def lower_program(program: object) -> None:
    """Lower everything reachable from the module initialisers and the exported functions."""
    from scarlet.compiler import dispatch
    from scarlet.compiler.lower.function import exported_functions, lower_all, module_initialiser
    from scarlet.compiler.lower.halfmade import may_see_half_made
    from scarlet.compiler.program import Program
    from scarlet.compiler.scan import scan_module

    assert isinstance(program, Program)
    for module in program.checked.modules:
        scan_module(program, module.tree)
    program.half_made = may_see_half_made(program)
    for name in (
        "scarlet.runtime.heap.allocate",
        "scarlet.runtime.heap.free",
        "scarlet.runtime.heap.out_of_memory",
        "scarlet.runtime.start.uncaught",
    ):
        program.function_named(name)
    if not TARGETS[program.target].kernel:
        program.function_named("scarlet.machine.power.exit")
    program.class_named("builtins.object")
    dispatch.construct(program, program.class_named("scarlet.runtime.str.Str"))
    dispatch.construct(program, program.class_named("scarlet.runtime.bytes.Bytes"))
    for module in program.checked.modules:
        module_initialiser(program, module)
        exported_functions(program, module)
    lower_all(program)
    if any(name == "scarlet.runtime.weakref.Ref" for name, _ in program.classes):
        program.weak_used = True
        program.function_named("scarlet.runtime.weakref.clear")
        lower_all(program)


__all__ = ["TARGETS", "BuildFailed", "CompileError", "Options", "Place", "Report", "Result", "build"]
