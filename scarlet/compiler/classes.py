"""Classes from their definitions: which class of the runtime stands for a builtin one, bases, and what each object stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import TypeInfo, Var

from scarlet.compiler.constants import enum_members
from scarlet.compiler.entities import Class, mangle
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.front import is_library
from scarlet.compiler.hashable import demand_hashable
from scarlet.compiler.types import INT, ObjectType, Type

if TYPE_CHECKING:
    from scarlet.compiler.program import Program

RUNTIME_CLASSES = {
    "builtins.list": "scarlet.runtime.list.List",
    "builtins.dict": "scarlet.runtime.dict.Dict",
    "builtins.set": "scarlet.runtime.set.Set",
    "builtins.frozenset": "scarlet.runtime.set.Set",
    "builtins.str": "scarlet.runtime.str.Str",
    "builtins.bytes": "scarlet.runtime.bytes.Bytes",
    "builtins.bytearray": "scarlet.runtime.bytearray.ByteArray",
    "builtins.memoryview": "scarlet.runtime.memoryview.MemoryView",
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

LIBRARY_CLASSES = {"builtins.object", "builtins.range", "types.TracebackType", "enum.Enum", "enum.IntEnum", "enum.IntFlag", "enum.Flag"}
"""Classes of the library that are compiled as their stubs declare them."""

LAZY = {"builtins.zip", "builtins.map", "builtins.filter", "builtins.enumerate", "builtins.reversed"}
MAPPING_VIEWS = {"typing.ItemsView", "typing.KeysView", "typing.ValuesView"}
"""What the methods of a `Mapping` give."""

DEEPEST = 8
"""The length of the list of ancestors in a class record, object included (emit/prelude.py)."""

INT_ENUMS = {"enum.IntEnum", "enum.IntFlag", "enum.Flag"}


def compiled_as(program: Program, info: TypeInfo, args: tuple[Type, ...]) -> tuple[TypeInfo, tuple[Type, ...]]:
    """The definition that is compiled for a class: of a builtin one the runtime's."""
    fullname = info.fullname
    if fullname in RUNTIME_CLASSES:
        replaced = program.info_named(RUNTIME_CLASSES[fullname])
        if replaced is None:
            raise CompileError(None, f"the runtime has no class {RUNTIME_CLASSES[fullname]}")
        return replaced, args
    if fullname.startswith("builtins."):
        return program.info_named("scarlet.runtime.exceptions." + info.name) or info, args
    if fullname == "typing.Generator":
        iterator = program.info_named("typing.Iterator")
        assert iterator is not None
        return iterator, args[:1]
    return info, args


def make_class(program: Program, info: TypeInfo, args: tuple[Type, ...]) -> Class:
    """A definition with its type arguments. It is known to the program before its bases are, which may name it."""
    fullname = info.fullname
    if fullname == RUNTIME_CLASSES["weakref.ref"] and not _may_be_weak(args[0]):
        raise CompileError(None, f"there are no weak references to {args[0]}, in Python neither", "one to an object of a class of your own")
    if fullname in (RUNTIME_CLASSES["builtins.dict"], RUNTIME_CLASSES["builtins.set"]):
        demand_hashable(program, args[0])
    tree = program.checked.trees.get(info.module_name)
    if tree is not None and is_library(tree.path) and not info.is_protocol and fullname not in ABSTRACT_PROTOCOLS | LIBRARY_CLASSES:
        if fullname in LAZY:
            raise CompileError(
                None, f"a {info.name} that is kept is outside the dialect", f"{info.name}(...) where it is used, or list(...) of it"
            )
        advice = "dict[K, V] as the annotation" if fullname in MAPPING_VIEWS else "a class of your own"
        raise CompileError(None, f"the class {fullname} does not exist in the dialect", advice)
    env: dict[str, Type] = {}
    for variable, arg in zip(info.defn.type_vars, args):
        env[variable.fullname] = arg
    name = fullname + (f"[{', '.join(map(str, args))}]" if args else "")
    module = program.module_of(fullname)
    local = fullname[len(module) + 1 :]
    cname = program.unique(f"{mangle(module)}__{mangle(local)}" + (f"__{mangle('_'.join(map(str, args)))}" if args else ""))
    cls = Class(name, cname, info, args, env, module, None)
    program.classes[fullname, args] = cls
    mro = {base.fullname for base in info.mro}
    cls.is_int_enum = bool(mro & INT_ENUMS) and fullname not in INT_ENUMS
    cls.is_enum = "enum.Enum" in mro and not cls.is_int_enum
    cls.is_protocol = info.is_protocol or fullname in ABSTRACT_PROTOCOLS
    env["Self"] = cls.type
    if not cls.is_protocol and not cls.is_enum and not cls.is_int_enum:
        place = Place(program.file_of(info.module_name), info.line)
        for base in info.bases:
            if base.type.is_protocol or base.type.fullname in ("typing.Generic", "abc.ABC") or base.type.fullname in ABSTRACT_PROTOCOLS:
                continue
            base_class = program.class_of(base.type, tuple(program.convert(arg, env) for arg in base.args))
            if cls.base is None:
                cls.base = base_class
            elif base_class.name != "builtins.object":
                raise CompileError(place, f"{info.name} has two base classes", "one base class; others must be protocols")
        if cls.base is None and fullname != "builtins.object":
            cls.base = program.class_named("builtins.object")
        if cls.base is not None:
            cls.base.subclasses.append(cls)
            cls.depth = cls.base.depth + 1
            if cls.depth >= DEEPEST:
                raise CompileError(place, f"{info.name} has more than {DEEPEST - 1} classes above it", "composition")
    return cls


