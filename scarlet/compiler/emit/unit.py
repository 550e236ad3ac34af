"""One C file: the functions, class records, literals and globals of a Python module, and declarations of what they use elsewhere.

Declarations are made on demand while the bodies are written, so that a file's text - and with it the compilation cache - depends only on
what the module really uses. Small functions of other modules are copied in as `static inline`. What belongs to a class or function and
has no name in the source (a record, a destructor) ends in `_`, as no mangled name does.
"""

from __future__ import annotations

from scarlet.compiler.emit.function import Writer
from scarlet.compiler.emit.names import generic, precise
from scarlet.compiler.emit.operands import is_void
from scarlet.compiler.emit.prelude import PRELUDE
from scarlet.compiler.emit.records import Records
from scarlet.compiler.emit.statics import Statics
from scarlet.compiler.entities import Function
from scarlet.compiler.program import Program
from scarlet.compiler.types import NEVER, NONE


class Unit(Statics):
    """See the module docstring."""

    def __init__(self, program: Program, records: Records, module: str) -> None:
        super().__init__(program)
        self.records = records
        self.module = module
        self.inlined: list[str] = []
        self.symbols: set[str] = set()
        self.allocate = program.function_named("scarlet.runtime.heap.allocate")
        self.free = program.function_named("scarlet.runtime.heap.free")

    @staticmethod
    def fallible(function: Function) -> bool:
        """Whether calls of a function give {value, error}."""
        return (function.may_raise or function.closure) and function.assembly is None

    def signature(self, function: Function) -> str:
        """The head of a C definition."""
        parameters = []
        body = function.body
        assert body is not None
        writer = self.writer
        for reg in body.params:
            if reg.type == NONE:
                continue
            text = self.type(reg.type)
            parameters.append(f"{text}{'' if text.endswith('*') else ' '}{writer.name(reg)}")
        returned = self.returned(function.result, self.fallible(function))
        return f"{self.attributes(function)}{returned} {function.cname}({', '.join(parameters) or 'void'})"

    def prototype(self, function: Function) -> str:
        parameters = []
        if function.closure:
            parameters.append("struct Obj *")
        for param in function.params:
            if param.type == NONE:
                continue
            parameters.append(self.type(param.type))
        if function.closure and function.body is not None:
            parameters[0] = precise(function.body.params[0].type)
            self.type(function.body.params[0].type)
        returned = self.returned(function.result, self.fallible(function))
        return f"{self.attributes(function)}{returned} {function.cname}({', '.join(parameters) or 'void'});"

    def attributes(self, function: Function) -> str:
        if self.records.copied(function):
            return "static inline __attribute__((always_inline, unused)) " if function.inline else "static inline __attribute__((unused)) "
        text = ""
        if function.noinline or function.cold:
            text += "__attribute__((noinline)) "
        if function.cold:
            text += "__attribute__((cold)) "
        if function.result == NEVER and not self.fallible(function):
            text += "__attribute__((noreturn)) "
        if function.section and function.assembly is None:
            text += f'__attribute__((section("{function.section}"))) '
        return text

    def reference(self, function: Function) -> str:
        """The name of a function to call, declared (and defined here if it is copied)."""
        key = ("function", function)
        if key not in self.known:
            self.known.add(key)
            self.program.enqueue(function)
            if function.assembly is not None:
                self.declarations.append(self.plain_prototype(function))
            elif function.body is None:
                self.declarations.append(self.prototype(function))
            else:
                self.declarations.append(self.prototype(function))
                if self.records.copied(function):
                    self.inlined.append(self.write(function))
        return function.cname

    def plain_prototype(self, function: Function) -> str:
        parameters = [precise(param.type) for param in function.params if param.type != NONE]
        for param in function.params:
            self.type(param.type)
        self.type(function.result)
        returned = "void" if is_void(function.result) else generic(function.result)
        return f"{returned} {function.cname}({', '.join(parameters) or 'void'});"

    def address(self, function: Function) -> str:
        """The plain C entry of a function whose address is taken."""
        if function.export and function.assembly is None:
            self.symbols.add(function.export)
            return function.export
        return self.reference(function)

    def write(self, function: Function) -> str:
        """The C definition of a function."""
        self.records.finisher.finish(function)
        saved = getattr(self, "writer", None)
        self.writer = Writer(self, function)
        text = self.writer.write()
        if saved is not None:
            self.writer = saved
        return text

    def define(self, function: Function) -> None:
        """Define a function of this module."""
        if function.assembly is not None:
            self.definitions.append(self.assembly(function))
            return
        if function.body is None or self.records.copied(function):
            return
        self.reference(function)
        self.definitions.append(self.write(function))
        if function.export:
            self.definitions.append(self.export(function))

    def assembly(self, function: Function) -> str:
        """A naked function as top-level assembly."""
        assert function.assembly is not None
        lines = [line.strip() for line in function.assembly.strip().splitlines()]
        text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines if line)
        section = function.section or ".text"
        flags = ', \\"ax\\", @progbits' if section != ".text" else ""
        if section == ".text":
            section = f".text.{function.export}"
            flags = ', \\"ax\\", @progbits'
        name = function.export
        align = {1: 0, 2: 1, 4: 2, 8: 3, 16: 4, 32: 5, 64: 6, 4096: 12}.get(function.align, 2)
        return (
            f'__asm__(".pushsection {section}{flags}\\n.p2align {align}\\n.globl {name}\\n.type {name}, @function\\n{name}:\\n{text}\\n'
            f'.size {name}, . - {name}\\n.popsection\\n");\n'
        )

    def export(self, function: Function) -> str:
        """The unmangled entry of an exported function; an exception that leaves it is fatal."""
        parameters = [(precise(param.type), f"a{i}") for i, param in enumerate(function.params) if param.type != NONE]
        head = ", ".join(f"{kind}{'' if kind.endswith('*') else ' '}{name}" for kind, name in parameters) or "void"
        args = ", ".join(name for _, name in parameters)
        fallible = self.fallible(function)
        returned = "void" if is_void(function.result) else generic(function.result)
        section = f'__attribute__((section("{function.section}"))) ' if function.section else ""
        line = f'#line {function.line} "{function.file}"\n'
        if not fallible:
            give = "" if is_void(function.result) else "return "
            return f"{line}{section}{returned} {function.export}({head}) {{ {give}{function.cname}({args}); }}\n"
        uncaught = self.reference(uncaught_handler(self.program))
        argument = f"({precise(uncaught_handler(self.program).params[0].type)})"
        if is_void(function.result):
            return f"{line}{section}{returned} {function.export}({head}) {{ Obj *e = {function.cname}({args}); if (e) {{ {uncaught}({argument}e); __builtin_trap(); }} }}\n"  # noqa: E501
        record = self.result_record(function.result)
        return f"{line}{section}{returned} {function.export}({head}) {{ {record} r = {function.cname}({args}); if (r.e) {{ {uncaught}({argument}r.e); __builtin_trap(); }} return r.v; }}\n"  # noqa: E501

    def static_closure(self, function: Function) -> str:
        name = f"{function.cname}__closure_"
        if name not in self.known:
            self.known.add(name)
            self.reference(function)
            record = self.record(self.program.class_named("builtins.object"))
            # Behind the declarations of what it names, before the copied functions that may use it.
            self.declarations.append(f"static Closure {name} = {{ IMMORTAL, &{record}, (uint64_t)&{function.cname} }};")
        return name

    def text(self) -> str:
        """The whole C file."""
        data = self.data()
        symbols = [f"extern char {name}[];" for name in sorted(self.symbols)]
        forward = sorted(name[:-2] + ";" for name in self.forward)
        parts = [
            PRELUDE,
            *forward,
            *self.structures,
            *self.declarations,
            *symbols,
            *data,
            *self.inlined,
            *self.definitions,
        ]
        return "\n".join(parts) + "\n"


def uncaught_handler(program: Program) -> Function:
    """Where an exception goes that leaves an exported function or the main module."""
    return program.function_named("scarlet.runtime.start.uncaught")
