"""The intermediate representation: a control-flow graph of typed registers for each function.

A block is a list of operations; the last one is a terminator (Goto, Branch, Return, Raise, Unreachable, Yield). An operation that may
raise names the block that handles the exception (`handler`, a side exit); that block starts with Catch, which takes the exception. The
may-raise pass clears handlers that are never entered.

Registers are assigned once, except variables (`variable`), which live until the function ends or they are rebound. Ownership: the value
an operation defines is owned by its register unless `borrowed`; `stolen()` are the operands whose reference the operation takes over.
Lowering knows nothing of reference counts: the refcount pass inserts IncRef and DecRef from these facts and from liveness.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar, dataclass_transform

from scarlet.compiler.types import NONE, BoolType, IntType, Type

if TYPE_CHECKING:
    from scarlet.compiler.program import Class, Function, Global


Operation = TypeVar("Operation", bound="Op")


@dataclass(eq=False, slots=True)
class Reg:
    """A register. `owner` is what keeps a borrowed value alive (None: the caller or a static object does)."""

    name: str
    type: Type
    variable: bool = False
    parameter: bool = False
    borrowed: bool = False
    owner: Reg | None = None
    number: int = 0

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Imm:
    """A constant operand: an integer, a bool, or None for a null reference / absent optional."""

    value: int | bool | None
    type: Type

    def __str__(self) -> str:
        return str(self.value)


Operand = Reg | Imm
OPERANDS = ("Operand", "Operand | None", "list[Operand]", "Reg")
"""How the fields of an operation that hold operands are annotated."""


@dataclass(eq=False, slots=True)
class Block:
    name: str
    ops: list[Op] = field(default_factory=list)
    number: int = 0

    def __str__(self) -> str:
        return self.name

    @property
    def terminated(self) -> bool:
        return bool(self.ops) and isinstance(self.ops[-1], Terminator)


@dataclass(eq=False, slots=True)
class Op:
    """Base of operations. `line` is the Python line; `origin` is the file and line of one that was copied from another function."""

    line: int = field(default=0, init=False)
    origin: tuple[str, int] | None = field(default=None, init=False)
    target: ClassVar[Reg | None] = None
    """The register it defines (`dst`)."""
    raises: ClassVar[Block | None] = None
    """Where its exception goes (`handler`)."""
    parts: ClassVar[tuple[str, ...]] = ()
    """The fields that hold operands, by their declared types."""

    def operands(self) -> list[Operand]:
        return []

    def stolen(self) -> list[Operand]:
        return []

    def registers(self) -> list[Reg]:
        return [operand for operand in self.operands() if isinstance(operand, Reg)]

    def replace(self, mapping: dict[Reg, Operand]) -> None:
        """Substitute operands (used by passes)."""
        for name in self.parts:
            value = getattr(self, name)
            if isinstance(value, Reg):
                if value in mapping:
                    setattr(self, name, mapping[value])
            elif isinstance(value, list):
                setattr(self, name, [mapping.get(item, item) if isinstance(item, Reg) else item for item in value])

    def copy(self: Operation) -> Operation:
        """The same operation again, with the same operands."""
        new = type(self).__new__(type(self))
        new.line, new.origin = self.line, self.origin
        for name in type(self).__slots__:
            setattr(new, name, getattr(self, name))
        return new


@dataclass_transform(eq_default=False)
def operation(cls: type[Operation]) -> type[Operation]:
    """A kind of operation: a dataclass with slots. `target` and `raises`, asked for all the time, are its `dst` and `handler`."""
    made = dataclass(eq=False, slots=True)(cls)
    if "dst" in made.__slots__:
        made.target = made.__dict__["dst"]
    if "handler" in made.__slots__ and "raises" not in made.__dict__:
        made.raises = made.__dict__["handler"]
    made.parts = tuple(name for name, kind in made.__annotations__.items() if kind in OPERANDS and name != "dst")
    return made


class Terminator(Op):
    """An operation that ends its block."""

    __slots__ = ()

    def successors(self) -> list[Block]:
        return []


@operation
class Assign(Op):
    """dst = src; for variables the old value is released."""

    dst: Reg
    src: Operand

    def operands(self) -> list[Operand]:
        return [self.src]

    def stolen(self) -> list[Operand]:
        return [self.src]

    def __str__(self) -> str:
        return f"{self.dst} = {self.src}"


@operation
class Prim(Op):
    """dst = name(args): one of the primitives of emit/primitives.py, which cannot raise. `steal` gives the indexes of stolen arguments."""

    dst: Reg | None
    name: str
    args: list[Operand]
    type: Type = NONE
    steal: tuple[int, ...] = ()
    text: str = ""

    def operands(self) -> list[Operand]:
        return list(self.args)

    def stolen(self) -> list[Operand]:
        return [self.args[i] for i in self.steal]

    def __str__(self) -> str:
        extra = f" {self.text!r}" if self.text else ""
        call = f"{self.name}{extra}({', '.join(map(str, self.args))})"
        return f"{self.dst} = {call}" if self.dst else call


@operation
class Checked(Op):
    """dst = left op right with a check; `on_failure` makes the exception. op: add sub mul neg narrow shl shlcount index."""

    dst: Reg
    op: str
    left: Operand
    right: Operand
    kind: IntType
    failure: Function
    handler: Block | None

    def operands(self) -> list[Operand]:
        return [self.left, self.right]

    def __str__(self) -> str:
        return f"{self.dst} = checked {self.kind}.{self.op} {self.left}, {self.right}" + _to(self.handler)


@operation
class Call(Op):
    """A direct call."""

    dst: Reg | None
    function: Function
    args: list[Operand]
    handler: Block | None

    def operands(self) -> list[Operand]:
        return list(self.args)

    def __str__(self) -> str:
        call = f"call {self.function.cname}({', '.join(map(str, self.args))})"
        return (f"{self.dst} = {call}" if self.dst else call) + _to(self.handler)


@operation
class CallMethod(Op):
    """A dynamically dispatched call: args[0] is the receiver, `cls` its static class."""

    dst: Reg | None
    cls: Class
    method: str
    args: list[Operand]
    result: Type
    parameters: list[Type]
    handler: Block | None

    def operands(self) -> list[Operand]:
        return list(self.args)

    def __str__(self) -> str:
        call = f"dispatch {self.cls.name}.{self.method}({', '.join(map(str, self.args))})"
        return (f"{self.dst} = {call}" if self.dst else call) + _to(self.handler)


@operation
class CallValue(Op):
    """A call of a closure."""

    dst: Reg | None
    callee: Operand
    args: list[Operand]
    result: Type
    handler: Block | None

    def operands(self) -> list[Operand]:
        return [self.callee, *self.args]

    def __str__(self) -> str:
        call = f"callvalue {self.callee}({', '.join(map(str, self.args))})"
        return (f"{self.dst} = {call}" if self.dst else call) + _to(self.handler)


@operation
class Allocate(Op):
    """dst = a new object with zeroed fields and one reference. `extra`: bytes of trailing payload."""

    dst: Reg
    cls: Class
    extra: Operand | None
    failure: Function
    handler: Block | None

    def operands(self) -> list[Operand]:
        return [self.extra] if self.extra is not None else []

    def __str__(self) -> str:
        extra = f" + {self.extra}" if self.extra is not None else ""
        return f"{self.dst} = new {self.cls.name}{extra}" + _to(self.handler)


@operation
class GetField(Op):
    dst: Reg
    obj: Operand
    cls: Class
    field_name: str

    def operands(self) -> list[Operand]:
        return [self.obj]

    def __str__(self) -> str:
        return f"{self.dst} = {'borrow ' if self.dst.borrowed else ''}{self.obj}.{self.field_name}"


@operation
class SetField(Op):
    """obj.field = value, releasing the old value unless `fresh`."""

    obj: Operand
    cls: Class
    field_name: str
    value: Operand
    fresh: bool = False

    def operands(self) -> list[Operand]:
        return [self.obj, self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def __str__(self) -> str:
        return f"{self.obj}.{self.field_name} {':=' if self.fresh else '='} {self.value}"


@operation
class GetGlobal(Op):
    dst: Reg
    var: Global

    def __str__(self) -> str:
        return f"{self.dst} = {'borrow ' if self.dst.borrowed else ''}global {self.var.fullname}"


@operation
class SetGlobal(Op):
    var: Global
    value: Operand

    def operands(self) -> list[Operand]:
        return [self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def __str__(self) -> str:
        return f"global {self.var.fullname} = {self.value}"


@operation
class Literal(Op):
    """dst = a static str or bytes object."""

    dst: Reg
    value: str | bytes

    def __str__(self) -> str:
        return f"{self.dst} = literal {self.value!r}"


@operation
class MakeTuple(Op):
    """A tuple, or a present optional pair."""

    dst: Reg
    items: list[Operand]

    def operands(self) -> list[Operand]:
        return list(self.items)

    def stolen(self) -> list[Operand]:
        return list(self.items)

    def __str__(self) -> str:
        return f"{self.dst} = tuple({', '.join(map(str, self.items))})"


@operation
class TupleGet(Op):
    """dst = item `index` of a tuple (borrowed from it), or the value of an optional pair (index 1; 0 is its presence)."""

    dst: Reg
    src: Operand
    index: int

    def operands(self) -> list[Operand]:
        return [self.src]

    def __str__(self) -> str:
        return f"{self.dst} = {'borrow ' if self.dst.borrowed else ''}{self.src}[{self.index}]"


@operation
class StaticClosure(Op):
    """dst = the static closure object of a function that captures nothing."""

    dst: Reg
    function: Function

    def __str__(self) -> str:
        return f"{self.dst} = closure {self.function.cname}"


@operation
class InstanceOf(Op):
    """dst = whether the object (not null) is of a class or of one derived from it."""

    dst: Reg
    src: Operand
    cls: Class

    def operands(self) -> list[Operand]:
        return [self.src]

    def __str__(self) -> str:
        return f"{self.dst} = {self.src} isa {self.cls.name}"


@operation
class ClassRecord(Op):
    """dst = the address of a class's type record."""

    dst: Reg
    cls: Class

    def __str__(self) -> str:
        return f"{self.dst} = class {self.cls.name}"


