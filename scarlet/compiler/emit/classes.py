"""What a class is in C: its record, the function that ends its objects, adapters in its slots, the members of an enum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scarlet.compiler.constants import enum_members
from scarlet.compiler.emit.names import code, generic, precise
from scarlet.compiler.emit.operands import c_field, is_void
from scarlet.compiler.emit.prelude import FREED_AT_ONCE
from scarlet.compiler.emit.records import Selector
from scarlet.compiler.entities import Class, Function
from scarlet.compiler.types import NONE

if TYPE_CHECKING:
    from scarlet.compiler.emit.unit import Unit

LAID_OUT = ("scarlet.runtime.str.Str", "scarlet.runtime.bytes.Bytes")
"""The classes whose layout the compiler knows: the size of the payload is the first field."""


def define_class(unit: Unit, cls: Class) -> None:
    """The record, destruction function and enum members of a class."""
    unit.layout(cls)
    record = unit.record(cls)
    drop = destructor(unit, cls) if not cls.is_enum else "0"
    ancestors = list(reversed(list(cls.ancestors())))
    display = ", ".join(f"&{unit.record(item)}" for item in ancestors[:8])
    slots = unit.records.slots(cls)
    table = "".join(
        f" [{slot}] = (const void *){slot_entry(unit, selector, function)}," for slot, (selector, function) in sorted(slots.items())
    )
    local = cls.info.name if not cls.generated else cls.name
    shown = python_name(unit, cls)
    unit.definitions.append(
        f"const Type {record} = {{ sizeof(struct {cls.cname}), {drop}, {free_list(unit, cls)},"
        f" &{unit.literal(local)}, &{unit.literal(shown)}, {{ {display} }}, {{{table} }} }};\n"
    )
    if cls.is_enum:
        define_members(unit, cls)


def python_name(unit: Unit, cls: Class) -> str:
    if cls.generated:
        return cls.name
    name = cls.info.fullname
    return "__main__" + name[len(unit.program.checked.main) :] if name.startswith(unit.program.checked.main + ".") else name


def define_members(unit: Unit, cls: Class) -> None:
    record = unit.record(cls)
    for index, (name, value) in enumerate(enum_members(unit.program, cls.info)):
        symbol = unit.member(cls, index)
        shown = f"&{unit.literal(value)}" if not isinstance(value, int) else f"{value}L"
        unit.definitions.append(
            f"struct {cls.cname} {symbol} = {{ IMMORTAL, &{record}, (void *)&{unit.literal(name)}, {'(void *)' if not isinstance(value, int) else ''}{shown} }};\n"  # noqa: E501
        )


def destructor(unit: Unit, cls: Class) -> str:
    """The function that ends an object: __del__, weak references, fields, memory."""
    name = f"{cls.cname}__drop_"
    parts = [f"struct {cls.cname} *self = (struct {cls.cname} *)o;"]
    hook = unit.program.method_function(cls, "__del__")
    if hook is not None and hook.body is not None:
        call = f"{unit.reference(hook)}(({precise(hook.params[0].type)})o)"
        if unit.fallible(hook):
            call = f"{{ Obj *e = {call}; if (e) scarlet_decref(e); }}"
        revived = "if ((o->rc & COUNT) != 1) { o->rc--; return; }"
        parts.append(f"if (!(o->rc & ENDED)) {{ o->rc = (o->rc & WEAK) | ENDED | 1; {call}; {revived} }}")  # once, also after a revival
    if unit.program.weak_used:  # not before: while __del__ runs, weak references give the object
        clear = unit.program.function_named("scarlet.runtime.weakref.clear")
        parts.append(f"if (UNLIKELY(o->rc & WEAK)) {{ {unit.reference(clear)}((uint64_t)o); }}")
    for field, kind in unit.program.fields_of(cls).items():
        if kind.counted:
            parts.append(
                f"scarlet_xdecref((Obj *)self->{c_field(field)});"
                if kind.pointer
                else f"{unit.counter('dec', kind)}(self->{c_field(field)});"
            )
    extra = ""
    payload = unit.program.method_function(cls, "__payload_size__")
    if payload is not None and payload.body is not None:
        extra_call = f"{unit.reference(payload)}(({precise(payload.params[0].type)})o)"
        parts.insert(1, f"uint64_t extra = {extra_call}{'.v' if unit.fallible(payload) else ''};")
        extra = " + extra"
    parts.append(f"{unit.reference(unit.free)}((uint64_t)o, sizeof(struct {cls.cname}){extra});")
    unit.definitions.append(f"static void {name}(Obj *o) {{ {' '.join(parts)} }}\n")
    return name


def free_list(unit: Unit, cls: Class) -> str:
    """What scarlet_release frees the objects of a class with (prelude.py), 0 when there is more to do at their end."""
    if cls.is_enum or any(kind.counted for kind in unit.program.fields_of(cls).values()):
        return "0"
    heads = unit.variable(unit.program.globals["scarlet.runtime.heap._FREE"])
    if cls.name in LAID_OUT:
        return f"(uint64_t *)({heads} + 1)"
    for name in ("__del__", "__payload_size__"):
        hook = unit.program.method_function(cls, name)
        if hook is not None and hook.body is not None:
            return "0"
    size = f"sizeof(struct {cls.cname})"
    return f"{size} > {FREED_AT_ONCE} ? 0 : (uint64_t *){heads} + ({size} + 15) / 16"


def slot_entry(unit: Unit, selector: Selector, function: Function) -> str:
    """What a dispatch slot holds: the function, or an adapter when its convention differs."""
    own = [param.type for param in function.params if param.type != NONE]
    wanted = [kind for kind in selector.parameters if kind != NONE]
    same = [code(a) for a in own] == [code(b) for b in wanted] and code(function.result) == code(selector.result)
    name = unit.reference(function)
    if same and unit.fallible(function) == selector.fallible:
        return name
    adapter = f"{function.cname}__as_{selector.name}_{selector.slot}"
    heads = ", ".join(f"{generic(kind)}{'' if generic(kind).endswith('*') else ' '}a{i}" for i, kind in enumerate(wanted))
    args = []
    for index, (mine, theirs) in enumerate(zip(own, wanted)):
        args.append(
            f"({precise(mine)})a{index}"
            if precise(mine).endswith("*") or code(mine) != code(theirs) and generic(mine).endswith("_t")
            else f"a{index}"
        )
    call = f"{name}({', '.join(args)})"
    returned = unit.returned(selector.result, selector.fallible)
    void = is_void(selector.result)
    cast = (
        f"({generic(selector.result)})"
        if not void and (generic(selector.result).endswith("*") or generic(selector.result).endswith("_t"))
        else ""
    )
    if unit.fallible(function) and selector.fallible:
        if is_void(function.result):
            body = f"return {call};" if void else f"Obj *e = {call}; return ({returned}){{ .e = e }};"
        else:
            body = f"{unit.result_record(function.result)} r = {call}; return " + ("r.e;" if void else f"({returned}){{ {cast}r.v, r.e }};")
    elif selector.fallible:
        if is_void(function.result):
            body = f"{call}; return " + ("0;" if void else f"({returned}){{ 0 }};")
        else:
            body = f"{call}; return 0;" if void else f"return ({returned}){{ {cast}{call}, 0 }};"
    else:
        body = f"{call};" if void else f"return {cast}{call};"
    unit.definitions.append(f"static {returned} {adapter}({heads}) {{ {body} }}\n")
    return adapter
