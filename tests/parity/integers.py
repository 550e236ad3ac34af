"""Where the dialect checks integers (docs/dialect.md, Integers), found in mypy's trees: what lower/integers.py compiles to checks.

Two kinds of places, by their span in the source: an operator whose result may not fit its type, and an expression that becomes another
type of integer (an argument, an assignment, a return, the int beside a sized operand). Inside an explicit wrap, `u64(a * b)`, nothing is
checked. An item that a container's literal or a comprehension converts is not followed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import mypy.build
from mypy import nodes as n
from mypy.modulefinder import BuildSource
from mypy.types import CallableType, Instance, LiteralType, get_proper_type
from mypy.types import Type as MypyType

from scarlet.compiler.front import _options
from scarlet.compiler.plugin import DialectPlugin
from scarlet.compiler.walk import walk

SIZED = "scarlet.lang.ints."
MACHINE = "scarlet.machine."
"""Where the hosted twin of a function may declare a plain int that is a u64 on bare metal."""
WRAPPED = ("+", "-", "*", "&", "|", "^", "<<")
"""The operators that an explicit wrap reaches through."""
CHECKED = ("+", "-", "*", "**", "//", "<<")
CONVERTING = ("+", "-", "*", "//", "%", "&", "|", "^")
"""The operators whose operands become of one type."""
RESULTS = ("builtins.abs", "builtins.int", "builtins.sum")
"""Builtins that compute an int."""
JOINING = ("builtins.min", "builtins.max")
"""Builtins that give one of their arguments."""

Span = tuple[int, int, int, int]
"""First line and column, last line and the column behind it, as ast counts them."""


@dataclass
class Checks:
    """The checks of one module: the kind of integer ("int", "u64" ...) that the result of an operator, or a converted value, must fit."""

    operators: dict[Span, str] = field(default_factory=dict)
    conversions: dict[Span, str] = field(default_factory=dict)


def bounds(kind: str) -> tuple[int, int]:
    """The least and the largest value."""
    bits = 64 if kind == "int" else int(kind[1:])
    return (0, (1 << bits) - 1) if kind[0] == "u" else (-1 << (bits - 1), (1 << (bits - 1)) - 1)


def fits(kind: str, other: str) -> bool:
    """Whether every value of a kind is one of the other."""
    (low, high), (least, largest) = bounds(kind), bounds(other)
    return least <= low and high <= largest


def find(sources: Iterable[BuildSource], root: Path, *, compiled: bool, cache: Path | None = None) -> dict[str, Checks]:
    """The checks of each source, by its absolute path. `compiled`: whether COMPILED is true in these modules."""
    given = list(sources)
    options = _options(root, [source.module for source in given], cache)
    options.always_true, options.always_false = (["COMPILED"], []) if compiled else ([], ["COMPILED"])
    options.no_silence_site_packages = False
    result = mypy.build.build(given, options, extra_plugins=[DialectPlugin(options)])  # whose errors are tests/source's business
    found: dict[str, Checks] = {}
    for source in given:
        tree = result.files[source.module]
        found[str(Path(tree.path).resolve())] = _Finder(result.types).checks(tree)
    return found


class _Finder:
    """The checks of one module."""

    def __init__(self, types: Mapping[n.Expression, MypyType]) -> None:
        self.types = types
        self.found = Checks()
        self.wrapped: set[n.Expression] = set()

    def checks(self, tree: n.MypyFile) -> Checks:
        for node in walk(tree):
            if isinstance(node, n.CallExpr):
                self._call(node)
            elif isinstance(node, n.OpExpr):
                self._operator(node)
            elif isinstance(node, n.UnaryExpr):
                kind = self.kind(node)
                if node not in self.wrapped and (node.op == "-" or node.op == "~" and kind is not None and kind[0] == "u"):
                    self._result(node, kind)
            elif isinstance(node, n.ConditionalExpr):
                self._alternatives([node.if_expr, node.else_expr])
            elif isinstance(node, n.OperatorAssignmentStmt):
                self._augmented(node)
            elif isinstance(node, n.AssignmentStmt):
                for lvalue in node.lvalues:
                    self._convert(node.rvalue, self._declared(lvalue))
            elif isinstance(node, n.FuncDef):
                self._returns(node)
        return self.found

    # --- types -----------------------------------------------------------------------------------------------------------

    def kind(self, node: n.Expression) -> str | None:
        """What kind of integer an expression is; of the operands of an operator the sized one wins, whatever mypy says."""
        if isinstance(node, n.OpExpr) and node.op not in ("and", "or"):
            left = self.kind(node.left)
            if node.op in ("<<", ">>") or left is None:
                return left if integer(self.types.get(node)) is not None else None
            right = self.kind(node.right)
            return None if right is None else left if right == "int" else right
        if isinstance(node, n.UnaryExpr) and node.op in ("-", "~"):
            return self.kind(node.expr)
        if isinstance(node, n.ConditionalExpr):
            return self._common([node.if_expr, node.else_expr])
        if isinstance(node, n.CallExpr) and _name(node) in JOINING and len(node.args) > 1:
            return self._common(node.args)
        return integer(self.types.get(node))

    def _common(self, nodes: list[n.Expression]) -> str | None:
        """The kind of what is one of several values."""
        kinds = [self.kind(node) for node in nodes]
        return None if None in kinds else next((kind for kind in kinds if kind != "int"), "int")

    def _declared(self, lvalue: n.Expression) -> str | None:
        if isinstance(lvalue, n.RefExpr) and isinstance(lvalue.node, n.Var):
            return integer(lvalue.node.type)
        return integer(self.types.get(lvalue))

    # --- places ----------------------------------------------------------------------------------------------------------

    def _result(self, node: n.Expression | n.OperatorAssignmentStmt, kind: str | None) -> None:
        if kind is not None and not (isinstance(node, n.Expression) and is_constant(node)):
            self.found.operators[span(node)] = kind

    def _convert(self, node: n.Expression, to: str | None) -> None:
        """A value that becomes of a kind."""
        kind = self.kind(node)
        if to is not None and kind is not None and not fits(kind, to) and not is_constant(node):
            self.found.conversions[span(node)] = to

    def _alternatives(self, nodes: list[n.Expression]) -> None:
        kind = self._common(nodes)
        for node in nodes:
            self._convert(node, kind)

    def _call(self, node: n.CallExpr) -> None:
        name = _name(node)
        if name.startswith(SIZED):
            for argument in node.args:
                self._wrap(argument)
        elif name in RESULTS:
            self._result(node, self.kind(node) and "int")
        elif name in JOINING and len(node.args) > 1:
            self._alternatives(node.args)
        else:
            callee = get_proper_type(self.types.get(node.callee))
            if isinstance(callee, CallableType) and not name.startswith(MACHINE):
                for argument, kind in _arguments(node, callee):
                    self._convert(argument, integer(kind))

    def _wrap(self, node: n.Expression) -> None:
        if isinstance(node, n.OpExpr) and node.op in WRAPPED and self.kind(node) is not None:
            self.wrapped.add(node)
            self._wrap(node.left)
            if node.op != "<<":
                self._wrap(node.right)
        elif isinstance(node, n.UnaryExpr) and node.op in ("-", "~"):
            self.wrapped.add(node)
            self._wrap(node.expr)

    def _operator(self, node: n.OpExpr) -> None:
        kind = self.kind(node)
        if node in self.wrapped or kind is None:
            return
        if node.op in CHECKED:
            self._result(node, kind)
        if node.op in CONVERTING:
            self._operand(node.op, node.left, kind)
            self._operand(node.op, node.right, kind)

    def _operand(self, op: str, node: n.Expression, kind: str) -> None:
        if op != "&" or not isinstance(node, n.UnaryExpr):  # x & ~y: its bits above those of x do not matter
            self._convert(node, kind)

    def _augmented(self, node: n.OperatorAssignmentStmt) -> None:
        kind = self._declared(node.lvalue)
        if kind is not None and node.op in CHECKED:
            self._result(node, kind)
        if kind is not None and node.op in CONVERTING:
            self._operand(node.op, node.rvalue, kind)

    def _returns(self, function: n.FuncDef) -> None:
        signature = get_proper_type(function.type)
        kind = integer(signature.ret_type) if isinstance(signature, CallableType) else None
        if kind is None or function.is_generator:
            return
        for node in walk(function.body):
            if isinstance(node, n.ReturnStmt) and node.expr is not None and integer(self.types.get(node.expr)) is not None:
                self._convert(node.expr, kind)


def is_constant(node: n.Expression) -> bool:
    """Whether the compiler computes an expression, and says what does not fit: it consists of numbers and Final names."""
    if isinstance(node, n.OpExpr):
        return is_constant(node.left) and is_constant(node.right)
    if isinstance(node, n.UnaryExpr):
        return is_constant(node.expr)
    return isinstance(node, n.IntExpr) or isinstance(node, n.RefExpr) and isinstance(node.node, n.Var) and node.node.is_final


def integer(kind: MypyType | None) -> str | None:
    """The kind of integer that a type is: None for other types, bool and enumerations included."""
    proper = get_proper_type(kind)
    if isinstance(proper, LiteralType):
        proper = proper.fallback
    if not isinstance(proper, Instance):
        return None
    name = proper.type.fullname
    return "int" if name == "builtins.int" else name.removeprefix(SIZED) if name.startswith(SIZED) else None


def _name(node: n.CallExpr) -> str:
    """What a call calls."""
    return node.callee.fullname if isinstance(node.callee, n.RefExpr) else ""


def span(node: n.Context) -> Span:
    return node.line, node.column, node.end_line or 0, node.end_column or 0


def _arguments(node: n.CallExpr, callee: CallableType) -> Iterator[tuple[n.Expression, MypyType]]:
    """Each argument with the type of its parameter."""
    for index, (argument, name) in enumerate(zip(node.args, node.arg_names)):
        if name is not None and name in callee.arg_names:
            yield argument, callee.arg_types[callee.arg_names.index(name)]
        elif name is None and index < len(callee.arg_types) and callee.arg_kinds[index].is_positional():
            yield argument, callee.arg_types[index]
