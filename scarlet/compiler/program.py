"""The whole program as the compiler sees it: classes, functions and globals after monomorphisation, created on demand.

Lowering starts from the roots (module initialisers, exported functions) and asks for what it meets: `class_of` and `function_of` give the
one instance for a definition and its type arguments and queue it. Only what is reachable is compiled. A dispatched method is compiled for
every constructed class that could receive the call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from tokenize import open as open_source
from typing import TYPE_CHECKING

from mypy.nodes import Decorator, Expression, FuncDef, LambdaExpr, OverloadedFuncDef, SymbolNode, TypeInfo, Var
from mypy.types import Type as MypyType

from scarlet.compiler import dispatch
from scarlet.compiler.classes import compiled_as, find_fields, make_class
from scarlet.compiler.entities import Class, Function, Global, Param, mangle
from scarlet.compiler.errors import CompileError, Place, Report
from scarlet.compiler.front import Checked, Module
from scarlet.compiler.functions import make_function
from scarlet.compiler.mypytypes import convert, join
from scarlet.compiler.types import Type

if TYPE_CHECKING:
    from scarlet.compiler.lower.context import Lowerer


class Program:
    """Everything known about the program being compiled."""

    def __init__(self, checked: Checked, target: str) -> None:
        self.checked = checked
        self.target = target
        self.report = Report()
        self.modules: dict[str, Module] = {module.name: module for module in checked.modules}
        self.classes: dict[tuple[str, tuple[Type, ...]], Class] = {}
        self.functions: dict[object, Function] = {}
        self.globals: dict[str, Global] = {}
        self.queue: deque[Function] = deque()
        self.lowerer: Lowerer | None = None
        """The one at work."""
        self.lowered: list[Function] = []
        self.dispatches: dict[tuple[Class, str], list[Function]] = {}
        self.dispatched: dict[Class, list[tuple[int, Class, str]]] = {}
        self.dispatched_protocols: list[tuple[int, Class, str]] = []
        """The same, numbered in their order, for each class and for all protocols."""
        self.constructed: list[Class] = []
        self.instances: dict[Class, list[Class]] = {}
        """Of those, the ones that derive from a class, or are it."""
        self.names: set[str] = set()
        self.finals: dict[Var, Expression] = {}
        self.assigned_attributes: dict[str, set[TypeInfo | None]] = {}
        """Attributes that are assigned to objects, and to those of which classes; None where that is not known."""
        self.reassigned_attributes: set[str] = set()
        self.init_assignments: dict[str, int] = {}
        self.class_values: dict[str, dict[str, Expression]] = {}
        self.sources: dict[TypeInfo, None] = {}
        self.definers: dict[str, list[TypeInfo]] = {}
        """The classes of the source, in its order, and those of them that define a special method themselves."""
        self.decorators: dict[SymbolNode, Decorator] = {}
        self.constants: dict[Var, int | bool | str | bytes | None] = {}
        self.weak_used = False
        self.half_made: set[FuncDef] = set()
        """The functions whose `self` may be an object whose __init__ raised (lower/halfmade.py)."""
        self.plain_types: dict[TypeInfo, Type] = {}
        """What `convert` gave for classes without type arguments."""
        self.known_names: dict[str, TypeInfo | None] = {}
        self.known_functions: dict[str, Function] = {}
        self.known_classes: dict[tuple[str, tuple[Type, ...]], Class] = {}
        self.known_methods: dict[tuple[Class, str], Function] = {}
        self.unchecked: list[Callable[[], None]] = []
        """The checks of functions that are put off until all are lowered (checks.py)."""
        self.unassigned: set[Global] = set()
        """Module variables that the module's initialiser may leave without a value."""
        self.generated: dict[object, Class] = {}
        self.texts: dict[str, list[str]] = {}

    # --- names -----------------------------------------------------------------------------------------------------

    def unique(self, name: str) -> str:
        """A C name not used before."""
        name = mangle(name)
        candidate, count = name, 2
        while candidate in self.names:
            candidate, count = f"{name}_{count}", count + 1
        self.names.add(candidate)
        return candidate

    def module_of(self, fullname: str) -> str:
        """The program module that holds a definition of this full name."""
        parts = fullname.split(".")
        for count in range(len(parts) - 1, 0, -1):
            name = ".".join(parts[:count])
            if name in self.checked.trees:
                return name
        return parts[0]

    def file_of(self, module: str) -> str:
        if module in self.modules:
            return self.modules[module].path
        return self.checked.trees[module].path if module in self.checked.trees else module

    def lines_of(self, file: str) -> list[str]:
        """The text of a source file."""
        found = self.texts.get(file)
        if found is None:
            found = self.texts[file] = open_source(file).read().split("\n")
        return found

    # --- types -----------------------------------------------------------------------------------------------------

    def convert(self, mypy_type: MypyType | None, env: dict[str, Type], place: Place | None = None) -> Type:
        """The compiled type of a mypy type, type variables replaced from `env`."""
        return convert(self, mypy_type, env, place)

    def join(self, left: Type, right: Type, place: Place | None = None) -> Type:
        """The least type both belong to: of ints the sized one, of classes the common base."""
        return join(self, left, right, place)

    # --- classes ---------------------------------------------------------------------------------------------------

    def info_named(self, fullname: str) -> TypeInfo | None:
        """The class definition of a full name, None when there is none."""
        if fullname not in self.known_names:
            self.known_names[fullname] = self._find_info(fullname)
        return self.known_names[fullname]

    def _find_info(self, fullname: str) -> TypeInfo | None:
        module = self.module_of(fullname)
        tree = self.checked.trees.get(module)
        if tree is None:
            return None
        symbol = None
        names = tree.names
        for part in fullname[len(module) + 1 :].split("."):
            symbol = names.get(part)
            if symbol is None or not isinstance(symbol.node, TypeInfo):
                return None
            names = symbol.node.names
        return symbol.node if symbol and isinstance(symbol.node, TypeInfo) else None

    def class_named(self, fullname: str, args: tuple[Type, ...] = ()) -> Class:
        found = self.known_classes.get((fullname, args))
        if found is None:
            info = self.info_named(fullname)
            if info is None:
                raise CompileError(None, f"the runtime has no class {fullname}")
            found = self.known_classes[fullname, args] = self.class_of(info, args)
        return found

    def exception_class(self, name: str) -> Class:
        """A builtin exception class."""
        return self.class_named(f"scarlet.runtime.exceptions.{name}")

    def class_of(self, info: TypeInfo, args: tuple[Type, ...]) -> Class:
        """The compiled class of a definition and its type arguments."""
        info, args = compiled_as(self, info, args)
        return self.classes.get((info.fullname, args)) or make_class(self, info, args)

    def generated_class(self, key: object, name: str, module: str, fields: dict[str, Type], *, construct: bool = True) -> Class:
        """A class that no source defines: cells, closures, generators."""
        found = self.generated.get(key)
        if found is None:
            base = self.class_named("builtins.object")
            found = Class(name, self.unique(f"{mangle(module)}__{mangle(name)}"), base.info, (), {}, module, base)
            found.fields, found.own_fields = dict(fields), list(fields)
            found.resolved = found.generated = True
            found.depth = 1
            base.subclasses.append(found)
            self.generated[key] = found
            if construct:
                dispatch.construct(self, found)
        return found

    def fields_of(self, cls: Class) -> dict[str, Type]:
        """All instance attributes in layout order, the base class's first."""
        if not cls.resolved:
            cls.resolved = True
            find_fields(self, cls)
        return cls.fields

    # --- functions -------------------------------------------------------------------------------------------------

    def method_node(self, cls: Class, name: str) -> tuple[Class, FuncDef, Decorator | None] | None:
        """The definition of a method or property getter, and its decorator node if it has one."""
        found = cls.definition(name)
        if found is None:
            return None
        owner, node = found
        decorator = None
        if isinstance(node, OverloadedFuncDef):
            first = node.items[0]
            if node.is_property or owner.is_protocol:
                node = first
            elif node.impl is not None:
                node = node.impl
        if isinstance(node, Decorator):
            decorator, node = node, node.func
        if not isinstance(node, FuncDef):
            return None
        return owner, node, decorator

    def setter_node(self, cls: Class, name: str) -> tuple[Class, FuncDef] | None:
        found = cls.definition(name)
        if found is None or not isinstance(found[1], OverloadedFuncDef):
            return None
        for item in found[1].items[1:]:
            if isinstance(item, Decorator):
                return found[0], item.func
        return None

    def method_function(self, cls: Class, name: str) -> Function | None:
        """The compiled method of a class, looked up on its base chain; None when there is none."""
        if cls.generated:
            return cls.methods.get(name)
        known = self.known_methods.get((cls, name))
        if known is None:
            known = self._find_method(cls, name)
            if known is not None:
                self.known_methods[cls, name] = known
        return known

    def _find_method(self, cls: Class, name: str) -> Function | None:
        found = self.method_node(cls, name)
        if found is None:
            return self.synthesised_method(cls, name)
        owner, node, _ = found
        if owner.name == "builtins.object":
            return self.synthesised_method(cls, name)
        synthesised = self.synthesised_method(cls, name, below=owner)
        if synthesised is not None:
            return synthesised
        return self.function_of(node, owner, owner.env)

    def synthesised_method(self, cls: Class, name: str, below: Class | None = None) -> Function | None:
        """A method generated for a dataclass, @struct or enum class (set by lower/synthesis.py)."""
        from scarlet.compiler.lower.synthesis import synthesised_method

        for owner in cls.ancestors():
            if owner is below:
                return None
            function = synthesised_method(self, owner, name)
            if function is not None:
                return function
        return synthesised_method(self, self.class_named("builtins.object"), name) if cls.is_protocol else None

    def function_named(self, fullname: str, env: dict[str, Type] | None = None) -> Function:
        """A module-level function of the runtime."""
        if env is None and fullname in self.known_functions:
            return self.known_functions[fullname]
        module, _, name = fullname.rpartition(".")
        tree = self.checked.trees.get(module)
        symbol = tree.names.get(name) if tree is not None else None
        node = symbol.node if symbol is not None else None
        if isinstance(node, Decorator):
            node = node.func
        if not isinstance(node, FuncDef):
            raise CompileError(None, f"the runtime has no function {fullname}")
        if env is None:
            self.known_functions[fullname] = self.function_of(node, None, {})
            return self.known_functions[fullname]
        return self.function_of(node, None, env)

    def function_of(self, node: FuncDef | LambdaExpr, owner: Class | None, env: dict[str, Type], queue: bool = True) -> Function:
        """The compiled function of a definition under a type-variable binding."""
        relevant = tuple(sorted((key, value) for key, value in env.items() if key != "Self")) if env else ()
        key = (node, owner, tuple((k, v) for k, v in relevant))
        found = self.functions.get(key)
        if found is None:
            found = make_function(self, node, owner, env)
            if self.lowerer is not None:
                found.asked = self.lowerer.function, self.lowerer.place
            self.functions[key] = found
        if queue:
            self.enqueue(found)
        return found

    def enqueue(self, function: Function) -> None:
        if not function.queued:
            function.queued = True
            if function.declared or function.owner is not None and function.owner.is_protocol:
                return  # a declaration
            self.queue.append(function)

    def synthesise(self, key: object, make: Callable[[], Function]) -> Function:
        """A generated function, made once for each key."""
        found = self.functions.get(key)
        if found is None:
            found = make()
            self.functions[key] = found
            self.enqueue(found)
        return found

    # --- globals ---------------------------------------------------------------------------------------------------

    def global_of(self, var: Var, env: dict[str, Type] | None = None, fullname: str = "") -> Global:
        """The global variable of a module-level or class-level name."""
        fullname = fullname or var.fullname
        found = self.globals.get(fullname)
        if found is None:
            module = self.module_of(fullname)
            place = Place(self.file_of(module), var.line)
            kind = self.convert(var.type, env or {}, place)
            local = fullname[len(module) + 1 :]
            found = Global(fullname, self.unique(f"{mangle(module)}__{mangle(local)}__var"), kind, module)
            found.written_once = bool(var.is_final)
            self.globals[fullname] = found
        return found


__all__ = ["Class", "Function", "Global", "Param", "Program", "mangle"]
