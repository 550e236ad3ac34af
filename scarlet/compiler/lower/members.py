"""Attributes: of objects, classes, enums and modules."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import dispatch, ir
from scarlet.compiler.constants import enum_members, member
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.lower.conversions import retype
from scarlet.compiler.lower.expressions import constant_operand, definition, narrowed
from scarlet.compiler.program import Class, Global
from scarlet.compiler.types import (
    BOOL,
    INT,
    U64,
    EnumIntType,
    IntType,
    ObjectType,
    OptionalType,
    PointerType,
    TupleType,
    Type,
)

GETTER = "get:"
"""Prefix of the generated methods that read a data attribute of a protocol."""


@expression(n.MemberExpr)
def attribute(low: Lowerer, node: n.MemberExpr, want: Type | None) -> Operand:
    owner = node.expr
    if isinstance(owner, n.RefExpr) and isinstance(owner.node, n.MypyFile):
        return definition(low, node, node.node, want)
    info = class_reference(owner)
    if info is not None:
        return class_attribute(low, info, node, want)
    if (
        node.name == "__name__"
        and isinstance(owner, n.CallExpr)
        and isinstance(owner.callee, n.NameExpr)
        and owner.callee.fullname == "builtins.type"
    ):
        return low.prim("class_short_name", [low.expr(owner.args[0])], low.str_type)
    value = low.expr(owner)
    return narrowed(low, node, attribute_of(low, value, node.name, node))


def class_reference(node: n.Expression) -> n.TypeInfo | None:
    """The class an expression names, None when it is a value."""
    if isinstance(node, n.RefExpr) and isinstance(node.node, n.TypeInfo):
        return node.node
    if isinstance(node, n.IndexExpr) and isinstance(node.analyzed, n.TypeApplication) and isinstance(node.base, n.RefExpr):
        return node.base.node if isinstance(node.base.node, n.TypeInfo) else None
    if isinstance(node, n.RefExpr) and isinstance(node.node, n.TypeAlias):
        target = node.node.target
        from mypy.types import Instance, get_proper_type

        proper = get_proper_type(target)
        if isinstance(proper, Instance):
            return proper.type
    return None


def class_attribute(low: Lowerer, info: n.TypeInfo, node: n.MemberExpr, want: Type | None) -> Operand:
    """Class.attribute: an enum member, a constant, a class variable, a nested class, a static method."""
    value = member(low.program, info, node.name)
    symbol = None
    for base in info.mro:
        if node.name in base.names:
            symbol = base.names[node.name]
            break
    from scarlet.compiler.constants import is_enum, is_int_enum

    if is_int_enum(info) and isinstance(value, int):
        return Imm(value, low.program.class_of(info, ()).type)
    if is_enum(info) and not is_int_enum(info):
        names = [item for item, _ in enum_members(low.program, info)]
        if node.name in names:
            return enum_member(low, low.program.class_of(info, ()), names.index(node.name))
    if value is not None:
        declared = low.maybe_type_of(node)
        return constant_operand(low, value, declared, want)
    if symbol is not None and isinstance(symbol.node, n.Var):
        return low.get_global(class_variable(low, info, node.name))
    if symbol is not None and isinstance(symbol.node, (n.Decorator, n.FuncDef)):
        from scarlet.compiler.lower.closures import function_value

        function = symbol.node.func if isinstance(symbol.node, n.Decorator) else symbol.node
        return function_value(low, function, node, low.program.class_of(info, ()))
    if symbol is not None and isinstance(symbol.node, n.TypeInfo):
        return definition(low, node, symbol.node, want)
    raise low.refuse(f"{info.name}.{node.name} is not a value in the dialect", "", node)


def class_variable(low: Lowerer, info: n.TypeInfo, attribute_name: str) -> Global:
    """The global that holds a class variable."""
    for base in info.mro:
        symbol = base.names.get(attribute_name)
        if symbol is not None and isinstance(symbol.node, n.Var):
            return low.program.global_of(symbol.node, low.env, f"{base.fullname}.{attribute_name}")
    raise low.refuse(f"{info.name} has no attribute {attribute_name}")


def enum_member(low: Lowerer, cls: Class, index: int) -> Operand:
    """A member of an Enum, by position; aliases are the first member of their value."""
    members = enum_members(low.program, cls.info)
    for first, (_, value) in enumerate(members):
        if value == members[index][1]:
            index = first
            break
    dst = low.temp(ObjectType(cls))
    dispatch.construct(low.program, cls)
    low.emit(ir.EnumMember(dst, cls, index))
    return dst


def attribute_of(low: Lowerer, value: Operand, attribute_name: str, node: n.MemberExpr | None = None) -> Operand:
    """value.attribute for an instance."""
    kind = value.type
    if isinstance(kind, OptionalType):
        from scarlet.compiler.lower.conversions import unwrap

        value = unwrap(low, value, kind)
        kind = value.type
    if isinstance(kind, EnumIntType):
        return enum_attribute(low, value, kind.cls, attribute_name)
    if isinstance(kind, PointerType):
        if attribute_name == "address":
            return low.prim("retype", [value], U64)
        if attribute_name == "item_size":
            return low.prim("sizeof", [value], INT)
        if attribute_name == "counted":
            return Imm(kind.item.counted, BOOL)
    if isinstance(kind, TupleType):
        raise low.refuse(f"a tuple has no attribute {attribute_name}")
    if isinstance(kind, IntType):
        if attribute_name in ("real", "numerator"):
            return value
        raise low.refuse(f"{kind}.{attribute_name} is outside the dialect")
    if isinstance(kind, ObjectType):
        return object_attribute(low, value, kind.cls, attribute_name, node)
    raise low.refuse(f"a value of type {kind} has no attribute {attribute_name}")


def enum_attribute(low: Lowerer, value: Operand, cls: Class, attribute_name: str) -> Operand:
    if attribute_name in ("value", "_value_"):
        return retype(low, value, INT)
    function = low.program.method_function(cls, "name" if attribute_name == "_name_" else attribute_name)
    if function is None:
        raise low.refuse(f"{cls.info.name} has no attribute {attribute_name}")
    return low.call(function, [value])


def object_attribute(low: Lowerer, value: Operand, cls: Class, attribute_name: str, node: n.MemberExpr | None) -> Operand:
    if cls.is_enum and attribute_name in ("name", "value"):
        attribute_name = f"_{attribute_name}_"
    fields = low.program.fields_of(cls)
    if attribute_name in fields:
        return low.get_field(value, cls, attribute_name)
    found = low.program.method_node(cls, attribute_name)
    if found is not None:
        _, function, _ = found
        if function.is_property and cls.is_protocol:
            return protocol_attribute(low, value, cls, attribute_name)  # a field or a class attribute may stand behind it
        if function.is_property:
            return low.call_method(cls, value, attribute_name, [])
        from scarlet.compiler.lower.closures import bind_method

        return bind_method(low, value, cls, attribute_name)
    symbol = cls.definition(attribute_name)
    if symbol is not None and isinstance(symbol[1], n.Var):
        constant_value = member(low.program, cls.info, attribute_name)
        if constant_value is not None:
            return constant_operand(low, constant_value, low.program.convert(symbol[1].type, symbol[0].env), None)
        if cls.is_protocol:
            return protocol_attribute(low, value, cls, attribute_name)
        return low.get_global(low.program.global_of(symbol[1], symbol[0].env, f"{symbol[0].info.fullname}.{attribute_name}"))
    if low.program.synthesised_method(cls, attribute_name) is not None:
        return low.call_method(cls, value, attribute_name, [])
    raise low.refuse(f"{cls.info.name} has no attribute {attribute_name}", "", node)


def protocol_attribute(low: Lowerer, value: Operand, cls: Class, attribute_name: str) -> Operand:
    """A data attribute or property of a protocol: read through a generated getter of the real class."""
    return low.call_method(cls, value, GETTER + attribute_name, [])
