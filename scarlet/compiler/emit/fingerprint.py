"""Fingerprints: from what a C file follows, as one digest, so that a file whose origin is the same as before need not be written again.

The text of a C file follows from

- the IR of the functions that it defines or has copies of, as it is after the passes over the whole program;
- what the functions, classes and variables that are named there look like from outside: representation, convention, layout, slots;
- the compiler itself.

Everything that the last passes and the writers read of those is in here, whole (a field of an entity is left out only by name, below), and
nothing else is: an edit in one module gives the C files of other modules the fingerprints that they had, unless it shows there.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from scarlet.compiler import ir
from scarlet.compiler.constants import enum_members
from scarlet.compiler.emit.function import METHODS
from scarlet.compiler.emit.names import code
from scarlet.compiler.emit.records import Records
from scarlet.compiler.entities import Class, Function, Global
from scarlet.compiler.ir import Block, Body, Imm, Op, Reg
from scarlet.compiler.itself import SOURCE
from scarlet.compiler.program import Program
from scarlet.compiler.types import EnumIntType, ObjectType, OptionalType, PointerType, TupleType, Type

if TYPE_CHECKING:
    from scarlet.compiler.emit.program import Contents

Entity = Function | Class | Global
Mentions = dict[Entity, None]
"""What a text names, in the order in which it does."""

ALWAYS = ("scarlet.runtime.heap.allocate", "scarlet.runtime.heap.free", "scarlet.runtime.start.uncaught")
"""Functions that files call without an operation that says so."""
ALWAYS_CLASSES = ("builtins.object", "scarlet.runtime.str.Str", "scarlet.runtime.bytes.Bytes")
WEAK = "scarlet.runtime.weakref.clear"
FREE_LISTS = "scarlet.runtime.heap._FREE"


def digest(value: Sequence[object]) -> bytes:
    """The digest of lists, tuples, strings, bytes and numbers."""
    text = marshal.dumps(value, 2)  # type: ignore[arg-type]  # in version 2 what is equal is written in the same way
    return hashlib.blake2b(text, digest_size=16).digest()


class Fingerprints:
    """The fingerprints of one program's C files."""

    def __init__(self, program: Program, records: Records) -> None:
        self.program = program
        self.records = records
        self.types: dict[int, tuple[Type, str]] = {}
        self.classes: dict[Class, str] = {}
        self.bodies: dict[Function, tuple[bytes, Mentions]] = {}
        self.outsides: dict[Entity, bytes] = {}
        self.named: Mentions = {program.function_named(name): None for name in ALWAYS}
        self.named |= {program.class_named(name): None for name in ALWAYS_CLASSES}
        if program.weak_used:
            self.named[program.function_named(WEAK)] = None
        self.named[program.globals[FREE_LISTS]] = None
        self.whole = digest([SOURCE, program.target, program.checked.main, program.weak_used])

    def of(self, module: str, contents: Contents) -> str:
        """The fingerprint of the file of a module."""
        mentions = dict(self.named)
        parts: list[object] = [self.whole, module]
        for function in contents.functions:
            if function.body is None or function.assembly is not None or self._has_copies(function):
                mentions[function] = None
                parts.append(function.cname)
            else:
                text, others = self._body(function)
                parts += (self.outside(function), text)
                mentions |= others
        parts += [self._record(cls, mentions) for cls in contents.classes]
        parts += [self.outside(var) for var in contents.variables]
        parts.append(self._surroundings(mentions))
        return digest(parts).hex()

    def _surroundings(self, mentions: Mentions) -> list[bytes]:
        """What is mentioned as it looks from outside, and the code of functions that are copied, in C or before, with what it mentions."""
        seen = set(mentions)
        work = list(mentions)
        parts: list[bytes] = []
        for entity in work:  # which grows meanwhile
            parts.append(self.outside(entity))
            if isinstance(entity, Function) and self._is_copied(entity):
                text, others = self._body(entity)
                parts.append(text)
                new = [other for other in others if other not in seen]
                seen.update(new)
                work += new
        return sorted(parts)

    # --- types -----------------------------------------------------------------------------------------------------------

    def type(self, kind: Type) -> str:
        """The name of a type, with what is asked of the classes in it."""
        found = self.types.get(id(kind))
        if found is None:
            found = self.types[id(kind)] = (kind, self._type(kind))  # which keeps the type, and so the meaning of its id
        return found[1]

    def _type(self, kind: Type) -> str:
        if isinstance(kind, (ObjectType, EnumIntType)):
            return f"{type(kind).__name__}({self.class_(kind.cls)})"
        if isinstance(kind, (OptionalType, PointerType)):
            return f"{type(kind).__name__}({self.type(kind.item)})"
        if isinstance(kind, TupleType):
            return f"tuple({', '.join(map(self.type, kind.items))})"
        return f"{type(kind).__name__}({kind}, {code(kind)})"

    def class_(self, cls: Class) -> str:
        """The name of a class, with what is asked of it wherever one of its objects is."""
        found = self.classes.get(cls)
        if found is None:
            ends = self.records.finisher.ends
            kind = ObjectType(cls)
            flags = (cls.is_protocol, cls.is_enum, cls.is_int_enum, ends.acts(kind), ends.holds(kind))
            found = self.classes[cls] = f"{cls.cname} {''.join('01'[flag] for flag in flags)} {cls.depth}"
        return found

    # --- from outside ----------------------------------------------------------------------------------------------------

    def outside(self, entity: Entity) -> bytes:
        """What is seen of an entity by what names it."""
        found = self.outsides.get(entity)
        if found is None:
            if isinstance(entity, Function):
                made = self._function(entity)
            elif isinstance(entity, Class):
                made = self._class(entity)
            else:
                made = ["variable", entity.fullname, entity.cname, self.type(entity.type), entity.storage, entity.written_once]
            found = self.outsides[entity] = digest(made)
        return found

    def _function(self, function: Function) -> list[object]:
        """All but its place and its parameters' names."""
        body = function.body
        return [
            "function", function.name, function.cname, function.module, [self.type(param.type) for param in function.params],
            self.type(function.result), body is None, [self.type(reg.type) for reg in body.params] if body is not None else [],
            function.may_raise, function.inline, function.noinline, function.export, function.section, function.align, function.assembly,
            function.is_generator, function.closure, function.releases, function.cold, function.runs_once, function.plain_abi,
            function.keeps, function in self.records.finisher.inliner.patterns, self._has_copies(function),
        ]  # fmt: skip

    def _class(self, cls: Class) -> list[object]:
        fields = [(name, self.type(kind)) for name, kind in self.program.fields_of(cls).items()]
        return ["class", self.class_(cls), cls.name, cls.module, cls.generated, cls.constructed, fields]

    def _record(self, cls: Class, mentions: Mentions) -> list[object]:
        """Where a class is defined: its record, members and end."""
        mentions[cls] = None
        ancestors = list(cls.ancestors())
        mentions |= dict.fromkeys(ancestors)
        slots: list[object] = []
        for number, (selector, function) in sorted(self.records.slots(cls).items()):
            mentions[function] = None
            shape = [self.type(kind) for kind in selector.parameters], self.type(selector.result)
            slots.append((number, selector.name, shape, selector.fallible, function.cname))
        for name in ("__del__", "__payload_size__"):
            hook = self.program.method_function(cls, name)
            if hook is not None:
                mentions[hook] = None
                slots.append((name, hook.cname))
        members = enum_members(self.program, cls.info) if cls.is_enum else []
        names = (cls.info.name, cls.info.fullname)
        return [self.outside(cls), names, [ancestor.cname for ancestor in ancestors], slots, [tuple(member) for member in members]]

    # --- bodies ----------------------------------------------------------------------------------------------------------

    def _is_copied(self, function: Function) -> bool:
        return function.body is not None and (function in self.records.finisher.inliner.patterns or self._has_copies(function))

    def _has_copies(self, function: Function) -> bool:
        """Whether every file that uses a function has a copy. To find that out may finish the function, so its code is looked at before."""
        if function.body is not None:
            self._body(function)
        return self.records.copied(function)

    def _body(self, function: Function) -> tuple[bytes, Mentions]:
        """The digest of a function's code and place, as they were before it was finished, and what it mentions."""
        found = self.bodies.get(function)
        if found is None:
            assert function.body is not None and function not in self.records.finisher.done, function.name
            text = _Text(self, function.body)
            found = self.bodies[function] = digest([function.name, function.file, function.line, text.out]), text.mentions
        return found


