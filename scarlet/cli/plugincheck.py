"""Whether the ABI module of an installed package can be linked, as far as its text tells: one that cannot is a clear line that names its
distribution, before anything is compiled.
"""

import ast

from scarlet.cli.declarations import DeclarationError
from scarlet.cli.generated_files import stale
from scarlet.cli.plugins import AbiPlugin

NOT_FOR_ABIS = ("abi_modules", "drivers", "scarlet.boot", "scarlet.cli", "scarlet.compiler", "scarlet.machine")


def check(plugin: AbiPlugin, others: list[str]) -> None:
    """UserError when the package cannot be linked, as far as its text tells. `others` are the packages of the other ABIs."""
    error = plugin.error
    main = plugin.source.folder / f"{plugin.module}.py"
    if not main.exists():
        raise error(f"there is no module {plugin.package}.{plugin.module}")
    for path in plugin.files:
        try:
            tree = ast.parse(path.read_text(), str(path))
        except (SyntaxError, UnicodeDecodeError) as problem:
            raise error(f"{path}: {problem}") from None
        if wrong := next((name for name in _imports(tree) if name.startswith((*NOT_FOR_ABIS, *others))), None):
            raise error(f"{path.name} imports {wrong}; an ABI module builds on executor, vfs, objects, scarlet.kernel and scarlet.lang")
        if path == main:
            found = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == plugin.class_name]
            if not found:
                raise error(f"there is no class {plugin.class_name} in {path}")
            if (name := name_of_class(found[0])) and name != plugin.name:
                raise error(f"its class calls itself {name}; the entry point must have the same name")
    try:
        files = stale(plugin.source)
    except DeclarationError as problem:
        raise error(str(problem)) from None
    if files:
        raise error(f"{next(iter(files))} does not follow from the declarations; run: scarlet abi generate {plugin.name}")


def name_of_class(node: ast.ClassDef) -> str:
    """The ABI's name as the module class gives it to AbiModule; empty when that is no literal."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__" and call.args:
            name = call.args[0]
            return str(name.value) if isinstance(name, ast.Constant) else ""
    return ""


def _imports(tree: ast.Module) -> list[str]:
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return names + [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
