"""The whole program as the compiler sees it: classes, functions and globals after monomorphisation, created on demand.

Lowering starts from the roots (module initialisers, exported functions) and asks for what it meets: `class_of` and `function_of` give the
one instance for a definition and its type arguments and queue it. Only what is reachable is compiled. A dispatched method is compiled for
every constructed class that could receive the call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from mypy.nodes import (
    ARG_NAMED,
    ARG_NAMED_OPT,
    ARG_OPT,
    ARG_STAR,
    ARG_STAR2,
    Argument,
    AssignmentStmt,
    ClassDef,
    Decorator,
    Expression,
    FuncDef,
    LambdaExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.types import (
    CallableType,
    ProperType,
    get_proper_type,
)
from mypy.types import Type as MypyType

from scarlet.compiler.entities import Class, Function, Global, Param, mangle
from scarlet.compiler.errors import CompileError, Place, Report
from scarlet.compiler.front import Checked, Module, is_library
from scarlet.compiler.ir import Op
from scarlet.compiler.mypytypes import convert, join
from scarlet.compiler.types import (
    CLASS_REF,
    INT,
    Type,
)

RUNTIME_CLASSES = {
    "builtins.list": "scarlet.runtime.list.List",
    "builtins.dict": "scarlet.runtime.dict.Dict",
    "builtins.set": "scarlet.runtime.set.Set",
    "builtins.frozenset": "scarlet.runtime.set.Set",
    "builtins.str": "scarlet.runtime.str.Str",
    "builtins.bytes": "scarlet.runtime.bytes.Bytes",
    "builtins.bytearray": "scarlet.runtime.bytes.ByteArray",
    "builtins.memoryview": "scarlet.runtime.bytes.MemoryView",
    "collections.deque": "scarlet.runtime.deque.Deque",
    "weakref.ref": "scarlet.runtime.weakref.Ref",
    "weakref.ReferenceType": "scarlet.runtime.weakref.Ref",
    "_weakref.ReferenceType": "scarlet.runtime.weakref.Ref",
    "_collections_abc.dict_keys": "scarlet.runtime.dict.DictKeys",
    "_collections_abc.dict_values": "scarlet.runtime.dict.DictValues",
    "_collections_abc.dict_items": "scarlet.runtime.dict.DictItems",
}
"""Builtin classes and the classes of the runtime that implement them."""

ABSTRACT_PROTOCOLS = {
    "typing.Sequence",
    "typing.Mapping",
    "typing.MutableSequence",
    "typing.Collection",
    "typing.AbstractSet",
    "typing.Generator",
}
"""Abstract base classes of typing that are treated as protocols."""

DEEPEST = 8
"""The length of the list of ancestors in a class record, object included (emit/prelude.py)."""

INT_ENUMS = {"enum.IntEnum", "enum.IntFlag", "enum.Flag"}


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
        self.lowered: list[Function] = []
        self.dispatches: dict[tuple[Class, str], list[Function]] = {}
        self.constructed: list[Class] = []
        self.instances: dict[Class, list[Class]] = {}
        """Of those, the ones that derive from a class, or are it."""
        self.names: set[str] = set()
        self.finals: dict[Var, Expression] = {}
        self.assigned_attributes: set[str] = set()
        self.reassigned_attributes: set[str] = set()
        self.init_assignments: dict[str, int] = {}
        self.class_values: dict[str, dict[str, Expression]] = {}
        self.decorators: dict[SymbolNode, Decorator] = {}
        self.constants: dict[Var, int | bool | str | bytes | None] = {}
        self.weak_used = False
        self.half_made: set[FuncDef] = set()
        """The functions whose `self` may be an object whose __init__ raised (lower/halfmade.py)."""
        self.plain_types: dict[TypeInfo, Type] = {}
        """What `convert` gave for classes without type arguments."""
        self.known_names: dict[str, TypeInfo | None] = {}
        self.known_functions: dict[str, Function] = {}
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
            found = self.texts[file] = Path(file).read_text(encoding="utf-8").split("\n")
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
        info = self.info_named(fullname)
        if info is None:
            raise CompileError(None, f"the runtime has no class {fullname}")
        return self.class_of(info, args)

    def exception_class(self, name: str) -> Class:
        """A builtin exception class."""
        return self.class_named(f"scarlet.runtime.exceptions.{name}")

    def class_of(self, info: TypeInfo, args: tuple[Type, ...]) -> Class:
        """The compiled class of a definition and its type arguments."""
        fullname = info.fullname
        if fullname in RUNTIME_CLASSES:
            replaced = self.info_named(RUNTIME_CLASSES[fullname])
            if replaced is None:
                raise CompileError(None, f"the runtime has no class {RUNTIME_CLASSES[fullname]}")
            info, fullname = replaced, replaced.fullname
        elif fullname.startswith("builtins."):
            replaced = self.info_named("scarlet.runtime.exceptions." + info.name)
            if replaced is not None:
                info, fullname = replaced, replaced.fullname
        elif fullname in ("typing.Generator",):
            iterator = self.info_named("typing.Iterator")
            assert iterator is not None
            info, fullname, args = iterator, "typing.Iterator", args[:1]
        key = (fullname, args)
        found = self.classes.get(key)
        if found is not None:
            return found
        env: dict[str, Type] = {}
        for variable, arg in zip(info.defn.type_vars, args):
            env[variable.fullname] = arg
        name = fullname + (f"[{', '.join(map(str, args))}]" if args else "")
        module = self.module_of(fullname)
        local = fullname[len(module) + 1 :]
        cname = self.unique(f"{mangle(module)}__{mangle(local)}" + (f"__{mangle('_'.join(map(str, args)))}" if args else ""))
        cls = Class(name, cname, info, args, env, module, None)
        self.classes[key] = cls
        mro = {base.fullname for base in info.mro}
        cls.is_int_enum = bool(mro & INT_ENUMS) and fullname not in INT_ENUMS
        cls.is_enum = "enum.Enum" in mro and not cls.is_int_enum
        cls.is_protocol = info.is_protocol or fullname in ABSTRACT_PROTOCOLS
        env["Self"] = cls.type
        if not cls.is_protocol and not cls.is_enum and not cls.is_int_enum:
            for base in info.bases:
                if base.type.is_protocol or base.type.fullname in ("typing.Generic", "abc.ABC") or base.type.fullname in ABSTRACT_PROTOCOLS:
                    continue
                base_class = self.class_of(base.type, tuple(self.convert(arg, env) for arg in base.args))
                if cls.base is None:
                    cls.base = base_class
                elif base_class.name != "builtins.object":
                    raise CompileError(self.place_of(info), f"{info.name} has two base classes", "one base class; others must be protocols")
            if cls.base is None and fullname != "builtins.object":
                cls.base = self.class_named("builtins.object")
            if cls.base is not None:
                cls.base.subclasses.append(cls)
                cls.depth = cls.base.depth + 1
                if cls.depth >= DEEPEST:
                    raise CompileError(self.place_of(info), f"{info.name} has more than {DEEPEST - 1} classes above it", "composition")
        return cls

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
                self.construct(found)
        return found

    def place_of(self, info: TypeInfo) -> Place:
        return Place(self.file_of(info.module_name), info.line)

    def fields_of(self, cls: Class) -> dict[str, Type]:
        """All instance attributes in layout order, the base class's first."""
        if cls.resolved:
            return cls.fields
        cls.resolved = True
        if cls.base is not None:
            cls.fields.update(self.fields_of(cls.base))
        if cls.name == "builtins.object" or cls.is_protocol or cls.is_int_enum:
            return cls.fields
        if cls.is_enum:
            cls.fields["_name_"] = self.class_named("scarlet.runtime.str.Str").type
            cls.fields["_value_"] = self.enum_value_type(cls)
            cls.own_fields = list(cls.fields)
            return cls.fields
        for name, symbol in cls.info.names.items():
            node = symbol.node
            if not isinstance(node, Var) or name in cls.fields or name in ("__slots__", "__match_args__", "__doc__"):
                continue
            if not self.is_instance_variable(cls, name, node):
                continue
            place = Place(self.file_of(cls.module), node.line if node.line > 0 else cls.info.line)
            cls.fields[name] = self.convert(node.type, cls.env, place)
            cls.own_fields.append(name)
        return cls.fields

    def is_instance_variable(self, cls: Class, name: str, node: Var) -> bool:
        """Whether a class-body or self variable is stored in each object (else it is one global of the class)."""
        if node.is_property and not self.is_dataclass(cls.info):  # mypy makes the fields of a frozen dataclass properties
            return False
        if node.is_classvar and not self._overridden(cls.info, name):
            return False
        if name.startswith(("__dataclass", "__mypy")):
            return False
        values = self.class_values.get(cls.info.fullname, {})
        if name not in values:
            return not node.is_classvar
        if self.is_dataclass(cls.info):
            return not node.is_classvar
        if node.is_final and not self._overridden(cls.info, name):
            return False
        return name in self.assigned_attributes or self._overridden(cls.info, name)

    def _overridden(self, info: TypeInfo, name: str) -> bool:
        for fullname, values in self.class_values.items():
            if name in values and fullname != info.fullname:
                other = self.info_named(fullname)
                if other is not None and info in other.mro:
                    return True
        return False

    @staticmethod
    def is_dataclass(info: TypeInfo) -> bool:
        return "dataclass" in info.metadata or "dataclass_tag" in info.metadata

    @staticmethod
    def struct_decorator(info: TypeInfo) -> Expression | None:
        """The @struct decorator of a class, None if it has none."""
        from mypy.nodes import CallExpr, RefExpr

        for decorator in info.defn.decorators:
            callee = decorator.callee if isinstance(decorator, CallExpr) else decorator
            if isinstance(callee, RefExpr) and callee.fullname == "scarlet.lang.struct.struct":
                return decorator
        return None

    def enum_value_type(self, cls: Class) -> Type:
        kinds = {type(value) for _, value in self.enum_members(cls)}
        if kinds == {str}:
            return self.class_named("scarlet.runtime.str.Str").type
        if kinds == {bytes}:
            return self.class_named("scarlet.runtime.bytes.Bytes").type
        return INT

    def enum_members(self, cls: Class) -> list[tuple[str, int | str | bytes]]:
        """(name, value) of an enum's members in order; filled by constants.py."""
        from scarlet.compiler.constants import enum_members

        return enum_members(self, cls.info)

    def construct(self, cls: Class) -> None:
        """Note that objects of the class exist: dispatched methods must be compiled for it."""
        if cls.constructed:
            return
        cls.constructed = True
        self.constructed.append(cls)
        seen_as = set(cls.ancestors())
        for ancestor in seen_as:
            self.instances.setdefault(ancestor, []).append(cls)
        for static, method in list(self.dispatches):
            if static in seen_as or static.is_protocol:
                self._resolve_dispatch(static, method, cls)
        for hook in ("__del__", "__payload_size__"):
            self.method_function(cls, hook)

    def dispatch(self, cls: Class, method: str) -> None:
        """Note a dynamically dispatched call."""
        if (cls, method) in self.dispatches:
            return
        self.dispatches[cls, method] = []
        for other in list(self.constructed if cls.is_protocol else self.instances.get(cls, ())):
            self._resolve_dispatch(cls, method, other)

    def implements(self, cls: Class, static: Class) -> bool:
        """Whether an object of class `cls` can be seen as `static`."""
        if cls.derives(static):
            return True
        return static.is_protocol and self._structural(cls, static)

    def _structural(self, cls: Class, protocol: Class) -> bool:
        if cls.generated:
            return all(name in cls.methods and self._same_shape(cls, protocol, name) for name in protocol.info.protocol_members)
        for base in cls.info.mro:
            if base is protocol.info:
                return True
        if protocol.info.is_protocol:
            members = set(protocol.info.protocol_members)
        else:
            members = {
                name
                for base in protocol.info.mro
                if base.fullname != "builtins.object"
                for name in base.names
                if name in ("__iter__", "__getitem__", "__len__")
            }
        if not members or any(cls.definition(name) is None for name in members):
            return False
        return all(self._same_shape(cls, protocol, name) for name in sorted(members))  # the order decides what is compiled first

    def _same_shape(self, cls: Class, protocol: Class, name: str) -> bool:
        """Whether a method has the representation that this instance of a generic protocol asks for (Iterator[int] is not
        Iterator[str])."""
        from scarlet.compiler.emit.names import code
        from scarlet.compiler.types import is_integer

        try:
            mine, theirs = self.method_function(cls, name), self.method_function(protocol, name)
        except CompileError:
            return False
        if mine is None or theirs is None:
            return True
        a = [param.type for param in mine.params[1:]] + [mine.result]
        b = [param.type for param in theirs.params[1:]] + [theirs.result]
        return len(a) == len(b) and all(code(x) == code(y) or is_integer(x) and is_integer(y) for x, y in zip(a, b))

    def _resolve_dispatch(self, static: Class, method: str, cls: Class) -> None:
        if not self.implements(cls, static):
            return
        try:
            function = self.method_function(cls, method)
        except CompileError as error:
            self.report.add(error)
            return
        if function is not None and function not in self.dispatches[static, method]:
            self.dispatches[static, method].append(function)

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
            found = self._make_function(node, owner, env)
            self.functions[key] = found
        if queue:
            self.enqueue(found)
        return found

    def enqueue(self, function: Function) -> None:
        if not function.queued:
            function.queued = True
            if function.owner is not None and function.owner.is_protocol:
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

    def parameters(self, node: FuncDef | LambdaExpr, owner: Class | None, env: dict[str, Type], place: Place) -> tuple[list[Param], Type]:
        """Parameters and result of a definition, with `self` first for methods."""
        signature = get_proper_type(node.type) if node.type is not None else None
        if not isinstance(signature, CallableType):
            if isinstance(node, FuncDef):
                raise CompileError(place, f"{node.name} has no type annotations", "annotations for all parameters and the result")
            raise CompileError(place, "the type of this lambda is not known")
        params: list[Param] = []
        arguments: list[Argument] | list[None] = [None] * len(signature.arg_types) if self._is_library(node) else node.arguments
        for argument, name, kind, mypy_type in zip(arguments, signature.arg_names, signature.arg_kinds, signature.arg_types):
            if kind in (ARG_STAR, ARG_STAR2):
                raise CompileError(place, "*args and **kwargs are outside the dialect", "a list or keyword parameters")
            name = argument.variable.name if argument is not None else name or "_"
            word = {ARG_OPT: "opt", ARG_NAMED: "named", ARG_NAMED_OPT: "named_opt"}.get(kind, "pos")
            is_self = (
                isinstance(node, FuncDef) and not params and owner is not None and (node.has_self_or_cls_argument and not node.is_static)
            )
            if is_self:
                converted: Type = CLASS_REF if isinstance(node, FuncDef) and node.is_class else owner.type  # type: ignore[union-attr]
            else:
                converted = self.convert(mypy_type, env, place)
            if argument is not None:
                params.append(Param(name, converted, word, argument.initializer, argument.variable))
            else:
                params.append(Param(name, converted))
        result = self.convert(signature.ret_type, env, place)
        return params, result

    def _is_library(self, node: FuncDef | LambdaExpr) -> bool:
        """Whether a definition is in a stub of the library, of which only the types are known, not even the defaults."""
        if not isinstance(node, FuncDef) or "." not in node.fullname:  # a nested function
            return False
        return is_library(self.checked.trees[self.module_of(node.fullname)].path)

    def _make_function(self, node: FuncDef | LambdaExpr, owner: Class | None, env: dict[str, Type]) -> Function:
        assert isinstance(node, FuncDef)
        fullname = node.fullname
        module = owner.module if owner is not None else self.module_of(fullname)
        file = self.file_of(module)
        place = Place(file, node.line)
        params, result = self.parameters(node, owner, env, place)
        local = fullname[len(module) + 1 :] if fullname.startswith(module + ".") else fullname
        if owner is not None:
            name = f"{owner.name}.{node.name}"
            base = f"{owner.cname}__{node.name}"
        else:
            name = f"{module}.{local}"
            base = f"{mangle(module)}__{mangle(local)}"
        own = [str(value) for key, value in sorted(env.items()) if owner is None or key not in owner.env]
        if own:
            name += f"[{', '.join(own)}]"
            base += "__" + mangle("_".join(own))
        function = Function(name, self.unique(base), module, file, node.line, params, result, env, node, owner)
        function.is_generator = node.is_generator
        from scarlet.compiler.decorators import apply_decorators

        apply_decorators(self, function, node)
        return function

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

    # --- scanning --------------------------------------------------------------------------------------------------

    def scan(self) -> None:
        """Collect facts about the whole source before lowering: final values, class-body values, assigned attribute names."""
        from scarlet.compiler.scan import scan_module

        for module in self.checked.modules:
            scan_module(self, module.tree)

    def decorator_of(self, node: FuncDef) -> Decorator | None:
        return self.decorators.get(node)


__all__ = [
    "AssignmentStmt", "Class", "ClassDef", "Function", "Global", "MemberExpr", "MypyFile", "NameExpr",
    "Op", "Param", "Program", "ProperType", "mangle",
]  # fmt: skip
