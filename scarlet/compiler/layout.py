"""The byte layout of @struct classes (docs/dialect.md, Layouts): the compile-time twin of scarlet/lang/struct.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mypy import nodes as n
from mypy.types import RawExpressionType, Type, UnboundType

from scarlet.compiler.constants import constant, variable
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.plugin import struct_decorator, struct_fields
from scarlet.compiler.types import SIZED, IntType

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


@dataclass
class Field:
    """One field. kind: int, bytes, list (of ints), struct; `count` items of `item`."""

    name: str
    kind: str
    offset: int
    size: int
    item: IntType | None = None
    count: int = 1
    info: n.TypeInfo | None = None


@dataclass
class Layout:
    size: int
    align: int
    fields: list[Field]
    big_endian: bool


_layouts: dict[n.TypeInfo, Layout] = {}


def layout_of(program: Program, info: n.TypeInfo) -> Layout:
    """Offsets by C's rules for natural alignment, or none when packed."""
    if info in _layouts:
        return _layouts[info]
    decorator = struct_decorator(info)
    options: dict[str, object] = {}
    if isinstance(decorator, n.CallExpr):
        options = {name: constant(program, arg) for arg, name in zip(decorator.args, decorator.arg_names) if name}
    packed, big_endian = bool(options.get("packed")), bool(options.get("big_endian"))
    fields = []
    offset, alignment = 0, 1
    for stmt in struct_fields(info):
        lvalue = stmt.lvalues[0]
        assert isinstance(lvalue, n.NameExpr)
        place = Place(program.file_of(info.module_name), stmt.line)
        item, align = _field(program, info, lvalue.name, stmt.unanalyzed_type, place)
        if packed:
            align = 1
        offset += -offset % align
        item.offset = offset
        offset += item.size
        alignment = max(alignment, align)
        fields.append(item)
    layout = Layout(offset + -offset % alignment, alignment, fields, big_endian)
    _layouts[info] = layout
    return layout


def _lookup(program: Program, info: n.TypeInfo, name: str) -> n.SymbolNode | None:
    tree = program.checked.trees[info.module_name]
    parts = name.split(".")
    names = tree.names
    if parts[0] in info.names and len(parts) == 1:
        return info.names[parts[0]].node
    node: n.SymbolNode | None = None
    for part in parts:
        symbol = names.get(part)
        node = symbol.node if symbol is not None else None
        if isinstance(node, (n.MypyFile, n.TypeInfo)):
            names = node.names
    return node


def _scalar(program: Program, info: n.TypeInfo, annotation: Type | None, place: Place) -> IntType | n.TypeInfo:
    if isinstance(annotation, UnboundType):
        node = _lookup(program, info, annotation.name)
        if isinstance(node, n.TypeAlias):
            target = node.target
            node = getattr(target, "type", None)
        if isinstance(node, n.TypeInfo):
            if node.is_newtype:
                node = node.bases[0].type
            if node.fullname.startswith("scarlet.lang.ints."):
                return SIZED[node.name]
            if struct_decorator(node) is not None:
                return node
    raise CompileError(
        place, "not a field of a @struct", "a sized integer, a @struct class, Annotated[bytes, N] or Annotated[list[u32], N]"
    )


def _field(program: Program, info: n.TypeInfo, name: str, annotation: Type | None, place: Place) -> tuple[Field, int]:
    if isinstance(annotation, UnboundType) and annotation.name.rpartition(".")[2] == "Annotated":
        base, count_type = annotation.args[0], annotation.args[1]
        count: object = None
        if isinstance(count_type, RawExpressionType):
            count = count_type.literal_value
        elif isinstance(count_type, UnboundType):
            node = _lookup(program, info, count_type.name)
            count = variable(program, node) if isinstance(node, n.Var) else None
        if not isinstance(count, int) or not isinstance(base, UnboundType):
            raise CompileError(place, f"the length of {name} is not a constant", "a literal or a Final constant")
        if base.name == "bytes":
            return Field(name, "bytes", 0, count, count=count), 1
        if base.name == "list":
            item = _scalar(program, info, base.args[0], place)
            if isinstance(item, IntType):
                return Field(name, "list", 0, item.bits // 8 * count, item, count), item.bits // 8
        raise CompileError(place, f"not a field of a @struct: {name}", "Annotated[bytes, N] or Annotated[list[u32], N]")
    scalar = _scalar(program, info, annotation, place)
    if isinstance(scalar, IntType):
        return Field(name, "int", 0, scalar.bits // 8, scalar), scalar.bits // 8
    inner = layout_of(program, scalar)
    return Field(name, "struct", 0, inner.size, info=scalar), inner.align
