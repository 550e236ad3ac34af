"""The generated methods of @struct classes: __init__, pack, parse, __eq__ (docs/dialect.md, Layouts)."""

from __future__ import annotations

from scarlet.compiler import dispatch, ir
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.layout import Field, layout_of
from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.synthesis import synthesise
from scarlet.compiler.program import Class, Function, Param, Program
from scarlet.compiler.types import BOOL, INT, NONE, U64, IntType, ObjectType, OptionalType, Type


def struct_method(program: Program, cls: Class, name: str) -> Function | None:
    key = ("struct", cls, name)
    full = f"{cls.name}.{name}"
    receiver = Param("self", ObjectType(cls))
    data = program.class_named("scarlet.runtime.bytes.Bytes").type
    if name == "__init__":
        return initialiser(program, cls)
    if name == "pack":
        return synthesise(program, key, full, cls.module, [receiver], data, lambda low, args: pack(low, args[0], cls))
    if name == "pack_into":
        return None
    if name == "parse":
        buffer = program.class_named("scarlet.runtime.buffer.Buffer").type
        params = [Param("data", buffer), Param("offset", INT, "opt")]
        return synthesise(program, key, full, cls.module, params, ObjectType(cls), lambda low, args: parse(low, args[0], args[1], cls))
    if name == "__eq__":
        root = Param("other", ObjectType(program.class_named("builtins.object")))
        return synthesise(program, key, full, cls.module, [receiver, root], BOOL, lambda low, args: equal(low, args[0], args[1], cls))
    return None


def initialiser(program: Program, cls: Class) -> Function:
    """Keywords only; an omitted field is zero, an omitted array empty."""
    fields = layout_of(program, cls.info).fields
    kinds = program.fields_of(cls)
    params = [Param("self", ObjectType(cls))]
    for item in fields:
        kind: Type = kinds[item.name]
        params.append(Param(item.name, kind if item.kind == "int" else OptionalType(kind), "named_opt"))

    def body(low: Lowerer, args: list[Operand]) -> Operand:
        for item, value in zip(fields, args[1:]):
            if item.kind == "int":
                low.set_field(args[0], cls, item.name, value, fresh=True)
            else:
                _given_or_zero(low, args[0], cls, item, value, kinds[item.name])
        return Imm(None, NONE)

    return synthesise(
        program, ("struct", cls, "__init__"), f"{cls.name}.__init__", cls.module, params, NONE, body, line=cls.info.line, env=cls.env
    )


def _given_or_zero(low: Lowerer, receiver: Operand, cls: Class, item: Field, value: Operand, kind: Type) -> None:
    from scarlet.compiler.lower.conversions import is_none, unwrap

    given, missing, end = low.new_block("given"), low.new_block("zero"), low.new_block("set")
    low.branch(is_none(low, value), missing, given)
    low.start(given)
    assert isinstance(value.type, OptionalType)
    low.set_field(receiver, cls, item.name, unwrap(low, value, value.type), fresh=True)
    low.goto(end)
    low.start(missing)
    low.set_field(receiver, cls, item.name, zero(low, item, kind), fresh=True)
    low.goto(end)
    low.start(end)


def zero(low: Lowerer, item: Field, kind: Type) -> Operand:
    assert isinstance(kind, ObjectType)
    if item.kind == "bytes":
        return low.literal(bytes(item.count))
    if item.kind == "list":
        result = low.construct(kind.cls)
        low.method(result, "reserve", Imm(item.count, INT))
        append_many(low, result, item.count, lambda index: Imm(0, kind.cls.args[0]))
        return result
    return low.construct(kind.cls)


def append_many(low: Lowerer, target: Operand, count: int, item: object) -> None:
    """A counted loop that appends item(index)."""
    counter = low.merge(INT)
    low.assign(counter, Imm(0, INT))
    head, body, end = low.new_block("fill"), low.new_block("item"), low.new_block("filled")
    low.goto(head)
    low.start(head)
    low.branch(low.prim("lt", [counter, Imm(count, INT)], BOOL), body, end)
    low.start(body)
    low.method(target, "append", item(counter))  # type: ignore[operator]
    low.assign(counter, low.prim("add", [counter, Imm(1, INT)], INT))
    low.goto(head)
    low.start(end)


def pack(low: Lowerer, receiver: Operand, cls: Class) -> Operand:
    """A new bytes object with the fields at their offsets."""
    layout = layout_of(low.program, cls.info)
    result = low.runtime("bytes.zeros", Imm(layout.size, INT))
    base = low.prim("payload", [result], U64)
    write_fields(low, receiver, cls, base, 0)
    return result


