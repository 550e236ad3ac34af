"""Which modules a program consists of, and in which order they run.

Compiled, every module runs once, whole, after those that it imports. Python runs what stands above an import before it, and finds a module
that is being imported half made: import cycles and imports behind other statements are refused, for they would run in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mypy import nodes as n
from mypy.nodes import Block, IfStmt, Import, ImportAll, ImportFrom, MypyFile, Statement, TryStmt

from scarlet.compiler.errors import CompileError, Place, Report
from scarlet.compiler.walk import statements, walk, walk_statements

UNCOMPILED = {"scarlet.lang.raw", "scarlet.lang.ints", "scarlet.lang.struct", "scarlet.machine"}
"""Modules the compiler itself stands for."""

ANY_ORDER = "scarlet.runtime."
"""The runtime's modules only define; some need each other."""


def is_program(name: str, tree: MypyFile) -> bool:
    """Whether a tree is compiled: neither a stub (typeshed, intrinsics) nor a module the compiler stands for."""
    return not tree.is_stub and name not in UNCOMPILED and "site-packages" not in tree.path and "typeshed" not in tree.path


def shown_path(path: Path) -> str:
    """A path as messages and debug information show it: relative to the working folder when below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class Imports:
    """The order of a program's modules, and the errors found on the way."""

    def __init__(self, trees: dict[str, MypyFile]) -> None:
        self.trees = trees
        self.report = Report()
        self.order: list[str] = []
        self._begun: set[str] = set()
        self._within: list[str] = []

    def visit(self, name: str) -> None:
        """Python imports a module: first the packages that it is in, then what it imports."""
        parts = name.split(".")
        for count in range(1, len(parts)):
            package = ".".join(parts[:count])
            if package not in self._begun and package in self.trees:
                self.visit(package)
        if name in self._begun or name not in self.trees or not is_program(name, self.trees[name]):
            return
        self._begun.add(name)
        self._within.append(name)
        for imported, line in imported_modules(self.trees, name):
            if imported in self._within and not name.startswith(ANY_ORDER):
                message = f"an import cycle: {imported} is importing this module"
                advice = "the import under `if TYPE_CHECKING:`, or what both need in a module of its own"
                self.report.add(CompileError(Place(shown_path(Path(self.trees[name].path)), line), message, advice))
            self.visit(imported)
        self._within.pop()
        self.order.append(name)


def imported_modules(trees: dict[str, MypyFile], name: str) -> Iterator[tuple[str, int]]:
    """The modules that a module's top-level statements import, and the lines."""
    for statement in _imports(trees[name].defs):
        for imported in _named(trees, name, statement):
            yield imported, statement.line


def _imports(body: list[Statement]) -> Iterator[Import | ImportFrom | ImportAll]:
    """The imports that run when a module does, in order."""
    for statement in body:
        if getattr(statement, "is_unreachable", False):
            continue
        if isinstance(statement, (Import, ImportFrom, ImportAll)):
            if not statement.is_mypy_only:
                yield statement
        elif isinstance(statement, IfStmt):
            for block in [*statement.body, *([statement.else_body] if statement.else_body else [])]:
                if not block.is_unreachable and not getattr(block, "is_mypy_only", False):
                    yield from _imports(block.body)
        elif isinstance(statement, TryStmt):
            yield from _imports(statement.body.body)
        elif isinstance(statement, Block):
            yield from _imports(statement.body)


def _named(trees: dict[str, MypyFile], name: str, statement: Import | ImportFrom | ImportAll) -> list[str]:
    """The modules that an import names. `from package import module` asks the package for nothing else."""
    if isinstance(statement, Import):
        return [module for module, _ in statement.ids]
    module = statement.id
    if statement.relative:
        base = name.split(".") if trees[name].is_package_init_file() else name.split(".")[:-1]
        base = base[: len(base) - statement.relative + 1]
        module = ".".join([*base, module] if module else base)
    if isinstance(statement, ImportAll):
        return [module]
    below = [f"{module}.{item}" for item, _ in statement.names if f"{module}.{item}" in trees]
    own = module == name or len(below) == len(statement.names) and name.startswith(module + ".")
    return below if own else [module, *below]


def check_places(trees: dict[str, MypyFile], name: str, path: str, modules: frozenset[str], report: Report) -> None:
    """Refuse imports of the program's modules that Python would not run first of all. In a function stands what has run already."""

    def refuse(statement: Import | ImportFrom | ImportAll, message: str, advice: str, known: frozenset[str] = frozenset()) -> None:
        named = [module for module in _named(trees, name, statement) if module in trees and is_program(module, trees[module])]
        if any(module not in known for module in named):
            report.add(CompileError(Place(path, statement.line), message, advice))

    acted = False
    for statement in trees[name].defs:
        if isinstance(statement, (Import, ImportFrom, ImportAll)):
            if acted and not statement.is_unreachable and not statement.is_mypy_only:
                refuse(statement, "an import behind statements, which Python would run first", "all imports first")
            continue
        static = isinstance(statement, IfStmt) and _decided(statement)
        run = modules if isinstance(statement, (n.FuncDef, n.OverloadedFuncDef, n.Decorator, n.ClassDef)) else frozenset()
        for inner in [] if static else walk_statements(statement):
            if isinstance(inner, (Import, ImportFrom, ImportAll)) and not inner.is_unreachable and not inner.is_mypy_only:
                refuse(inner, "an import that may not run, or later than others", "the import at the top of the module", run)
        acted = acted or not static and _acts(statement)


def _decided(statement: IfStmt) -> bool:
    """Whether the compiler knows the condition (TYPE_CHECKING, COMPILED)."""
    blocks = [*statement.body, *([statement.else_body] if statement.else_body else [])]
    return any(block.is_unreachable or all(getattr(item, "is_mypy_only", False) for item in block.body) for block in blocks)


def _acts(statement: Statement) -> bool:
    """Whether a statement may do what can be seen."""
    if isinstance(statement, (n.FuncDef, n.OverloadedFuncDef, n.Decorator, n.PassStmt)):
        return False
    if isinstance(statement, n.ClassDef):
        return any(_acts(item) for item in statements(statement.defs) if isinstance(item, Statement))
    if isinstance(statement, (n.AssignmentStmt, n.ExpressionStmt)):
        return any(isinstance(node, n.CallExpr) and node.analyzed is None for node in walk(statement))
    return True