class _Text:
    """The code of one function as a list of plain values, in the order of its operations."""

    def __init__(self, prints: Fingerprints, body: Body) -> None:
        self.prints = prints
        self.type = prints.type
        self.mentions: Mentions = {}
        self.out: list[object] = [prints.type(body.result), len(body.registers), body.file]
        self.registers: dict[Reg, int] = {}
        self.blocks = {block: number for number, block in enumerate(body.blocks)}
        for reg in body.params:
            self.reg(reg)
        for block in body.blocks:
            self.out.append(len(block.ops))
            for op in block.ops:
                self.op(op)

    def op(self, op: Op) -> None:
        kind = type(op)
        out, registers = self.out, self.registers
        out += (kind.__name__, op.line, op.origin)
        for value in FIELDS[kind](op):
            if isinstance(value, Reg):
                if value in registers:
                    out.append(registers[value])
                else:
                    self.reg(value)
            elif type(value) in PLAIN:
                out.append(value)
            else:
                self.value(value)
        if isinstance(op, ir.CallMethod):
            selector = self.prints.records.selector(op)
            out += (None, None) if selector is None else (selector.slot, selector.fallible)

    def reg(self, reg: Reg) -> None:
        number = self.registers.get(reg)
        if number is not None:
            self.out.append(number)
            return
        self.registers[reg] = len(self.registers)
        self.out += (reg.name, self.type(reg.type), reg.variable, reg.parameter, reg.borrowed, reg.number)
        if reg.owner is not None:
            self.reg(reg.owner)

    def value(self, value: object) -> None:
        """A field of an operation."""
        out = self.out
        if isinstance(value, Reg):
            self.reg(value)
        elif type(value) in PLAIN:
            out.append(value)
        elif isinstance(value, Imm):
            out += (value.value, self.type(value.type))
        elif isinstance(value, (list, tuple)):
            out.append(len(value))
            for item in value:
                if type(item) is Reg and item in self.registers:
                    out.append(self.registers[item])
                else:
                    self.value(item)
        elif isinstance(value, Block):
            out.append(self.blocks[value])
        elif isinstance(value, Type):
            out.append(self.type(value))
        else:
            assert isinstance(value, (Function, Class, Global)), value
            self.mentions[value] = None
            out.append(self.prints.class_(value) if isinstance(value, Class) else value.cname)


PLAIN = {type(None), bool, int, str, bytes}


def _fields(kind: type[Op]) -> Callable[[Op], Iterable[object]]:
    names = kind.__slots__
    if not names:
        return lambda _op: ()
    if len(names) == 1:
        return lambda op: (getattr(op, names[0]),)
    return attrgetter(*names)


FIELDS = {kind: _fields(kind) for kind in METHODS}
"""What gives the fields of each kind of operation."""
