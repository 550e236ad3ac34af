"""The methods of enumerations that no source defines: lookup by value and name, names, repr."""

from __future__ import annotations

from mypy import nodes as n

from scarlet.compiler import ir
from scarlet.compiler.classes import enum_value_type
from scarlet.compiler.constants import enum_members
from scarlet.compiler.ir import Imm, Operand
from scarlet.compiler.lower import flags, values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.lower.synthesis import synthesise
from scarlet.compiler.program import Class, Function, Param, Program
from scarlet.compiler.types import BOOL, INT, EnumIntType


def enum_method(program: Program, cls: Class, name: str) -> Function | None:
    """name, repr, str and lookup of enum classes."""
    own = cls.info.names.get(name)
    if own is not None and isinstance(own.node, (n.FuncDef, n.Decorator)) and name != "name":
        return None
    text = program.class_named("scarlet.runtime.str.Str").type
    kind = cls.type
    receiver = Param("self", kind)
    key = ("enum", cls, name)
    full = f"{cls.name}.{name}"
    if name == "name" and cls.is_int_enum:
        return synthesise(program, key, full, cls.module, [receiver], text, lambda low, args: int_enum_name(low, args[0], cls))
    if name == "__repr__":
        return synthesise(program, key, full, cls.module, [receiver], text, lambda low, args: enum_repr(low, args[0], cls))
    if name == "__str__":
        if flags.is_flag(kind) and not cls.info.has_base("enum.IntFlag"):
            return synthesise(program, key, full, cls.module, [receiver], text, lambda low, args: flag_str(low, args[0], cls))
        if cls.is_int_enum:
            return synthesise(
                program,
                key,
                full,
                cls.module,
                [receiver],
                text,
                lambda low, args: low.runtime("format.int_to_str", low.coerce(args[0], INT)),
            )
        return synthesise(
            program,
            key,
            full,
            cls.module,
            [receiver],
            text,
            lambda low, args: values.concat(low, [low.literal(cls.info.name + "."), low.get_field(args[0], cls, "_name_")]),
        )
    if name == "__from_value__":
        value = Param("value", INT if cls.is_int_enum else enum_value_type(program, cls))
        return synthesise(program, key, full, cls.module, [value], kind, lambda low, args: enum_lookup(low, args[0], cls, by_name=False))
    if name == "__from_name__":
        return synthesise(
            program, key, full, cls.module, [Param("name", text)], kind, lambda low, args: enum_lookup(low, args[0], cls, by_name=True)
        )
    return None


def member_operand(low: Lowerer, cls: Class, index: int) -> Operand:
    from scarlet.compiler.lower.members import enum_member

    value = enum_members(low.program, cls.info)[index][1]
    if cls.is_int_enum and isinstance(value, int):
        return Imm(value, cls.type)
    return enum_member(low, cls, index)


def distinct_members(program: Program, cls: Class) -> list[tuple[int, str, int | str | bytes]]:
    """(index, name, value) without aliases."""
    out: list[tuple[int, str, int | str | bytes]] = []
    for index, (name, value) in enumerate(enum_members(program, cls.info)):
        if all(value != other for _, _, other in out):
            out.append((index, name, value))
    return out


def enum_lookup(low: Lowerer, value: Operand, cls: Class, *, by_name: bool) -> Operand | None:
    if flags.is_flag(cls.type) and not by_name:
        assert isinstance(cls.type, EnumIntType)
        return flags.of_int(low, value, cls.type)
    members = [(index, name, item) for index, (name, item) in enumerate(enum_members(low.program, cls.info))]
    for index, name, item in members:
        wanted: Operand
        if by_name:
            wanted = low.literal(name)
        elif isinstance(item, int):
            wanted = Imm(item, INT)
        else:
            wanted = low.literal(item)
        found, onward = low.new_block("found"), low.new_block("next")
        low.branch(values.equals(low, value, wanted), found, onward)
        low.start(found)
        low.emit(ir.Return(member_operand(low, cls, index)))
        low.start(onward)
    if by_name:
        error = low.construct(low.program.exception_class("KeyError"))
        low.call_method(low.program.exception_class("BaseException"), error, "set_text", [value])
    else:
        shown = values.repr_of(low, value)
        error = low.construct(
            low.program.exception_class("ValueError"), [values.concat(low, [shown, low.literal(f" is not a valid {cls.info.name}")])]
        )
    low.raise_value(error)
    return None