@operation
class EnumMember(Op):
    """dst = a member of an Enum class: a static immortal object."""

    dst: Reg
    cls: Class
    index: int

    def __str__(self) -> str:
        return f"{self.dst} = member {self.cls.name}.{self.index}"


@operation
class FunctionAddress(Op):
    """dst = the code address of a function."""

    dst: Reg
    function: Function

    def __str__(self) -> str:
        return f"{self.dst} = address {self.function.cname}"


@operation
class Catch(Op):
    """dst = the exception that entered this handler."""

    dst: Reg

    def __str__(self) -> str:
        return f"{self.dst} = catch"


@operation
class IncRef(Op):
    src: Reg

    def operands(self) -> list[Operand]:
        return [self.src]

    def __str__(self) -> str:
        return f"incref {self.src}"


@operation
class DecRef(Op):
    """Release; `null` when the register may hold a null reference."""

    src: Reg
    null: bool = False

    def operands(self) -> list[Operand]:
        return [self.src]

    def __str__(self) -> str:
        return f"{'x' if self.null else ''}decref {self.src}"


@operation
class Goto(Terminator):
    to: Block

    def successors(self) -> list[Block]:
        return [self.to]

    def __str__(self) -> str:
        return f"goto {self.to}"


@operation
class Branch(Terminator):
    """`expect`: 1 or 0 when one side is known to be likely, else -1."""

    condition: Operand
    then: Block
    orelse: Block
    expect: int = -1

    def operands(self) -> list[Operand]:
        return [self.condition]

    def successors(self) -> list[Block]:
        return [self.then, self.orelse]

    def __str__(self) -> str:
        return f"if {self.condition} goto {self.then} else {self.orelse}"


