"""One C file: the functions, class records, literals and globals of a Python module, and declarations of what they use elsewhere.

Declarations are made on demand while the bodies are written, so that a file's text - and with it the compilation cache - depends only on
what the module really uses. Small functions of other modules are copied in as `static inline`. What belongs to a class or function and
has no name in the source (a record, a destructor) ends in `_`, as no mangled name does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scarlet.compiler.constants import enum_members
from scarlet.compiler.emit.function import Writer
from scarlet.compiler.emit.names import code, generic, precise
from scarlet.compiler.emit.operands import c_field, is_void
from scarlet.compiler.emit.prelude import FREED_AT_ONCE, PRELUDE
from scarlet.compiler.emit.records import Records, Selector
from scarlet.compiler.program import Class, Function, Global, Program
from scarlet.compiler.types import BOOL, NEVER, NONE, U64, ObjectType, OptionalType, TupleType, Type

if TYPE_CHECKING:
    pass

LAID_OUT = ("scarlet.runtime.str.Str", "scarlet.runtime.bytes.Bytes")
"""The classes whose layout the compiler knows: the size of the payload is the first field."""


def quote(data: bytes) -> str:
    """A C string literal of bytes."""
    out = []
    for byte in data:
        if byte in (34, 92, 63):
            out.append(f"\\{byte:03o}")
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


class Unit:
    """See the module docstring."""

    def __init__(self, program: Program, records: Records, module: str) -> None:
        self.program = program
        self.records = records
        self.module = module
        self.structures: list[str] = []
        self.declarations: list[str] = []
        self.definitions: list[str] = []
        self.inlined: list[str] = []
        self.statics: list[str] = []
        self.known: set[object] = set()
        self.literals: dict[str | bytes, str] = {}
        self.sites: dict[tuple[str, int], str] = {}
        self.symbols: set[str] = set()
        self.forward: set[str] = set()
        self.allocate = program.function_named("scarlet.runtime.heap.allocate")
        self.free = program.function_named("scarlet.runtime.heap.free")

    # --- types ---------------------------------------------------------------------------------------------------------

    def type(self, kind: Type) -> str:
        """The C name of a type; declares what it needs."""
        name = precise(kind)
        if not name.endswith("*"):
            self.structure(kind)
        elif name.startswith("struct "):
            self.forward.add(name)
        return name

    def structure(self, kind: Type) -> None:
        """Define the structure of a tuple or optional pair."""
        if not isinstance(kind, (OptionalType, TupleType)):
            return
        if isinstance(kind, OptionalType) and not kind.pointer:
            items: tuple[Type, ...] = (BOOL, kind.item)
        elif isinstance(kind, TupleType):
            items = kind.items
        else:
            return
        key = ("struct", code(kind))
        if key in self.known:
            return
        self.known.add(key)
        for item in items:
            self.structure(item)
        fields = "".join(
            f" {generic(item)}{'' if generic(item).endswith('*') else ' '}f{i};" for i, item in enumerate(items) if item != NONE
        )
        self.structures.append(f"struct {code(kind)} {{{fields or ' uint8_t empty;'} }};")

    def result_record(self, kind: Type) -> str:
        """The {value, error} structure of a fallible function's result."""
        name = f"R_{code(kind)}"
        if name not in self.known:
            self.known.add(name)
            self.structure(kind)
            value = generic(kind)
            self.structures.append(f"typedef struct {{ {value}{'' if value.endswith('*') else ' '}v; Obj *e; }} {name};")
        return name

    def layout(self, cls: Class) -> None:
        """Define the structure of a class's objects."""
        key = ("layout", cls)
        if key in self.known:
            return
        self.known.add(key)
        fields = []
        for name, kind in self.program.fields_of(cls).items():
            if kind == NONE:
                continue
            text = self.type(kind)
            fields.append(f" {text}{'' if text.endswith('*') else ' '}{c_field(name)};")
        self.structures.append(f"struct {cls.cname} {{ uint64_t rc; const Type *type;{''.join(fields)} }};")

    def counter(self, way: str, kind: Type) -> str:
        """The function that counts the references inside a tuple or optional pair up or down."""
        name = f"scarlet_{way}_{code(kind)}"
        if name in self.known:
            return name
        self.known.add(name)
        self.structure(kind)
        items = kind.items if isinstance(kind, TupleType) else (BOOL, kind.item)  # type: ignore[attr-defined]
        # The last item first, as a Python tuple releases its items.
        parts = []
        for index, item in enumerate(items):
            if item.counted:
                text = f"scarlet_x{way}ref(t.f{index});" if item.pointer else f"{self.counter(way, item)}(t.f{index});"
                parts.append(text)
        if way == "dec":
            parts.reverse()
        self.structures.append(f"INLINE void {name}({generic(kind)} t) {{ {' '.join(parts)} }}")
        return name

    def function_pointer(self, parameters: list[Type], result: Type, fallible: bool) -> str:
        """The C type of a pointer to a function called by representation."""
        for kind in parameters:
            self.structure(kind)
        returned = self.returned(result, fallible)
        return f"{returned} (*)({', '.join(generic(kind) for kind in parameters) or 'void'})"

    def returned(self, result: Type, fallible: bool) -> str:
        if is_void(result):
            return "Obj *" if fallible else "void"
        if fallible:
            return self.result_record(result)
        self.structure(result)
        return generic(result)

    # --- functions -----------------------------------------------------------------------------------------------------

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

    # --- static data ---------------------------------------------------------------------------------------------------

    def site(self, file: str, line: int) -> str:
        """A static {file, line} record."""
        key = (file, line)
        found = self.sites.get(key)
        if found is None:
            found = self.sites[key] = f"scarlet_site_{len(self.sites)}"
            self.literal(file)
        return found

    def literal(self, value: str | bytes) -> str:
        """A static str or bytes object."""
        key = value if isinstance(value, str) else b"b" + value
        found = self.literals.get(key)
        if found is None:
            found = self.literals[key] = f"scarlet_literal_{len(self.literals)}"
        return found

    def literal_definition(self, key: str | bytes, name: str) -> str:
        if isinstance(key, str):
            cls = self.program.class_named("scarlet.runtime.str.Str")
            data, length = key.encode("utf-8", "surrogatepass"), len(key)
        else:
            cls = self.program.class_named("scarlet.runtime.bytes.Bytes")
            data, length = key[1:], 0
        fields = []
        values = []
        for field, kind in self.program.fields_of(cls).items():
            fields.append(f"{generic(kind)} {c_field(field)};")
            values.append({"size": str(len(data)), "length": str(length)}.get(field, "0"))
        record = self.record(cls)
        return (
            f"static struct {{ uint64_t rc; const Type *type; {' '.join(fields)} char data[{len(data) + 1}]; }} {name} = "
            f"{{ IMMORTAL, &{record}, {', '.join(values)}, {quote(data)} }};"
        )

    def record(self, cls: Class) -> str:
        """The record of a class."""
        name = f"{cls.cname}__type_"
        if name not in self.known:
            self.known.add(name)
            self.declarations.append(f"extern const Type {name};")
        return name

    def member(self, cls: Class, index: int) -> str:
        name = f"{cls.cname}__member{index}_"
        if name not in self.known:
            self.known.add(name)
            self.layout(cls)
            self.declarations.append(f"extern struct {cls.cname} {name};")
        return name

    def variable(self, var: Global) -> str:
        """A global variable as an expression."""
        if var.storage is not None:
            if var.cname not in self.known:
                self.known.add(var.cname)
                self.declarations.append(f"extern uint8_t {var.cname}[];")
            return f"((uint64_t){var.cname})"
        if var.cname not in self.known:
            self.known.add(var.cname)
            text = self.type(var.type)
            self.declarations.append(f"extern {text}{'' if text.endswith('*') else ' '}{var.cname};")
        return var.cname

    def define_variable(self, var: Global) -> None:
        self.variable(var)
        if var.storage is not None:
            self.definitions.append(f"uint8_t {var.cname}[{var.storage[0]}] __attribute__((aligned({var.storage[1]})));\n")
        elif var.type != NONE:
            text = precise(var.type)
            self.definitions.append(f"{text}{'' if text.endswith('*') else ' '}{var.cname};\n")

    def static_closure(self, function: Function) -> str:
        name = f"{function.cname}__closure_"
        if name not in self.known:
            self.known.add(name)
            self.reference(function)
            record = self.record(self.program.class_named("builtins.object"))
            # Behind the declarations of what it names, before the copied functions that may use it.
            self.declarations.append(f"static Closure {name} = {{ IMMORTAL, &{record}, (uint64_t)&{function.cname} }};")
        return name

    # --- classes -------------------------------------------------------------------------------------------------------

    def define_class(self, cls: Class) -> None:
        """The record, destruction function and enum members of a class."""
        self.layout(cls)
        record = self.record(cls)
        drop = self.destructor(cls) if not cls.is_enum else "0"
        ancestors = list(reversed(list(cls.ancestors())))
        display = ", ".join(f"&{self.record(item)}" for item in ancestors[:8])
        slots = self.records.slots(cls)
        table = "".join(
            f" [{slot}] = (const void *){self.slot_entry(selector, function)}," for slot, (selector, function) in sorted(slots.items())
        )
        local = cls.info.name if not cls.generated else cls.name
        shown = self.python_name(cls)
        self.definitions.append(
            f"const Type {record} = {{ sizeof(struct {cls.cname}), {drop}, {self.free_list(cls)},"
            f" &{self.literal(local)}, &{self.literal(shown)}, {{ {display} }}, {{{table} }} }};\n"
        )
        if cls.is_enum:
            self.define_members(cls)

    def python_name(self, cls: Class) -> str:
        if cls.generated:
            return cls.name
        name = cls.info.fullname
        return "__main__" + name[len(self.program.checked.main) :] if name.startswith(self.program.checked.main + ".") else name

    def define_members(self, cls: Class) -> None:
        record = self.record(cls)
        for index, (name, value) in enumerate(enum_members(self.program, cls.info)):
            symbol = self.member(cls, index)
            shown = f"&{self.literal(value)}" if not isinstance(value, int) else f"{value}L"
            self.definitions.append(
                f"struct {cls.cname} {symbol} = {{ IMMORTAL, &{record}, (void *)&{self.literal(name)}, {'(void *)' if not isinstance(value, int) else ''}{shown} }};\n"  # noqa: E501
            )

    def destructor(self, cls: Class) -> str:
        """The function that ends an object: weak references, __del__, fields, memory."""
        name = f"{cls.cname}__drop_"
        parts = [f"struct {cls.cname} *self = (struct {cls.cname} *)o;"]
        if self.program.weak_used:
            clear = self.program.function_named("scarlet.runtime.weakref.clear")
            parts.append(f"if (UNLIKELY(o->rc & WEAK)) {{ {self.reference(clear)}((uint64_t)o); }}")
        hook = self.program.method_function(cls, "__del__")
        if hook is not None and hook.body is not None:
            call = f"{self.reference(hook)}(({precise(hook.params[0].type)})o)"
            if self.fallible(hook):
                call = f"{{ Obj *e = {call}; if (e) scarlet_decref(e); }}"
            parts.append(f"o->rc = 1; {call}; if (o->rc != 1) {{ o->rc--; return; }}")
        for field, kind in self.program.fields_of(cls).items():
            if kind.counted:
                parts.append(
                    f"scarlet_xdecref((Obj *)self->{c_field(field)});"
                    if kind.pointer
                    else f"{self.counter('dec', kind)}(self->{c_field(field)});"
                )
        extra = ""
        payload = self.program.method_function(cls, "__payload_size__")
        if payload is not None and payload.body is not None:
            extra_call = f"{self.reference(payload)}(({precise(payload.params[0].type)})o)"
            parts.insert(1, f"uint64_t extra = {extra_call}{'.v' if self.fallible(payload) else ''};")
            extra = " + extra"
        parts.append(f"{self.reference(self.free)}((uint64_t)o, sizeof(struct {cls.cname}){extra});")
        self.definitions.append(f"static void {name}(Obj *o) {{ {' '.join(parts)} }}\n")
        return name

    def free_list(self, cls: Class) -> str:
        """What scarlet_release frees the objects of a class with (prelude.py), 0 when there is more to do at their end."""
        if cls.is_enum or any(kind.counted for kind in self.program.fields_of(cls).values()):
            return "0"
        heads = self.variable(self.program.globals["scarlet.runtime.heap._FREE"])
        if cls.name in LAID_OUT:
            return f"(uint64_t *)({heads} + 1)"
        for name in ("__del__", "__payload_size__"):
            hook = self.program.method_function(cls, name)
            if hook is not None and hook.body is not None:
                return "0"
        size = f"sizeof(struct {cls.cname})"
        return f"{size} > {FREED_AT_ONCE} ? 0 : (uint64_t *){heads} + ({size} + 15) / 16"

    def slot_entry(self, selector: Selector, function: Function) -> str:
        """What a dispatch slot holds: the function, or an adapter when its convention differs."""
        own = [param.type for param in function.params if param.type != NONE]
        wanted = [kind for kind in selector.parameters if kind != NONE]
        same = [code(a) for a in own] == [code(b) for b in wanted] and code(function.result) == code(selector.result)
        name = self.reference(function)
        if same and self.fallible(function) == selector.fallible:
            return name
        adapter = f"{function.cname}__as_{selector.name}_{selector.slot}"
        heads = ", ".join(f"{generic(kind)}{'' if generic(kind).endswith('*') else ' '}a{i}" for i, kind in enumerate(wanted))
        args = []
        for index, (mine, theirs) in enumerate(zip(own, wanted)):
            args.append(
                f"({precise(mine)})a{index}"
                if precise(mine).endswith("*") or code(mine) != code(theirs) and generic(mine).endswith("_t")
                else f"a{index}"
            )
        call = f"{name}({', '.join(args)})"
        returned = self.returned(selector.result, selector.fallible)
        void = is_void(selector.result)
        cast = (
            f"({generic(selector.result)})"
            if not void and (generic(selector.result).endswith("*") or generic(selector.result).endswith("_t"))
            else ""
        )
        if self.fallible(function) and selector.fallible:
            if is_void(function.result):
                body = f"return {call};" if void else f"Obj *e = {call}; return ({returned}){{ .e = e }};"
            else:
                body = f"{self.result_record(function.result)} r = {call}; return " + (
                    "r.e;" if void else f"({returned}){{ {cast}r.v, r.e }};"
                )
        elif selector.fallible:
            if is_void(function.result):
                body = f"{call}; return " + ("0;" if void else f"({returned}){{ 0 }};")
            else:
                body = f"{call}; return 0;" if void else f"return ({returned}){{ {cast}{call}, 0 }};"
        else:
            body = f"{call};" if void else f"return {cast}{call};"
        self.definitions.append(f"static {returned} {adapter}({heads}) {{ {body} }}\n")
        return adapter

    # --- the file --------------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The whole C file."""
        literals = []
        sites = []
        for (file, line), name in self.sites.items():
            sites.append(f"static const Site {name} = {{ &{self.literal(file)}, {line} }};")
        for key, name in list(self.literals.items()):
            literals.append(self.literal_definition(key, name))
        symbols = [f"extern char {name}[];" for name in sorted(self.symbols)]
        forward = sorted(name[:-2] + ";" for name in self.forward)
        parts = [
            PRELUDE,
            *forward,
            *self.structures,
            *self.declarations,
            *symbols,
            *literals,
            *sites,
            *self.statics,
            *self.inlined,
            *self.definitions,
        ]
        return "\n".join(parts) + "\n"


def uncaught_handler(program: Program) -> Function:
    """Where an exception goes that leaves an exported function or the main module."""
    return program.function_named("scarlet.runtime.start.uncaught")


__all__ = ["NEVER", "ObjectType", "U64", "Unit"]
