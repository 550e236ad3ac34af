"""CPython with the dialect's integers: what raises OverflowError when it is compiled raises it here, where CPython alone would go on with a
larger number.

    python -m tests.parity.checked pytest tests/kernel -q
    python -m tests.parity.checked scarlet run --hosted -- busybox ls

runs a Python module with the kernel so checked: mypy says where integers are checked (integers.py), and the source of every module of the
kernel is rewritten when it is imported. `~` of an unsigned number is its complement, as compiled.
"""

import ast
import copy
import runpy
import sys
from collections.abc import Callable, Iterable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

from mypy.modulefinder import BuildSource

from tests.parity.integers import Checks, Span, bounds, find
from tests.source.typecheck import sources

ROOT = Path(__file__).resolve().parents[2]
HOST = ("scarlet/cli", "scarlet/compiler")
"""What is no part of the kernel."""
UNCHECKED = ("scarlet/machine/hosted", "scarlet/lang")
"""The hosted machine, whose numbers are CPython's, and the dialect's own twins."""
KINDS = ("int", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")
PREFIX = "_scarlet_fits_"


def _checker(kind: str) -> Callable[[int], int]:
    low, high = bounds(kind)

    def check(value: int) -> int:
        if low <= value <= high:
            return value
        raise OverflowError(f"integer out of range of {kind}")

    return check


def _shift(value: int, count: int) -> int:
    """value << count, of which no more is wanted than that it does not fit."""
    return value << min(count, 200)


def _sum(values: Iterable[int], start: int = 0) -> int:
    """sum(...), which is compiled to one checked addition after the other."""
    check = _checker("int")
    for value in values:
        start = check(start + value)
    return start


NAMES: dict[str, object] = {PREFIX + kind: _checker(kind) for kind in KINDS} | {"_scarlet_shift": _shift, "_scarlet_sum": _sum}
"""What rewritten code refers to; a module finds it among its builtins."""


class Rewriter(ast.NodeTransformer):
    """Puts the checks into the tree of a module."""

    def __init__(self, checks: Checks) -> None:
        self.checks = checks
        self.done: set[Span] = set()

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        place = _span(node) if isinstance(node, (ast.expr, ast.AugAssign)) else None
        node = super().visit(node)
        if place is None or isinstance(node, (ast.Starred, ast.Slice)):
            return node
        if isinstance(node, ast.AugAssign):
            kind = self.checks.operators.get(place)
            return node if kind is None else self._assignment(node, kind, place)
        if isinstance(node, ast.expr):
            if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call)) and place in self.checks.operators:
                node = self._computed(node, self.checks.operators[place], place)
            if place in self.checks.conversions:
                node = self._fits(node, self.checks.conversions[place], place)
        return node

    def _fits(self, node: ast.expr, kind: str, place: Span) -> ast.expr:
        self.done.add(place)
        return ast.copy_location(ast.Call(ast.Name(PREFIX + kind, ast.Load()), [node], []), node)

    def _computed(self, node: ast.BinOp | ast.UnaryOp | ast.Call, kind: str, place: Span) -> ast.expr:
        """The result of an operator or builtin function."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
            self.done.add(place)
            return ast.copy_location(ast.BinOp(node, ast.BitAnd(), ast.Constant(bounds(kind)[1])), node)
        made: ast.expr = node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift):
            made = ast.Call(ast.Name("_scarlet_shift", ast.Load()), [node.left, node.right], [])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum":
            made = ast.Call(ast.Name("_scarlet_sum", ast.Load()), node.args, node.keywords)
        return self._fits(ast.copy_location(made, node), kind, place)

    def _assignment(self, node: ast.AugAssign, kind: str, place: Span) -> list[ast.stmt]:
        """`f(a).b[c] += d`: what the target consists of is evaluated once, before d."""
        before: list[ast.stmt] = []

        def once(part: ast.expr) -> ast.expr:
            name = f"_scarlet_part{len(before)}"
            before.append(ast.Assign([ast.Name(name, ast.Store())], part))
            return ast.Name(name, ast.Load())

        target = node.target
        if isinstance(target, ast.Attribute):
            target.value = once(target.value)
        elif isinstance(target, ast.Subscript):
            target.value, target.slice = once(target.value), once(target.slice)
        read = copy.deepcopy(target)
        read.ctx = ast.Load()
        value = self._computed(ast.copy_location(ast.BinOp(read, node.op, node.value), node), kind, place)
        return [ast.copy_location(statement, node) for statement in (*before, ast.Assign([target], value))]


def _span(node: ast.expr | ast.AugAssign) -> Span:
    """Where mypy's parser says that a node is: an operator from its first operand to its last, without parentheses around those."""
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    if isinstance(node, ast.BinOp):
        start, end = _span(node.left)[:2], _span(node.right)[2:]
    return *start, *end


def rewritten(tree: ast.Module, checks: Checks) -> ast.Module:
    """The tree with its checks."""
    vague = [(node.lineno, node.end_lineno or 0) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    rewriter = Rewriter(checks)
    tree = ast.fix_missing_locations(rewriter.visit(tree))
    missed = {place for place in {*checks.operators, *checks.conversions} - rewriter.done if not any(a <= place[0] <= b for a, b in vague)}
    assert not missed, f"the parsers disagree about {sorted(missed)}"  # but for f-strings, whose parts ast places only roughly
    return tree


def program_checks(path: Path) -> Checks:
    """The checks of a program of one file."""
    return find([BuildSource(str(path), path.stem, None)], ROOT, compiled=True, cache=ROOT / "build" / "library")[str(path.resolve())]


def kernel_sources() -> list[BuildSource]:
    """The kernel as the hosted world has it."""
    return [source for source in sources("hosted") if not str(source.path).startswith(HOST)]


def kernel_checks() -> dict[str, Checks]:
    """The checks of each of its modules."""
    found = find(kernel_sources(), ROOT, compiled=False, cache=ROOT / "build" / "library")
    return {path: checks for path, checks in found.items() if not Path(path).relative_to(ROOT).as_posix().startswith(UNCHECKED)}


def install(checks: dict[str, Checks]) -> None:
    """From now on these modules are imported with their checks."""
    vars(sys.modules["builtins"]).update(NAMES)
    sys.dont_write_bytecode = True
    plain = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        path = loader.get_filename(name)
        found = checks.get(path)
        if found is None:
            return plain(loader, name)
        return compile(rewritten(ast.parse(loader.get_data(path), path), found), path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.argv.pop(0)
    install(kernel_checks())
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