@operation
class Return(Terminator):
    value: Operand | None

    def operands(self) -> list[Operand]:
        return [self.value] if self.value is not None else []

    def stolen(self) -> list[Operand]:
        return self.operands()

    def __str__(self) -> str:
        return f"return {self.value}" if self.value is not None else "return"


@operation
class Raise(Terminator):
    """Leave with an exception, or enter a handler of this function."""

    value: Operand
    handler: Block | None
    raises: ClassVar[Block | None] = None  # its handler is a successor

    def operands(self) -> list[Operand]:
        return [self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def successors(self) -> list[Block]:
        return [self.handler] if self.handler else []

    def __str__(self) -> str:
        return f"raise {self.value}" + _to(self.handler)


@operation
class Unreachable(Terminator):
    def __str__(self) -> str:
        return "unreachable"


@operation
class Yield(Terminator):
    """Give a value to the consumer of a generator; resume at `to`. Lowering itself replaces it (lower/generators.py); no pass meets one."""

    value: Operand
    to: Block

    def operands(self) -> list[Operand]:
        return [self.value]

    def stolen(self) -> list[Operand]:
        return [self.value]

    def successors(self) -> list[Block]:
        return [self.to]

    def __str__(self) -> str:
        return f"yield {self.value} then {self.to}"


def _to(handler: Block | None) -> str:
    return f" !{handler}" if handler is not None else ""


@dataclass(eq=False)
class Body:
    """The code of one function."""

    params: list[Reg]
    result: Type
    blocks: list[Block]
    registers: list[Reg] = field(default_factory=list)
    file: str = ""

    def text(self) -> str:
        lines = [f"({', '.join(f'{p}: {p.type}' for p in self.params)}) -> {self.result}"]
        for block in self.blocks:
            lines.append(f"{block}:")
            lines += [f"    {op}" for op in block.ops]
        return "\n".join(lines)


def is_flag(kind: Type) -> bool:
    return isinstance(kind, BoolType)