def _may_be_weak(kind: Type) -> bool:
    """Whether Python makes weak references to such values: not to containers and texts."""
    return isinstance(kind, ObjectType) and (
        kind.cls.module == "scarlet.runtime.exceptions" or not kind.cls.module.startswith("scarlet.runtime.")
    )


# --- attributes -----------------------------------------------------------------------------------------------------------


def find_fields(program: Program, cls: Class) -> None:
    """Set Class.fields and own_fields."""
    if cls.base is not None:
        cls.fields.update(program.fields_of(cls.base))
    if cls.name == "builtins.object" or cls.is_protocol or cls.is_int_enum:
        return
    if cls.is_enum:
        cls.fields["_name_"] = program.class_named("scarlet.runtime.str.Str").type
        cls.fields["_value_"] = enum_value_type(program, cls)
        cls.own_fields = list(cls.fields)
        return
    for name, symbol in cls.info.names.items():
        node = symbol.node
        if not isinstance(node, Var) or name in cls.fields or name in ("__slots__", "__match_args__", "__doc__"):
            continue
        if not is_instance_variable(program, cls, name, node):
            continue
        place = Place(program.file_of(cls.module), node.line if node.line > 0 else cls.info.line)
        cls.fields[name] = program.convert(node.type, cls.env, place)
        cls.own_fields.append(name)


def is_instance_variable(program: Program, cls: Class, name: str, node: Var) -> bool:
    """Whether a class-body or self variable is stored in each object (else it is one global of the class)."""
    if node.is_property and not is_dataclass(cls.info):  # mypy makes the fields of a frozen dataclass properties
        return False
    if node.is_classvar and not _overridden(program, cls.info, name):
        return False
    if name.startswith(("__dataclass", "__mypy")):
        return False
    values = program.class_values.get(cls.info.fullname, {})
    if name not in values:
        return not node.is_classvar
    if is_dataclass(cls.info):
        return not node.is_classvar
    if node.is_final and not _overridden(program, cls.info, name):
        return False
    if _overridden(program, cls.info, name):
        return True
    return any(other is None or cls.info in other.mro or other in cls.info.mro for other in program.assigned_attributes.get(name, ()))


def _overridden(program: Program, info: TypeInfo, name: str) -> bool:
    for fullname, values in program.class_values.items():
        if name in values and fullname != info.fullname:
            other = program.info_named(fullname)
            if other is not None and info in other.mro:
                return True
    return False


def is_dataclass(info: TypeInfo) -> bool:
    return "dataclass" in info.metadata or "dataclass_tag" in info.metadata


def enum_value_type(program: Program, cls: Class) -> Type:
    kinds = {type(value) for _, value in enum_members(program, cls.info)}
    if len(kinds - {bool}) > 1:
        place = Place(program.file_of(cls.module), cls.info.line)
        raise CompileError(place, f"the values of {cls.info.name} are of several types", "one type for all members: int, str or bytes")
    if kinds == {str}:
        return program.class_named("scarlet.runtime.str.Str").type
    if kinds == {bytes}:
        return program.class_named("scarlet.runtime.bytes.Bytes").type
    return INT
