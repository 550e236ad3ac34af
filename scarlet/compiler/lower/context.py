"""The state of lowering one function, and the small steps all other lowering modules are written with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mypy import nodes as n
from mypy.types import get_proper_type

from scarlet.compiler import dispatch, ir
from scarlet.compiler.advice import word_for
from scarlet.compiler.errors import CompileError, InternalError, Place
from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower import assigned
from scarlet.compiler.lower.builder import Builder
from scarlet.compiler.program import Class, Function, Param, Program
from scarlet.compiler.types import (
    BOOL,
    NEVER,
    NONE,
    EnumIntType,
    FunctionType,
    ObjectType,
    OptionalType,
    Type,
)

N = TypeVar("N")
ExpressionLowering = Callable[["Lowerer", N, "Type | None"], Operand]
StatementLowering = Callable[["Lowerer", N], None]
EXPRESSIONS: dict[type, Callable[..., Operand]] = {}
STATEMENTS: dict[type, Callable[..., None]] = {}


def expression(*kinds: type) -> Callable[[Callable[..., Operand]], Callable[..., Operand]]:
    """Register the lowering of expression nodes: f(lowerer, node, wanted_type) -> operand."""

    def register(function: Callable[..., Operand]) -> Callable[..., Operand]:
        for kind in kinds:
            EXPRESSIONS[kind] = function
        return function

    return register


def statement(*kinds: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the lowering of statement nodes."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        for kind in kinds:
            STATEMENTS[kind] = function
        return function

    return register


@dataclass
class Loop:
    """Where break and continue go; `outside` and `inside` are the heights of the cleanup stack there."""

    onward: ir.Block
    out: ir.Block
    outside: int
    inside: int


@dataclass
class CellVariable:
    """A variable that lives in a heap cell because closures share it."""

    cell: Reg
    type: Type


Variable = Reg | CellVariable


def cell_class(cell: Reg) -> Class:
    assert isinstance(cell.type, ObjectType)
    return cell.type.cls


class Lowerer(Builder):
    """Builds the body of one function from its definition."""

    def __init__(self, program: Program, function: Function) -> None:
        super().__init__(program, function)
        program.lowerer = self
        self.env = function.env
        self.failed = False
        """An error was reported: names that its statement should have bound are not to be complained of."""
        self.variables: dict[n.SymbolNode, Variable] = {}
        self.given: set[n.SymbolNode] = set()
        """The variables that have a value from the start: parameters, and what a closure has captured."""
        self.bound: set[Reg] = set()
        """The registers of such variables, in a generator's body."""
        self.unbinding: set[ir.Op] = set()
        """The assignments that take a variable's value away (`del`)."""
        self.throwaways: dict[Type, Reg] = {}
        self.generator: tuple[Reg, Class] | None = None
        self.loops: list[Loop] = []
        self.current_exception: list[Operand] = []
        self.cell_names: set[n.SymbolNode] = set()
        self.copy_reads = False
        self.self_closure: tuple[n.SymbolNode, Reg] | None = None
        self.nested: dict[n.SymbolNode, Function] = {}

    # --- types and conversions -----------------------------------------------------------------------------------------

    def convert_type(self, kind: object) -> Type:
        return self.program.convert(kind, self.env, self.place)  # type: ignore[arg-type]

    def mypy_type(self, node: n.Expression) -> object | None:
        kind = self.program.checked.types.get(node)
        return get_proper_type(kind) if kind is not None else None

    def type_of(self, node: n.Expression) -> Type:
        kind = self.program.checked.types.get(node)
        if kind is None:
            raise self.refuse("the type of this expression is not known", "code that can be reached", node)
        self.line = node.line if node.line > 0 else self.line
        return self.convert_type(kind)

    def maybe_type_of(self, node: n.Expression) -> Type | None:
        try:
            return self.type_of(node)
        except CompileError:
            return None

    def coerce(self, value: Operand, to: Type) -> Operand:
        """The value as another type it is assignable to; integer conversions are range-checked."""
        if value.type is to:
            return value
        from scarlet.compiler.lower.conversions import coerce

        return coerce(self, value, to)

    # --- expressions and statements ------------------------------------------------------------------------------------

    def expr(self, node: n.Expression, want: Type | None = None) -> Operand:
        """Lower an expression. `want` is the type its context asks for; the result may still need coerce."""
        lowering = EXPRESSIONS.get(type(node))
        if lowering is None:
            raise self.refuse(f"{word_for(node)} is outside the dialect", "", node)
        if node.line > 0:
            self.line = node.line
        return lowering(self, node, want)

    def expr_as(self, node: n.Expression, want: Type) -> Operand:
        value = self.expr(node, want)
        line, self.line = self.line, node.line if node.line > 0 else self.line
        result = self.coerce(value, want)
        self.line = line
        return result

    def statement(self, node: n.Statement) -> None:
        lowering = STATEMENTS.get(type(node))
        if lowering is None:
            raise self.refuse(f"{word_for(node)} is outside the dialect", "", node)
        if self.dead:
            return
        if node.line > 0:
            self.line = node.line
        try:
            lowering(self, node)
        except CompileError as error:
            error.place = self.function.blamed(error.place or Place(self.function.file, node.line))
            self.failed = True
            self.program.report.add(error)
        except Exception as failure:
            self.failed = True
            self.program.report.add(InternalError(Place(self.function.file, node.line if node.line > 0 else self.line), failure))

    def body(self, block: n.Block) -> None:
        for stmt in block.body:
            self.statement(stmt)

    # --- calls ---------------------------------------------------------------------------------------------------------

    def call(self, function: Function, args: Sequence[Operand]) -> Operand:
        """A direct call with arguments already in order; they are coerced to the parameter types."""
        values = [self.coerce(arg, param.type) for arg, param in zip(args, function.params)]
        return self.emit_call(function, values)

    def emit_call(self, function: Function, values: list[Operand]) -> Operand:
        if function.declared:
            raise self.refuse(f"{function.name} is outside the dialect", "code of your own")
        self.program.enqueue(function)
        handler = self.exception_target()
        if function.result in (NONE, NEVER):
            self.emit(ir.Call(None, function, values, handler))
            if function.result == NEVER:
                self.emit(ir.Unreachable())
            return Imm(None, NONE)
        dst = self.temp(function.result)
        self.emit(ir.Call(dst, function, values, handler))
        return dst

    def runtime(self, name: str, *args: Operand) -> Operand:
        """Call scarlet.runtime.<name>."""
        return self.call(self.program.function_named(f"scarlet.runtime.{name}"), args)

    def method(self, receiver: Operand, name: str, *args: Operand) -> Operand:
        """Call a method by name on a value of class type; dispatched if it can be overridden."""
        kind = receiver.type.item if isinstance(receiver.type, OptionalType) else receiver.type
        assert isinstance(kind, (ObjectType, EnumIntType)), receiver.type
        return self.call_method(kind.cls, receiver, name, list(args))

    def call_method(self, cls: Class, receiver: Operand, name: str, args: list[Operand]) -> Operand:
        function = self.program.method_function(cls, name)
        if function is None:
            raise self.refuse(f"{cls.info.name} has no method {name}")
        if len(args) + 1 > len(function.params):
            raise self.refuse(f"{cls.info.name}.{name} takes {len(function.params) - 1} arguments, not {len(args)}")
        values = [receiver, *(self.coerce(arg, param.type) for arg, param in zip(args, function.params[1:]))]
        for param in function.params[len(values) :]:
            values.append(self.default(param, function))
        return self.dispatch(cls, function, name, values)

    def dispatch(self, cls: Class, function: Function, name: str, values: list[Operand]) -> Operand:
        """Call a method: directly when no other implementation can exist, through the class record otherwise."""
        if cls.is_int_enum or name == "__init__" or self.is_final_runtime(cls):
            return self.emit_call(function, values)
        dispatch.dispatch(self.program, cls, name)
        handler = self.exception_target()
        result = function.result
        kinds = [param.type for param in function.params]
        if result in (NONE, NEVER):
            self.emit(ir.CallMethod(None, cls, name, values, result, kinds, handler))
            if result == NEVER:
                self.emit(ir.Unreachable())
            return Imm(None, NONE)
        dst = self.temp(result)
        self.emit(ir.CallMethod(dst, cls, name, values, result, kinds, handler))
        return dst

    @staticmethod
    def is_final_runtime(cls: Class) -> bool:
        """Containers and strings are never subclassed; Buffer and ByteString are there to be."""
        return cls.info.name not in ("Buffer", "ByteString") and cls.module in (
            "scarlet.runtime.list",
            "scarlet.runtime.dict",
            "scarlet.runtime.set",
            "scarlet.runtime.str",
            "scarlet.runtime.text",
            "scarlet.runtime.buffer",
            "scarlet.runtime.bytes",
            "scarlet.runtime.bytearray",
            "scarlet.runtime.memoryview",
            "scarlet.runtime.deque",
        )

    def default(self, param: Param, function: Function) -> Operand:
        """The default value of a parameter."""
        from scarlet.compiler.lower.arguments import default_value

        return default_value(self, param, function)

    def call_value(self, callee: Operand, args: Sequence[Operand]) -> Operand:
        """Call a closure."""
        kind = callee.type
        assert isinstance(kind, FunctionType), kind
        values = [self.coerce(arg, param) for arg, param in zip(args, kind.parameters)]
        handler = self.exception_target()
        if kind.result in (NONE, NEVER):
            self.emit(ir.CallValue(None, callee, values, kind.result, handler))
            if kind.result == NEVER:
                self.emit(ir.Unreachable())
            return Imm(None, NONE)
        dst = self.temp(kind.result)
        self.emit(ir.CallValue(dst, callee, values, kind.result, handler))
        return dst

    def construct(self, cls: Class, args: Sequence[Operand] = ()) -> Operand:
        """A new object, its __init__ run with positional arguments."""
        from scarlet.compiler.lower.synthesis import constructor

        function = constructor(self.program, cls)
        values = [self.coerce(arg, param.type) for arg, param in zip(args, function.params)]
        for param in function.params[len(values) :]:
            values.append(self.default(param, function))
        return self.emit_call(function, values)

    # --- memory --------------------------------------------------------------------------------------------------------

    def get_field(self, obj: Operand, cls: Class, name: str) -> Operand:
        kind = self.program.fields_of(cls)[name]
        if kind == NONE:
            return Imm(None, NONE)
        dst = self.temp(kind)
        if kind.counted and self.stable_field(cls, name):
            dst.borrowed = True
            dst.owner = obj if isinstance(obj, Reg) else None
        self.emit(ir.GetField(dst, obj, cls, name))
        if self.function.node in self.program.half_made and kind.pointer and not isinstance(kind, OptionalType) and self._is_self(obj):
            good, bad = self.new_block("assigned"), self.new_block("unassigned")
            self.branch(self.prim("is_null", [dst], BOOL), bad, good, 0)
            self.start(bad)
            self.raise_new("AttributeError", f"'{cls.info.name}' object has no attribute '{name}'")
            self.start(good)
        return dst

    @staticmethod
    def _is_self(obj: Operand) -> bool:
        return isinstance(obj, Reg) and obj.parameter and obj.name == "v_self"

    def stable_field(self, cls: Class, name: str) -> bool:
        """Whether a field is never assigned after __init__ anywhere in the program (so that the object keeps its value alive)."""
        program = self.program
        if self.function.node is not None and getattr(self.function.node, "name", "") in ("__init__", "__del__"):
            return False
        return name not in program.reassigned_attributes and program.init_assignments.get(name, 0) <= 64

    def set_field(self, obj: Operand, cls: Class, name: str, value: Operand, *, fresh: bool = False) -> None:
        kind = self.program.fields_of(cls)[name]
        if kind == NONE:
            return
        self.emit(ir.SetField(obj, cls, name, self.coerce(value, kind), fresh))

    def expr_self(self) -> Operand:
        """The receiver of the method being lowered (also inside its closures)."""
        for symbol, variable in self.variables.items():
            if isinstance(symbol, n.Var) and symbol.is_self:
                return self.read_variable(variable)
        for reg in self.registers:
            if reg.parameter:
                return reg
        raise self.refuse("no self here")

    # --- variables -----------------------------------------------------------------------------------------------------

    def declare(self, node: n.SymbolNode, name: str, kind: Type) -> Variable:
        """The storage of a local variable, made at its first meeting."""
        found = self.variables.get(node)
        if found is not None:
            return found
        if node in self.cell_names:
            from scarlet.compiler.lower.captures import new_cell

            # The cell must exist on every path: make it in the entry block.
            found = new_cell(self, name, kind)
        else:
            found = self.variable(name, kind)
        self.variables[node] = found
        return found

    def read_variable(self, variable: Variable) -> Operand:
        if isinstance(variable, CellVariable):
            if variable.type == NONE:
                return Imm(None, NONE)
            dst = self.temp(variable.type)
            self.emit(ir.GetField(dst, variable.cell, cell_class(variable.cell), "value"))
            return dst
        if variable.type == NONE:
            return Imm(None, NONE)
        if self.copy_reads:
            return self.stable(variable)
        return variable

    def write_variable(self, variable: Variable, value: Operand) -> None:
        if isinstance(variable, CellVariable):
            if variable.type != NONE:
                self.emit(ir.SetField(variable.cell, cell_class(variable.cell), "value", self.coerce(value, variable.type)))
        else:
            self.assign(variable, self.coerce(value, variable.type))

    def unbind(self, variable: Variable) -> None:
        """Forget what a variable holds: its reference is released, and it must not be read."""
        if variable.type == NONE:
            return
        nothing = Imm(None, variable.type)
        if isinstance(variable, CellVariable):
            op: ir.Op = ir.SetField(variable.cell, cell_class(variable.cell), "value", nothing)
        else:
            op = ir.Assign(variable, nothing)
        self.unbinding.add(op)
        self.emit(op)

    def finish(self, *, checked: bool = True) -> ir.Body:
        """Close the function and give its body; `checked`: every variable must have a value where it is read."""
        if not self.dead:
            self.emit(ir.Return(None) if self.function.result in (NONE, NEVER) else ir.Unreachable())
        if self.propagate is not None:
            self.start(self.propagate)
        for block in self.blocks:
            if not block.terminated:
                block.ops.append(ir.Unreachable())
        if not self.failed and checked:
            if self.generator is None:
                self.program.unchecked.append(lambda: assigned.check(self))
            else:
                assigned.check(self)  # its Yields go now
        params = [r for r in self.registers if r.parameter]
        return ir.Body(params, self.function.result, self.blocks, self.registers, self.function.file)


__all__ = ["EXPRESSIONS", "CellVariable", "Loop", "Lowerer", "Variable", "expression", "statement"]
