"""What decorators mean to the compiler; unknown ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy import nodes as n

from scarlet.compiler.constants import constant
from scarlet.compiler.errors import CompileError, Place

if TYPE_CHECKING:
    from scarlet.compiler.program import Function, Program

IGNORED = {
    "builtins.staticmethod", "builtins.classmethod", "builtins.property", "abc.abstractmethod", "typing.overload", "typing.override",
    "typing.final", "scarlet.lang.registrar", "dataclasses.dataclass", "enum.unique", "typing.runtime_checkable",
}  # fmt: skip


def apply_decorators(program: Program, function: Function, node: n.FuncDef) -> None:
    """Set the flags of a function from its decorators."""
    decorated = program.decorators.get(node)
    if decorated is None:
        return
    for decorator in decorated.original_decorators:
        _apply(program, function, node, decorator)


def _apply(program: Program, function: Function, node: n.FuncDef, decorator: n.Expression) -> None:
    callee = decorator.callee if isinstance(decorator, n.CallExpr) else decorator
    fullname = callee.fullname if isinstance(callee, n.RefExpr) else ""
    place = Place(function.file, node.line)
    options = _options(program, decorator)
    if fullname in IGNORED or isinstance(callee, n.MemberExpr) and callee.name in ("setter", "getter"):
        return
    if fullname == "scarlet.lang.raw.inline":
        function.inline = True
    elif fullname == "scarlet.lang.raw.noinline":
        function.noinline = True
    elif fullname == "scarlet.lang.raw.export":
        function.export = str(options.get("name", options.get("0", node.name)))
        function.section = str(options.get("section", ""))
    elif fullname == "scarlet.lang.raw.naked":
        _naked(function, node, options, place)
    elif not is_registrar(program, callee):
        shown = fullname or "this decorator"
        raise CompileError(place, f"the decorator {shown} is outside the dialect", "a decorator declared with @registrar, or a plain call")


def _options(program: Program, decorator: n.Expression) -> dict[str, object]:
    out: dict[str, object] = {}
    if isinstance(decorator, n.CallExpr):
        for index, (arg, name) in enumerate(zip(decorator.args, decorator.arg_names)):
            out[name or str(index)] = constant(program, arg)
    return out


def _naked(function: Function, node: n.FuncDef, options: dict[str, object], place: Place) -> None:
    text = docstring(node)
    if text is None or not text.lstrip().startswith("asm:"):
        raise CompileError(place, f"the naked function {node.name} has no assembly", 'a docstring that begins with """asm:')
    function.assembly = text.lstrip()[4:]
    function.section = str(options.get("section", options.get("0", ".text")))
    align = options.get("align", options.get("1", 4))
    function.align = align if isinstance(align, int) else 4
    function.export = str(options.get("symbol") or node.name)
    function.cname = function.export
    function.may_raise = False
    function.plain_abi = True
    function.keeps = bool(options.get("keeps", True))


def docstring(node: n.FuncDef) -> str | None:
    """The docstring of a definition."""
    if node.docstring is not None:
        return node.docstring
    if node.body.body and isinstance(node.body.body[0], n.ExpressionStmt) and isinstance(node.body.body[0].expr, n.StrExpr):
        return node.body.body[0].expr.value
    return None


def is_registrar(program: Program, callee: n.Expression) -> bool:
    """Whether a decorator is declared with @registrar, or returned by such a function."""
    if not isinstance(callee, n.RefExpr):
        return False
    node = callee.node
    if isinstance(node, n.Decorator):
        node = node.func
    if not isinstance(node, n.FuncDef):
        return False
    decorated = program.decorators.get(node)
    if decorated is None:
        return False
    for decorator in decorated.original_decorators:
        target = decorator.callee if isinstance(decorator, n.CallExpr) else decorator
        if isinstance(target, n.RefExpr) and target.fullname == "scarlet.lang.registrar":
            return True
    return False
