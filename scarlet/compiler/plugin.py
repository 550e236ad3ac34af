"""The mypy plugin of the dialect (docs/dialect.md, Integers and Layouts).

Three things that plain mypy cannot know:
- an int stands where a sized integer is meant and the reverse (the compiler inserts the range checks);
- in scarlet.runtime, the runtime class and the builtin it implements are one type (Str and str);
- a @struct class has SIZE, ALIGN, OFFSETS, pack(), parse() and an __init__ of optional keywords.
"""

from collections.abc import Callable

from mypy.nodes import (
    ARG_NAMED_OPT,
    ARG_OPT,
    ARG_POS,
    Argument,
    AssignmentStmt,
    CallExpr,
    Expression,
    NameExpr,
    RefExpr,
    TypeInfo,
    Var,
)
from mypy.plugin import ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class, add_method_to_class
from mypy.types import Instance, NoneType

SIZED = {f"scarlet.lang.ints.{name}" for name in ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")}
TWINS = {
    "scarlet.runtime.str.Str": "builtins.str",
    "scarlet.runtime.bytes.Bytes": "builtins.bytes",
    "scarlet.runtime.bytearray.ByteArray": "builtins.bytearray",
    "scarlet.runtime.memoryview.MemoryView": "builtins.memoryview",
}
STRUCT = "scarlet.lang.struct.struct"
STRUCT_FIELDS = "scarlet_struct_fields"


def _sized(context: ClassDefContext) -> None:
    integer = context.api.named_type("builtins.int")
    info = context.cls.info
    if not any(item.type is info for item in integer.type._promote if isinstance(item, Instance)):
        integer.type._promote.append(Instance(info, []))
    info.alt_promote = Instance(integer.type, [])


def _twin(context: ClassDefContext) -> None:
    info = context.cls.info
    builtin = context.api.named_type(TWINS[info.fullname])
    if not any(item.type is info for item in builtin.type._promote if isinstance(item, Instance)):
        builtin.type._promote.append(Instance(info, []))
    # No circular promotion: the way back is the low-level integer's special case.
    info.alt_promote = Instance(builtin.type, [])


def struct_fields(info: TypeInfo) -> list[AssignmentStmt]:
    """The annotated assignments of a @struct class body, in order."""
    return [
        stmt
        for stmt in info.defn.defs.body
        if isinstance(stmt, AssignmentStmt) and isinstance(stmt.lvalues[0], NameExpr) and stmt.unanalyzed_type is not None
    ]


def struct_decorator(info: TypeInfo) -> Expression | None:
    """The @struct decorator of a class, None if it has none."""
    for decorator in info.defn.decorators:
        callee = decorator.callee if isinstance(decorator, CallExpr) else decorator
        if isinstance(callee, RefExpr) and callee.fullname == STRUCT:
            return decorator
    return None


def _struct(context: ClassDefContext) -> bool:
    api = context.api
    info = context.cls.info
    integer = api.named_type("builtins.int")
    data = api.named_type("builtins.bytes")
    arguments = []
    for stmt in struct_fields(info):
        lvalue = stmt.lvalues[0]
        assert isinstance(lvalue, NameExpr)
        kind = stmt.type
        if kind is None:
            return False
        arguments.append(Argument(Var(lvalue.name, kind), kind, None, ARG_NAMED_OPT))
    add_method_to_class(api, context.cls, "__init__", arguments, NoneType())
    add_method_to_class(api, context.cls, "pack", [], data)
    buffer = api.named_type_or_none("typing_extensions.Buffer") or api.named_type_or_none("collections.abc.Buffer") or data
    add_method_to_class(
        api,
        context.cls,
        "parse",
        [Argument(Var("data", buffer), buffer, None, ARG_POS), Argument(Var("offset", integer), integer, None, ARG_OPT)],
        Instance(info, []),
        is_staticmethod=True,
    )
    for name in ("SIZE", "ALIGN"):
        add_attribute_to_class(api, context.cls, name, integer, is_classvar=True, final=True)
    add_attribute_to_class(
        api,
        context.cls,
        "OFFSETS",
        api.named_type("builtins.dict", [api.named_type("builtins.str"), integer]),
        is_classvar=True,
        final=True,
    )
    return True


class DialectPlugin(Plugin):
    """See the module docstring."""

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        if fullname in SIZED:
            return _sized
        if fullname in TWINS:
            return _twin
        return None

    def get_class_decorator_hook_2(self, fullname: str) -> Callable[[ClassDefContext], bool] | None:
        return _struct if fullname == STRUCT else None


def plugin(version: str) -> type[Plugin]:
    """mypy's entry point."""
    return DialectPlugin
