"""Operations that move values: registers, fields, globals, literals, tuples, what is known of a class, exceptions, references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scarlet.compiler.ir.base import Op, Operand, Reg, operation

if TYPE_CHECKING:
    from scarlet.compiler.program import Class, Function, Global


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