def int_enum_name(low: Lowerer, value: Operand, cls: Class) -> Operand | None:
    """The member's name; of a flag combination, the names joined by |."""
    for _index, name, item in distinct_members(low.program, cls):
        assert isinstance(item, int)
        found, onward = low.new_block("found"), low.new_block("next")
        low.branch(values.equals(low, low.prim("retype", [value], INT), Imm(item, INT)), found, onward)
        low.start(found)
        low.emit(ir.Return(low.literal(name)))
        low.start(onward)
    if not flags.is_flag(cls.type):
        return low.literal("")
    return flag_names(low, value, cls)


def flag_names(low: Lowerer, value: Operand, cls: Class) -> Operand:
    """`A|B|8` of a combination of flags: the single-bit members in the order of their definition, then what is left over."""
    from scarlet.compiler.lower.displays import build_list

    result = build_list(low, [], low.str_type)
    left = low.merge(INT)
    low.assign(left, low.prim("retype", [value], INT))
    single = [
        (name, item)
        for _, name, item in distinct_members(low.program, cls)
        if isinstance(item, int) and item > 0 and item & (item - 1) == 0
    ]
    for name, item in single:
        take, onward = low.new_block("bit"), low.new_block("next")
        low.branch(low.prim("nonzero", [low.prim("and", [left, Imm(item, INT)], INT)], BOOL), take, onward)
        low.start(take)
        low.method(result, "append", low.literal(name))
        low.assign(left, low.prim("and", [left, Imm(~item, INT)], INT))
        low.goto(onward)
        low.start(onward)
    rest, end = low.new_block("rest"), low.new_block("joined")
    low.branch(low.prim("nonzero", [left], BOOL), rest, end)
    low.start(rest)
    low.method(result, "append", low.runtime("format.int_to_str", left))
    low.goto(end)
    low.start(end)
    return low.call_method(low.program.class_named("scarlet.runtime.str.Str"), low.literal("|"), "join", [result])


def named_or_not(low: Lowerer, value: Operand, cls: Class, named: list[Operand], nameless: list[Operand]) -> Operand:
    """One of two texts: a flag has no name when none of its bits is a member's and it is not a member itself."""
    known = [item for _, _, item in distinct_members(low.program, cls) if isinstance(item, int)]
    bits = 0
    for item in known:
        bits |= item
    plain = low.prim("retype", [value], INT)
    has_name = low.prim("nonzero", [low.prim("and", [plain, Imm(bits, INT)], INT)], BOOL)
    if 0 in known:
        has_name = low.prim("or", [has_name, low.prim("eq", [plain, Imm(0, INT)], BOOL)], BOOL)
    yes, no, end = low.new_block("named"), low.new_block("nameless"), low.new_block("end")
    result = low.merge(low.str_type)
    low.branch(has_name, yes, no)
    low.start(yes)
    low.assign(result, values.concat(low, named))
    low.goto(end)
    low.start(no)
    low.assign(result, values.concat(low, nameless))
    low.goto(end)
    low.start(end)
    return result


def flag_str(low: Lowerer, value: Operand, cls: Class) -> Operand:
    """`Color.RED|BLUE` of a Flag that is no IntFlag."""
    name = low.call(_named(low, cls), [value])
    number = low.runtime("format.int_to_str", low.prim("retype", [value], INT))
    named: list[Operand] = [low.literal(f"{cls.info.name}."), name]
    return named_or_not(low, value, cls, named, [low.literal(f"{cls.info.name}("), number, low.literal(")")])


def enum_repr(low: Lowerer, value: Operand, cls: Class) -> Operand:
    """`<Color.RED: 1>`."""
    if cls.is_int_enum:
        name = low.call(_named(low, cls), [value])
        number = low.runtime("format.int_to_str", low.prim("retype", [value], INT))
        if flags.is_flag(cls.type):
            named = [low.literal(f"<{cls.info.name}."), name, low.literal(": "), number, low.literal(">")]
            return named_or_not(low, value, cls, named, [low.literal(f"<{cls.info.name}: "), number, low.literal(">")])
        return values.concat(low, [low.literal(f"<{cls.info.name}."), name, low.literal(": "), number, low.literal(">")])
    shown = values.repr_of(low, low.get_field(value, cls, "_value_"))
    return values.concat(
        low, [low.literal(f"<{cls.info.name}."), low.get_field(value, cls, "_name_"), low.literal(": "), shown, low.literal(">")]
    )


def _named(low: Lowerer, cls: Class) -> Function:
    function = low.program.synthesised_method(cls, "name")
    assert function is not None
    return function
