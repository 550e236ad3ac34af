"""Which variables closures share: the analysis of nested functions, and the cells that such variables live in."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.functions import parameters
from scarlet.compiler.ir import Reg
from scarlet.compiler.lower.context import CellVariable, Lowerer
from scarlet.compiler.program import Class
from scarlet.compiler.types import FunctionType, ObjectType, Type
from scarlet.compiler.walk import CHILDREN, children, walk

Nested = n.FuncDef | n.LambdaExpr
_INSIDE = ("def ", "lambda", ":=")


def inside(node: object) -> tuple[list[Nested], bool]:
    """The functions and lambdas directly inside a function (not those inside them); whether `:=` is anywhere in it."""
    out: list[Nested] = []
    assigns = False
    stack = children(node)[::-1]
    while stack:
        current = stack.pop()
        if isinstance(current, (n.FuncDef, n.LambdaExpr)):
            out.append(current)
            assigns = assigns or any(isinstance(item, n.AssignmentExpr) for item in walk(current))
        elif type(current) in CHILDREN and not isinstance(current, n.ClassDef):
            assigns = assigns or isinstance(current, n.AssignmentExpr)
            stack.extend(reversed(children(current)))
    return out, assigns


def _may_have_inside(low: Lowerer, node: Nested) -> bool:
    """Whether the text of a function speaks of what `inside` looks for: most do not, and need not be walked."""
    if not isinstance(node, n.FuncDef) or not node.end_line:
        return True
    lines = low.program.lines_of(low.function.file)
    text = "\n".join(lines[node.line - 1 : node.end_line])
    start = text.find("def") + 3
    return any(text.find(word, start) >= 0 for word in _INSIDE)


def bound_names(node: Nested) -> set[n.SymbolNode]:
    """Variables that belong to a function itself: parameters, assigned names, nested functions."""
    out: set[n.SymbolNode] = {argument.variable for argument in node.arguments}
    shared: set[str] = set()
    stack = children(node)
    while stack:
        current = stack.pop()
        if isinstance(current, n.NonlocalDecl):
            shared.update(current.names)
        if isinstance(current, n.FuncDef):
            out.add(current)
            continue
        if isinstance(current, n.LambdaExpr):
            continue
        for lvalue in _targets(current):
            if isinstance(lvalue, n.NameExpr) and isinstance(lvalue.node, n.Var) and lvalue.kind == n.LDEF:
                out.add(lvalue.node)
        stack.extend(children(current))
    return {symbol for symbol in out if symbol.name not in shared}


def _targets(node: object) -> list[n.Expression]:
    """The expressions a node assigns to."""
    from mypy.patterns import AsPattern, MappingPattern, StarredPattern

    found: list[n.Expression | None] = []
    if isinstance(node, n.AssignmentStmt):
        found = list(node.lvalues)
    elif isinstance(node, n.OperatorAssignmentStmt):
        found = [node.lvalue]
    elif isinstance(node, n.ForStmt):
        found = [node.index]
    elif isinstance(node, n.WithStmt):
        found = list(node.target)
    elif isinstance(node, n.TryStmt):
        found = list(node.vars)
    elif isinstance(node, n.AssignmentExpr):
        found = [node.target]
    elif isinstance(node, (n.GeneratorExpr, n.DictionaryComprehension)):
        found = list(node.indices)
    elif isinstance(node, n.DelStmt):
        found = [node.expr]
    elif isinstance(node, AsPattern):
        found = [node.name]
    elif isinstance(node, StarredPattern):
        found = [node.capture]
    elif isinstance(node, MappingPattern):
        found = [node.rest]
    out: list[n.Expression] = []
    for item in found:
        if isinstance(item, (n.TupleExpr, n.ListExpr)):
            out += [part for inner in item.items for part in _flatten(inner)]
        elif item is not None:
            out.append(item)
    return out


def assigned_names(node: object) -> list[n.SymbolNode]:
    """The local variables that a node itself assigns to."""
    return [target.node for target in _targets(node) if isinstance(target, n.NameExpr) and isinstance(target.node, n.Var)]


def _flatten(item: n.Expression) -> list[n.Expression]:
    if isinstance(item, (n.TupleExpr, n.ListExpr)):
        return [part for inner in item.items for part in _flatten(inner)]
    return [item.expr if isinstance(item, n.StarExpr) else item]


def free_variables(node: Nested) -> list[n.SymbolNode]:
    """Local names of enclosing functions that a nested function (or one inside it) uses, in order of use."""
    bound = bound_names(node)
    out: list[n.SymbolNode] = []
    for current in walk(node):
        if current is node:
            continue
        if isinstance(current, (n.FuncDef, n.LambdaExpr)):
            bound |= bound_names(current)
            if isinstance(current, n.FuncDef):
                bound.add(current)
    for current in walk(node):
        if isinstance(current, n.NameExpr) and current.kind == n.LDEF and isinstance(current.node, (n.Var, n.FuncDef, n.Decorator)):
            symbol = current.node.func if isinstance(current.node, n.Decorator) else current.node
            if symbol not in bound and symbol not in out:
                out.append(symbol)
        if isinstance(current, n.SuperExpr):
            pass
    return out


def prepare(low: Lowerer, node: Nested) -> None:
    """Decide which variables of a function live in cells."""
    if not _may_have_inside(low, node):
        return
    nested, low.copy_reads = inside(node)
    if not nested:
        return
    counts, in_loop, last_line = _assignments(node)
    params = {argument.variable for argument in node.arguments}
    for inner in nested:
        shared = {name for item in walk(inner) if isinstance(item, n.NonlocalDecl) for name in item.names}
        for symbol in free_variables(inner):
            if isinstance(symbol, n.FuncDef):
                if symbol is not inner and symbol.line > inner.line:
                    low.cell_names.add(symbol)
                continue
            assigned = counts.get(symbol, 0)
            fixed = assigned == 0 if symbol in params else assigned == 1 and symbol not in in_loop and last_line[symbol] < inner.line
            if not fixed or symbol.name in shared:
                low.cell_names.add(symbol)


def _assignments(node: Nested) -> tuple[dict[n.SymbolNode, int], set[n.SymbolNode], dict[n.SymbolNode, int]]:
    """How often each name is assigned in a function, whether in a loop, and the last line."""
    counts: dict[n.SymbolNode, int] = {}
    looped: set[n.SymbolNode] = set()
    lines: dict[n.SymbolNode, int] = {}

    def visit(current: object, loop: bool) -> None:
        is_loop = isinstance(current, (n.ForStmt, n.WhileStmt, n.GeneratorExpr, n.DictionaryComprehension))
        for target in _targets(current):
            if isinstance(target, n.NameExpr) and isinstance(target.node, n.Var):
                counts[target.node] = counts.get(target.node, 0) + 1
                lines[target.node] = max(lines.get(target.node, 0), target.line)
                if loop or is_loop:
                    looped.add(target.node)
        for child in children(current):
            visit(child, loop or is_loop)

    for child in children(node):
        visit(child, False)
    return counts, looped, lines


def new_cell(low: Lowerer, name: str, kind: Type) -> CellVariable:
    """A new cell for a variable; it holds zero until the variable is assigned."""
    cls = low.program.generated_class(("cell", kind), f"cell[{kind}]", "scarlet.runtime", {"value": kind})
    cell = low.temp(ObjectType(cls), "cell_" + name)
    allocate(low, cell, cls)
    return CellVariable(cell, kind)


def allocate(low: Lowerer, dst: Reg, cls: Class) -> None:
    low.emit(ir.Allocate(dst, cls, None, low.program.function_named("scarlet.runtime.heap.out_of_memory"), low.exception_target()))


def prologue(low: Lowerer, node: Nested) -> None:
    """Make the cells of a function; parameters that need one move into it."""
    params = {argument.variable for argument in node.arguments}
    for symbol in sorted(low.cell_names, key=lambda item: item.name):
        if symbol in params:
            current = low.variables[symbol]
            assert isinstance(current, Reg)
            cell = new_cell(low, symbol.name, current.type)
            low.variables[symbol] = cell
            low.write_variable(cell, current)
        elif isinstance(symbol, n.FuncDef):
            params_of, result = parameters(low.program, symbol, None, low.env, low.place)
            low.variables[symbol] = new_cell(low, symbol.name, FunctionType(tuple(p.type for p in params_of), result))
        elif isinstance(symbol, n.Var) and symbol not in low.variables and symbol.type is not None:
            low.variables[symbol] = new_cell(low, symbol.name, low.convert_type(symbol.type))
