"""Reads the system-call declarations of an ABI module: its functions decorated with @syscall, without importing them.

The declarations are ordinary Python (executor/declare.py explains them), so `ast` sees everything: the number in
the decorator, the parameters' types in the annotations, the description in the docstring. Names are followed through `from ... import`.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

GENERATED = ("__init__", "dispatch", "trace_calls")
"""Files without declarations."""
INTEGERS = {"i32", "u32", "i64", "u64", "usize", "isize", "int", "UserPtr"}


class DeclarationError(Exception):
    """A declaration that the generator cannot use: file, line and why."""


@dataclass(frozen=True)
class Type:
    """What an annotation stands for."""

    integer: str
    """The dialect integer that the register is decoded to; for flags u32."""
    kind: str = ""
    """What `show_<kind>` shows: `fd`, `mode`, `path` ...; empty for plain numbers."""
    direction: str = ""
    """`in` or `out` for pointers to something that is shown, `optional` for what is shown only sometimes."""
    members: tuple[tuple[str, int], ...] = ()
    """Of an IntFlag or IntEnum class."""
    class_name: str = ""
    class_module: str = ""
    flags: bool = False


@dataclass(frozen=True)
class Parameter:
    name: str
    type: Type


@dataclass(frozen=True)
class Call:
    number: int
    name: str
    function: str
    module: str
    parameters: tuple[Parameter, ...]
    result: str
    """`None`, `NoReturn`, `Address`, `NewProgram` or an integer type."""
    documentation: str


@dataclass
class Module:
    """One parsed source file."""

    name: str
    path: Path
    tree: ast.Module
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Local name to (module, name there)."""
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)


class Reader:
    """Parses modules on demand and resolves annotations."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = roots
        """The folders that imports start from, the first one first."""
        self.modules: dict[str, Module] = {}

    def path(self, name: str) -> Path | None:
        """The file of a module."""
        parts = name.replace(".", "/")
        candidates = [root / place for root in self.roots for place in (f"{parts}.py", f"{parts}/__init__.py")]
        return next((path for path in candidates if path.exists()), None)

    def module(self, name: str) -> Module:
        if name not in self.modules:
            path = self.path(name)
            if path is None:
                raise DeclarationError(f"there is no module {name}")
            self.modules[name] = self._parse(name, path)
        return self.modules[name]

    def _parse(self, name: str, path: Path) -> Module:
        try:
            module = Module(name, path, ast.parse(path.read_text(), str(path)))
        except SyntaxError as error:
            raise DeclarationError(f"{self._shown(path)}:{error.lineno}: {error.msg}") from None
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = (node.module, alias.name)
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                module.classes[node.name] = node
            elif isinstance(node, ast.FunctionDef):
                module.functions[node.name] = node
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                module.values[node.target.id] = node.value
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                module.values[node.targets[0].id] = node.value
        return module

    def calls(self, package: str) -> list[Call]:
        """Every declared call of the package, by number. A number declared twice is an error."""
        found: dict[int, Call] = {}
        initial = self.path(package)
        if initial is None or initial.name != "__init__.py":
            raise DeclarationError(f"there is no package {package}")
        for path in sorted(initial.parent.glob("*.py")):
            if path.stem in GENERATED:
                continue
            module = self.module(f"{package}.{path.stem}")
            for node in module.functions.values():
                call = self._call(module, node)
                if call is None:
                    continue
                if call.number in found:
                    raise self._error(module, node, f"call {call.number} is already {found[call.number].name}")
                found[call.number] = call
        return [found[number] for number in sorted(found)]

    def _call(self, module: Module, node: ast.FunctionDef) -> Call | None:
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "syscall":
                break
        else:
            return None
        number = ast.literal_eval(decorator.args[0])
        parameters = node.args.args
        if not parameters or not isinstance(parameters[0].annotation, ast.Name) or parameters[0].annotation.id != "Task":
            raise self._error(module, node, "the first parameter must be the Task")
        if len(parameters) > 7:
            raise self._error(module, node, "a system call has six arguments at most")
        if node.returns is None:
            raise self._error(module, node, "the result needs an annotation")
        documentation = ast.get_docstring(node)
        if not documentation:
            raise self._error(module, node, "the docstring is missing: it is the documentation of the call")
        return Call(
            number=number,
            name=node.name.rstrip("_"),
            function=node.name,
            module=module.name.rpartition(".")[2],
            parameters=tuple(Parameter(item.arg.rstrip("_"), self._type(module, item)) for item in parameters[1:]),
            result=ast.unparse(node.returns),
            documentation=documentation,
        )

    def _type(self, module: Module, parameter: ast.arg) -> Type:
        if parameter.annotation is None:
            raise self._error(module, parameter, f"{parameter.arg} needs an annotation")
        found = self._resolve(module, parameter.annotation)
        if found is None:
            raise self._error(module, parameter, f"{ast.unparse(parameter.annotation)} is not a parameter type (see declare.py)")
        return found

    def _resolve(self, module: Module, annotation: ast.expr) -> Type | None:
        if isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name) and annotation.value.id == "Annotated":
            assert isinstance(annotation.slice, ast.Tuple)
            base = self._resolve(module, annotation.slice.elts[0])
            if base is None:
                return None
            extra = annotation.slice.elts[1]
            if isinstance(extra, ast.Constant):
                direction, _space, kind = str(extra.value).rpartition(" ")
                return Type(base.integer, kind=kind, direction=direction)
            named = self._resolve(module, extra)
            return named and Type(base.integer, members=named.members, class_name=named.class_name, class_module=named.class_module)
        if not isinstance(annotation, ast.Name):
            return None
        name = annotation.id
        if name in module.classes:
            return self._enumeration(module, module.classes[name])
        if name in module.values and name not in INTEGERS:
            return self._resolve(module, module.values[name])
        if name in INTEGERS:
            return Type(name)
        if name in module.imports:
            origin, original = module.imports[name]
            if self.path(origin) is None:
                return None
            return self._resolve(self.module(origin), ast.Name(original))
        return None

    def _enumeration(self, module: Module, node: ast.ClassDef) -> Type | None:
        bases = [ast.unparse(base) for base in node.bases]
        if not set(bases) & {"IntFlag", "IntEnum"}:
            return None
        members: dict[str, int] = {}
        constants = {name: value.value for name, value in module.values.items() if isinstance(value, ast.Constant)}
        for item in node.body:
            if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                scope = {**constants, **members}
                members[item.targets[0].id] = eval(compile(ast.Expression(item.value), str(module.path), "eval"), {}, scope)
        return Type(
            "u32",
            members=tuple(members.items()),
            class_name=node.name,
            class_module=module.name,
            flags="IntFlag" in bases,
        )

    def _error(self, module: Module, node: ast.AST, text: str) -> DeclarationError:
        return DeclarationError(f"{self._shown(module.path)}:{getattr(node, 'lineno', 0)}: {text}")

    def _shown(self, path: Path) -> str:
        """The path as messages show it: from the folder that imports start from."""
        return next((str(path.relative_to(root)) for root in self.roots if path.is_relative_to(root)), str(path))
