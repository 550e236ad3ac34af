"""Operations that run code: primitives, checked arithmetic, calls, allocation. All but primitives may raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scarlet.compiler.ir.base import Block, Op, Operand, Reg, on_failure, operation
from scarlet.compiler.types import NONE, IntType, Type

if TYPE_CHECKING:
    from scarlet.compiler.program import Class, Function


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
        return f"{self.dst} = checked {self.kind}.{self.op} {self.left}, {self.right}" + on_failure(self.handler)


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
        return (f"{self.dst} = {call}" if self.dst else call) + on_failure(self.handler)


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
        return (f"{self.dst} = {call}" if self.dst else call) + on_failure(self.handler)


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
        return (f"{self.dst} = {call}" if self.dst else call) + on_failure(self.handler)


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
        return f"{self.dst} = new {self.cls.name}{extra}" + on_failure(self.handler)
