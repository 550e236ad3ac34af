"""All C files of a program: one a module, and the start-up file."""

from __future__ import annotations

from scarlet.compiler.emit.names import precise
from scarlet.compiler.emit.prelude import PRELUDE, SUPPORT
from scarlet.compiler.emit.records import Records
from scarlet.compiler.emit.unit import Unit, uncaught_handler
from scarlet.compiler.lower.function import module_initialiser
from scarlet.compiler.program import Program, mangle
from scarlet.compiler.targets import TARGETS


def emit_program(program: Program) -> dict[str, str]:
    """C file name -> text."""
    records = Records(program)
    units: dict[str, Unit] = {}

    def unit(module: str) -> Unit:
        if module not in units:
            units[module] = Unit(program, records, module)
        return units[module]

    for function in program.lowered:
        unit(function.module if function.module in program.modules else program.checked.main).define(function)
    for cls in list(program.classes.values()) + list(program.generated.values()):
        if cls.is_protocol or cls.is_int_enum:
            continue
        unit(cls.module if cls.module in program.modules else "scarlet.runtime.exceptions").define_class(cls)
    for var in program.globals.values():
        unit(var.module if var.module in program.modules else program.checked.main).define_variable(var)
    files = {f"{mangle(name)}.c": item.text() for name, item in units.items()}
    for main in program.checked.programs:
        files[start_name(program, main)] = start_file(program, records, main)
    return files


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
