"""The body of a function while it grows: blocks, operations, registers, and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.program import Function, Global, Program
from scarlet.compiler.types import BOOL, NONE, U64, ObjectType, OptionalType, TupleType, Type


@dataclass
class Cleanup:
    """Work to do when control leaves a try/finally or with: `emit` lowers it; `handler` is the exception handler outside it.

    Or a loop, which lets go of its iterators: `iterators`, which live up to there.
    """

    emit: Callable[[], None]
    handler: ir.Block | None
    iterators: tuple[Operand, ...] = ()


class Builder:
    """See the module docstring."""

    def __init__(self, program: Program, function: Function) -> None:
        self.program = program
        self.function = function
        self.blocks: list[ir.Block] = []
        self.registers: list[Reg] = []
        self.names: dict[str, int] = {}
        self.line = function.line
        self.cleanups: list[Cleanup] = []
        self.handler: ir.Block | None = None
        self.propagate: ir.Block | None = None
        self.block = self.new_block("entry")
        self.start(self.block)

    # --- blocks and operations ---------------------------------------------------------------------------------------

    def new_block(self, name: str) -> ir.Block:
        return ir.Block(name)

    def start(self, block: ir.Block) -> None:
        """Go on in a block (adding it to the function)."""
        block.number = len(self.blocks)
        block.name = f"{block.name}.{block.number}" if block.number else block.name
        self.blocks.append(block)
        self.block = block

    def emit(self, op: ir.Op) -> None:
        ops = self.block.ops
        if not ops or not isinstance(ops[-1], ir.Terminator):
            op.line = self.line
            ops.append(op)

    def goto(self, block: ir.Block) -> None:
        self.emit(ir.Goto(block))

    def branch(self, condition: Operand, then: ir.Block, orelse: ir.Block, expect: int = -1) -> None:
        if isinstance(condition, Imm):
            self.goto(then if condition.value else orelse)
        else:
            self.emit(ir.Branch(condition, then, orelse, expect))

    @property
    def dead(self) -> bool:
        return self.block.terminated

    def temp(self, kind: Type, name: str = "t") -> Reg:
        count = self.names.get(name, 0)
        self.names[name] = count + 1
        reg = Reg(f"{name}{count}" if name == "t" or count else name, kind, False, False, False, None, len(self.registers))
        self.registers.append(reg)
        return reg

    def variable(self, name: str, kind: Type) -> Reg:
        """A new variable: assignable, alive to the end of the function."""
        reg = self.temp(kind, "v_" + name)
        reg.variable = True
        return reg

    def merge(self, kind: Type) -> Reg:
        """A temporary that is assigned on several paths."""
        return self.temp(kind, "m")

    def assign(self, dst: Reg, src: Operand) -> None:
        if dst.type != NONE:
            self.emit(ir.Assign(dst, src))

    def prim(
        self, name: str, args: Sequence[Operand], kind: Type, text: str = "", *, borrow: Operand | None = None, steal: tuple[int, ...] = ()
    ) -> Operand:
        """A primitive operation. `borrow`: the result is a reference kept alive by that operand."""
        if kind == NONE:
            self.emit(ir.Prim(None, name, list(args), NONE, steal, text))
            return Imm(None, NONE)
        dst = self.temp(kind)
        if borrow is not None and kind.counted:
            dst.borrowed = True
            dst.owner = borrow if isinstance(borrow, Reg) else None
        self.emit(ir.Prim(dst, name, list(args), kind, steal, text))
        return dst

    def literal(self, value: str | bytes) -> Reg:
        dst = self.temp(self.str_type if isinstance(value, str) else self.bytes_type)
        dst.borrowed = True
        self.emit(ir.Literal(dst, value))
        return dst

    @property
    def str_type(self) -> Type:
        return self.program.class_named("scarlet.runtime.str.Str").type

    @property
    def bytes_type(self) -> Type:
        return self.program.class_named("scarlet.runtime.bytes.Bytes").type

    def list_type(self, item: Type) -> ObjectType:
        kind = self.program.class_named("scarlet.runtime.list.List", (item,)).type
        assert isinstance(kind, ObjectType)
        return kind

    def stable(self, value: Operand) -> Operand:
        """The value itself, copied if it is a variable that may change before it is used."""
        if isinstance(value, Reg) and value.variable:
            copy = self.temp(value.type)
            self.emit(ir.Assign(copy, value))
            return copy
        return value

    # --- memory ----------------------------------------------------------------------------------------------------------

    def get_global(self, var: Global) -> Operand:
        if var.type == NONE:
            return Imm(None, NONE)
        dst = self.temp(var.type)
        if var.written_once and var.type.counted:
            dst.borrowed = True
        self.emit(ir.GetGlobal(dst, var))
        return dst

    def tuple_get(self, value: Operand, index: int) -> Operand:
        kind = value.type
        if isinstance(kind, TupleType):
            item = kind.items[index]
        else:
            assert isinstance(kind, OptionalType), kind
            item = kind.item if index == 1 else BOOL
        if item == NONE:
            return Imm(None, NONE)
        dst = self.temp(item)
        if item.counted:
            dst.borrowed = True
            dst.owner = value if isinstance(value, Reg) else None
        self.emit(ir.TupleGet(dst, value, index))
        return dst

    def make_tuple(self, items: Sequence[Operand], kind: Type) -> Operand:
        dst = self.temp(kind)
        self.emit(ir.MakeTuple(dst, list(items)))
        return dst

    # --- errors ------------------------------------------------------------------------------------------------------

    @property
    def place(self) -> Place:
        return Place(self.function.file, self.line)

    def refuse(self, message: str, advice: str = "", node: n.Context | None = None) -> CompileError:
        """A CompileError at a node (or the current line), to be raised."""
        place = self.place
        if node is not None and node.line > 0:
            place = Place(self.function.file, node.line)
        return CompileError(place, message, advice)

    def exception_target(self) -> ir.Block:
        """The block that an exception raised here enters."""
        if self.handler is not None:
            return self.handler
        if self.propagate is None:
            self.propagate = self.new_block("propagate")
            error = Reg("error", self.program.exception_class("BaseException").type, number=len(self.registers))
            self.registers.append(error)
            self.propagate.ops = [ir.Catch(error), ir.Raise(error, None)]
        return self.propagate

    def raise_new(self, name: str, message: str = "") -> None:
        """Raise a builtin exception made by the compiler."""
        from scarlet.compiler.lower.synthesis import thrower

        error = self.temp(self.program.exception_class("BaseException").type)
        self.emit(ir.Call(error, thrower(self.program, name, message), [self.site()], None))
        self.raise_value(error)

    def raise_value(self, error: Operand) -> None:
        for frame in reversed(self.cleanups):
            self.keep(frame.iterators)
        self.emit(ir.Raise(error, self.exception_target()))

    def keep(self, values: Sequence[Operand]) -> None:
        """These are alive up to here, the first the longest."""
        for value in reversed(values):
            self.emit(ir.Prim(None, "keep", [value]))

    def site(self) -> Operand:
        """The static record of this file and line, for Exception.raise_site."""
        return self.prim("site", [], U64)
