"""All C files of a program: one a module, and the start-up file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from scarlet.compiler.emit.classes import define_class
from scarlet.compiler.emit.fingerprint import Fingerprints
from scarlet.compiler.emit.names import precise
from scarlet.compiler.emit.prelude import PRELUDE, SUPPORT
from scarlet.compiler.emit.processes import shared
from scarlet.compiler.emit.records import Records
from scarlet.compiler.emit.texts import Text, Texts
from scarlet.compiler.emit.unit import Unit, uncaught_handler
from scarlet.compiler.itself import is_unchanged
from scarlet.compiler.lower.function import module_initialiser
from scarlet.compiler.passes import Finisher
from scarlet.compiler.program import Class, Function, Global, Program, mangle
from scarlet.compiler.targets import TARGETS

RUNTIME = "scarlet.runtime."
PARTS = 8
"""The files that the instances of a generic class of the runtime are shared out to."""


@dataclass
class Contents:
    """What one C file defines."""

    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    variables: list[Global] = field(default_factory=list)

    def weight(self) -> int:
        """An estimate of the work to write it."""
        bodies = (function.body for function in self.functions if function.body is not None)
        return len(self.classes) + sum(len(block.ops) for body in bodies for block in body.blocks)


def emit_program(program: Program, finisher: Finisher, folder: Path) -> dict[str, Text]:
    """C file name -> text. `folder` keeps texts by fingerprint: only those are written that have not been before."""
    records = Records(program, finisher)
    contents = share_out(program)
    prints = Fingerprints(program, records)
    known = Texts(folder)

    def write(modules: list[str]) -> dict[str, tuple[str, Text]]:
        names = {module: f"{mangle(module)}-{prints.of(module, contents[module])}" for module in modules}
        # Here all fingerprints are made: to write a text changes functions.
        return {
            module: (name, known.get(name) or Text.of(emit_module(program, records, module, contents[module])))
            for module, name in names.items()
        }

    texts = shared(write, {module: item.weight() for module, item in contents.items()})
    keep = is_unchanged()
    for name, text in texts.values():
        known.used.add(name)
        if keep and text.path is None:
            known.put(name, text)
    known.forget()
    files = {f"{mangle(module)}.c": texts[module][1] for module in contents}
    for main in program.checked.programs:
        files[start_name(program, main)] = Text.of(start_file(program, records, main))
    return files


def share_out(program: Program) -> dict[str, Contents]:
    """What goes into each C file, named by its module. What belongs to no module of the program goes into its main one."""
    contents: defaultdict[str, Contents] = defaultdict(Contents)
    for function in program.lowered:
        module = function.module if function.module in program.modules else program.checked.main
        contents[module + _part(function.owner)].functions.append(function)
    for cls in [*program.classes.values(), *program.generated.values()]:
        if not cls.is_protocol and not cls.is_int_enum:
            module = cls.module if cls.module in program.modules else "scarlet.runtime.exceptions"
            contents[module + _part(cls)].classes.append(cls)
    for var in program.globals.values():
        contents[var.module if var.module in program.modules else program.checked.main].variables.append(var)
    return contents


def _part(cls: Class | None) -> str:
    """Which of the files of its module a class goes into, by its name alone. Of a container there are hundreds of instances, and one more
    is to change one file of some size."""
    return f".{crc32(cls.cname.encode()) % PARTS}" if cls is not None and cls.args and cls.module.startswith(RUNTIME) else ""


def emit_module(program: Program, records: Records, module: str, contents: Contents) -> str:
    """The text of one C file."""
    unit = Unit(program, records, module)
    for function in contents.functions:
        unit.define(function)
    for cls in contents.classes:
        define_class(unit, cls)
    for var in contents.variables:
        unit.define_variable(var)
    return unit.text()


def start_name(program: Program, main: str) -> str:
    """The C file with which a program starts: the only one of several programs' files that belongs to it alone."""
    return "scarlet_start.c" if len(program.checked.programs) == 1 else f"start_{mangle(main)}.c"


ENTRY = r"""uint64_t scarlet_start[3];
void scarlet_main(void) { scarlet_run_initialisers(); LEAVE(0); __builtin_trap(); }
__attribute__((naked, section(".text.boot"))) void _start(void) {
    __asm__("lla t0, scarlet_start\n sd sp, 0(t0)\n sd a0, 8(t0)\n sd a1, 16(t0)\n STACK\n call scarlet_main\n");
}
"""
"""A user program's first instructions: what its kernel handed over is kept in scarlet_start (sp, a0, a1) for the machine layer."""


def start_file(program: Program, records: Records, main: str) -> str:
    """Reference counting out of line, the run of the module initialisers, and the entry of a user program."""
    unit = Unit(program, records, "")
    uncaught = uncaught_handler(program)
    handler = unit.reference(uncaught)
    calls = []
    argument = f"({precise(uncaught.params[0].type)})"
    for module in program.checked.programs[main]:
        function = module_initialiser(program, module)
        name = unit.reference(function)
        if unit.fallible(function):
            calls.append(f"e = {name}(); if (e) {{ {handler}({argument}e); __builtin_trap(); }}")
        else:
            calls.append(f"{name}();")
    body = "".join(f"    {call}\n" for call in calls)
    text = f"void scarlet_run_initialisers(void) {{\n    Obj *e; (void)e;\n{body}}}\n"
    if not TARGETS[program.target].kernel:
        leave = program.function_named("scarlet.machine.power.exit")
        stack = TARGETS[program.target].stack
        text += ENTRY.replace("LEAVE", unit.reference(leave)).replace("STACK", f"lla sp, {stack}" if stack else "andi sp, sp, -16")
    unit.definitions += [SUPPORT, text]
    return unit.text()


__all__ = ["PRELUDE", "emit_program"]