def write_fields(low: Lowerer, receiver: Operand, cls: Class, base: Operand, offset: int) -> None:
    layout = layout_of(low.program, cls.info)
    for item in layout.fields:
        value = low.get_field(receiver, cls, item.name)
        where = low.prim("add", [base, Imm(offset + item.offset, U64)], U64)
        if item.kind == "int":
            assert item.item is not None
            store(low, where, value, item.item, layout.big_endian)
        elif item.kind == "struct":
            assert isinstance(value.type, ObjectType)
            write_fields(low, value, value.type.cls, base, offset + item.offset)
        elif item.kind == "bytes":
            low.runtime("structs.write_bytes", where, value, Imm(item.count, INT), low.literal(f"{cls.info.name}.{item.name}"))
        else:
            write_list(low, where, value, item, layout.big_endian)


def store(low: Lowerer, where: Operand, value: Operand, kind: IntType, big_endian: bool) -> None:
    low.prim(f"store{kind.bits}{'be' if big_endian and kind.bits > 8 else ''}", [where, value], NONE)


def load(low: Lowerer, where: Operand, kind: IntType, big_endian: bool) -> Operand:
    plain = IntType(f"u{kind.bits}", kind.bits, False)
    value = low.prim(f"load{kind.bits}{'be' if big_endian and kind.bits > 8 else ''}", [where], plain)
    return low.prim("retype", [value], kind) if kind.signed else value


def _loop(low: Lowerer, count: int, body: object) -> None:
    counter = low.merge(INT)
    low.assign(counter, Imm(0, INT))
    head, inside, end = low.new_block("each"), low.new_block("item"), low.new_block("done")
    low.goto(head)
    low.start(head)
    low.branch(low.prim("lt", [counter, Imm(count, INT)], BOOL), inside, end)
    low.start(inside)
    body(counter)  # type: ignore[operator]
    low.assign(counter, low.prim("add", [counter, Imm(1, INT)], INT))
    low.goto(head)
    low.start(end)


def write_list(low: Lowerer, where: Operand, value: Operand, item: Field, big_endian: bool) -> None:
    assert item.item is not None and isinstance(value.type, ObjectType)
    kind = item.item
    size = low.coerce(low.method(value, "__len__"), INT)
    good, bad = low.new_block("length"), low.new_block("badlength")
    low.branch(low.prim("eq", [size, Imm(item.count, INT)], BOOL), good, bad, 1)
    low.start(bad)
    low.raise_new("ValueError", f"{item.name} needs {item.count} items")
    low.start(good)

    def each(counter: Operand) -> None:
        address = low.prim("add", [where, low.prim("mul", [low.prim("retype", [counter], U64), Imm(kind.bits // 8, U64)], U64)], U64)
        store(low, address, low.method(value, "__getitem__", counter), kind, big_endian)

    _loop(low, item.count, each)


def parse(low: Lowerer, data: Operand, offset: Operand, cls: Class) -> Operand:
    """Fields out of bytes; ValueError when they are too short."""
    layout = layout_of(low.program, cls.info)
    base = low.runtime("structs.fields_at", data, offset, Imm(layout.size, INT), low.literal(f"{cls.info.name} needs {layout.size} bytes"))
    return read_fields(low, cls, base, 0)


def read_fields(low: Lowerer, cls: Class, base: Operand, offset: int) -> Operand:
    layout = layout_of(low.program, cls.info)
    dispatch.construct(low.program, cls)
    obj = low.temp(ObjectType(cls))
    low.emit(ir.Allocate(obj, cls, None, low.program.function_named("scarlet.runtime.heap.out_of_memory"), low.exception_target()))
    kinds = low.program.fields_of(cls)
    for item in layout.fields:
        where = low.prim("add", [base, Imm(offset + item.offset, U64)], U64)
        value: Operand
        if item.kind == "int":
            assert item.item is not None
            value = load(low, where, item.item, layout.big_endian)
        elif item.kind == "bytes":
            value = low.runtime("structs.read_bytes", where, Imm(item.count, INT))
        elif item.kind == "struct":
            assert item.info is not None
            value = read_fields(low, low.program.class_of(item.info, ()), base, offset + item.offset)
        else:
            kind = kinds[item.name]
            assert isinstance(kind, ObjectType) and item.item is not None
            size = item.item.bits // 8
            value = low.construct(kind.cls)
            low.method(value, "reserve", Imm(item.count, INT))
            scalar, big = item.item, layout.big_endian
            append_many(
                low,
                value,
                item.count,
                lambda counter, where=where, size=size, scalar=scalar, big=big: load(
                    low,
                    low.prim("add", [where, low.prim("mul", [low.prim("retype", [counter], U64), Imm(size, U64)], U64)], U64),
                    scalar,
                    big,
                ),
            )
        low.set_field(obj, cls, item.name, value, fresh=True)
    return obj


def equal(low: Lowerer, left: Operand, other: Operand, cls: Class) -> Operand:
    from scarlet.compiler.lower.dataclasses import Member
    from scarlet.compiler.lower.dataclasses import equal as same_fields

    kinds = low.program.fields_of(cls)
    fields = [
        Member(item.name, kinds[item.name], None, None, True, False, True, True, cls) for item in layout_of(low.program, cls.info).fields
    ]
    return same_fields(low, left, other, cls, fields)


__all__ = ["struct_method", "values"]
