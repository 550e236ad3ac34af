"""What the dialect refuses wherever it stands, reached or not: imports of modules that do not exist there, coroutines, metaclasses.

Everything else that is outside the subset is refused by the lowering that meets it, with the types at hand.
"""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler.errors import CompileError, Place, Report
from scarlet.compiler.front import Checked, Module
from scarlet.compiler.walk import statements

LIBRARY = {"typing", "abc", "enum", "dataclasses", "weakref", "collections", "collections.abc", "types", "__future__", "builtins"}
"""The library modules that the compiler knows."""


def check(checked: Checked, report: Report) -> None:
    """Add an error for each such construct of the program's own modules."""
    for module in checked.modules:
        for node in module.tree.defs:
            _visit(checked, module, node, report)


def _visit(checked: Checked, module: Module, node: object, report: Report) -> None:
    if isinstance(node, n.Block) and node.is_unreachable:
        return
    if isinstance(node, (n.Import, n.ImportFrom)):
        _imported(checked, module, node, report)
        return
    if isinstance(node, n.FuncDef) and node.is_coroutine:
        _refuse(report, module, node, "async functions are outside the dialect", "a thread, or a generator")
        return
    if isinstance(node, n.ClassDef) and (node.metaclass is not None or node.info.has_base("builtins.type")):
        _refuse(report, module, node, "metaclasses are outside the dialect", "a class decorator the compiler knows, or a function")
        return
    for child in statements(node):
        _visit(checked, module, child, report)


def _imported(checked: Checked, module: Module, node: n.Import | n.ImportFrom, report: Report) -> None:
    if node.is_unreachable or node.is_mypy_only:
        return
    names = [name for name, _ in node.ids] if isinstance(node, n.Import) else [node.id]
    for name in names:
        tree = checked.trees.get(name)
        foreign = tree is not None and ("typeshed" in tree.path or "site-packages" in tree.path)
        if foreign and name not in LIBRARY:
            _refuse(report, module, node, f"the module {name} does not exist in the dialect", "scarlet.lang, or code of your own")


def _refuse(report: Report, module: Module, node: n.Context, message: str, advice: str) -> None:
    report.add(CompileError(Place(module.path, node.line), message, advice))
