"""Walking mypy's trees. (mypy's own visitors are compiled and cannot be subclassed.)"""

from collections.abc import Iterator

from mypy import nodes as n
from mypy import patterns

CHILDREN: dict[type, tuple[str, ...]] = {
    n.MypyFile: ("defs",),
    n.Block: ("body",),
    n.ClassDef: ("defs",),
    n.FuncDef: ("arguments", "body"),
    n.LambdaExpr: ("arguments", "body"),
    n.Argument: ("initializer",),
    n.Decorator: ("func",),
    n.OverloadedFuncDef: ("items",),
    n.ExpressionStmt: ("expr",),
    n.AssignmentStmt: ("rvalue", "lvalues"),
    n.OperatorAssignmentStmt: ("lvalue", "rvalue"),
    n.WhileStmt: ("expr", "body", "else_body"),
    n.ForStmt: ("expr", "index", "body", "else_body"),
    n.ReturnStmt: ("expr",),
    n.AssertStmt: ("expr", "msg"),
    n.DelStmt: ("expr",),
    n.IfStmt: ("expr", "body", "else_body"),
    n.RaiseStmt: ("expr", "from_expr"),
    n.TryStmt: ("body", "types", "vars", "handlers", "else_body", "finally_body"),
    n.WithStmt: ("expr", "target", "body"),
    n.MatchStmt: ("subject", "patterns", "guards", "bodies"),
    n.CallExpr: ("callee", "args"),
    n.MemberExpr: ("expr",),
    n.YieldExpr: ("expr",),
    n.YieldFromExpr: ("expr",),
    n.IndexExpr: ("base", "index"),
    n.UnaryExpr: ("expr",),
    n.OpExpr: ("left", "right"),
    n.ComparisonExpr: ("operands",),
    n.AssignmentExpr: ("target", "value"),
    n.SliceExpr: ("begin_index", "end_index", "stride"),
    n.ConditionalExpr: ("cond", "if_expr", "else_expr"),
    n.TupleExpr: ("items",),
    n.ListExpr: ("items",),
    n.SetExpr: ("items",),
    n.DictExpr: ("items",),
    n.GeneratorExpr: ("sequences", "indices", "condlists", "left_expr"),
    n.ListComprehension: ("generator",),
    n.SetComprehension: ("generator",),
    n.DictionaryComprehension: ("sequences", "indices", "condlists", "key", "value"),
    n.StarExpr: ("expr",),
    n.SuperExpr: ("call",),
    n.CastExpr: ("expr",),
    n.AssertTypeExpr: ("expr",),
    n.TypeApplication: ("expr",),
}
_PATTERNS = ("patterns", "pattern", "expr", "class_ref", "positionals", "keyword_values", "keys", "values", "capture", "name", "rest")
CHILDREN |= {kind: _PATTERNS for kind in vars(patterns).values() if isinstance(kind, type) and issubclass(kind, patterns.Pattern)}


def children(node: object) -> list[object]:
    """The direct sub-nodes of a tree node."""
    found: list[object] = []
    for name in CHILDREN.get(type(node), ()):
        value = getattr(node, name, None)
        if isinstance(value, list):
            _flatten(value, found)
        elif isinstance(value, n.Node):
            found.append(value)
    return found


def _flatten(values: list[object] | tuple[object, ...], found: list[object]) -> None:
    for item in values:
        if isinstance(item, n.Node):
            found.append(item)
        elif isinstance(item, (list, tuple)):
            _flatten(item, found)


def statements(node: object) -> list[object]:
    """The direct sub-nodes that are, or hold, statements."""
    return [child for child in children(node) if not isinstance(child, n.Expression)]


def walk(node: object) -> Iterator[object]:
    """The node and everything below it, in source order as far as the tree keeps it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if type(current) in CHILDREN:
            stack.extend(reversed(children(current)))


def walk_statements(node: object) -> Iterator[object]:
    """Like walk, without expressions and what is in them: a quarter of the nodes."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(statements(current)))
