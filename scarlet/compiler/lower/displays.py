"""List, tuple, set and dict displays and comprehensions."""

from __future__ import annotations

from collections.abc import Callable

from mypy import nodes as n

from scarlet.compiler.ir import Imm, Operand, Reg
from scarlet.compiler.lower.context import Lowerer, expression
from scarlet.compiler.types import INT, NEVER, ObjectType, OptionalType, TupleType, Type


def build_list(low: Lowerer, items: list[Operand], item: Type) -> Operand:
    """A new list of values."""
    kind = low.list_type(item)
    result = low.construct(kind.cls)
    if items:
        low.method(result, "reserve", Imm(len(items), INT))
        for index, value in enumerate(items):
            low.method(result, "init_item", Imm(index, INT), value)
        low.method(result, "set_size", Imm(len(items), INT))
    return result


def container_type(low: Lowerer, node: n.Expression, want: Type | None, runtime: str) -> ObjectType:
    """The container class a display builds: what its context asks for, or what mypy found."""
    if isinstance(want, OptionalType):
        want = want.item
    if isinstance(want, ObjectType) and want.cls.name.startswith(runtime + "["):
        return want
    kind = low.type_of(node)
    if isinstance(kind, ObjectType) and kind.cls.name.startswith(runtime + "["):
        if isinstance(node, (n.ListExpr, n.SetExpr)) and any(_vague(arg) for arg in kind.cls.args):
            return _from_items(low, node, runtime)
        if not any(arg == NEVER for arg in kind.cls.args):
            return kind
    raise low.refuse("the element type of this display is not known", "an annotation on the variable", node)


def _vague(kind: Type) -> bool:
    """What mypy says where the context takes anything (any([0, 1]), print([]))."""
    return kind == NEVER or isinstance(kind, ObjectType) and kind.cls.name == "builtins.object"


def _from_items(low: Lowerer, node: n.ListExpr | n.SetExpr, runtime: str) -> ObjectType:
    """The container of what its items are; of int when there are none."""
    item: Type = NEVER
    for each in node.items:
        item = low.program.join(item, low.type_of(each), low.place)
    kind = low.program.class_named(runtime, (INT if item == NEVER else item,)).type
    assert isinstance(kind, ObjectType)
    return kind


@expression(n.ListExpr)
def list_display(low: Lowerer, node: n.ListExpr, want: Type | None) -> Operand:
    if isinstance(want, TupleType):
        return tuple_of(low, node.items, want)
    kind = container_type(low, node, want, "scarlet.runtime.list.List")
    result = low.construct(kind.cls)
    plain = sum(not isinstance(item, n.StarExpr) for item in node.items)
    append = "append_reserved" if plain == len(node.items) else "append"
    if plain:
        low.method(result, "reserve", Imm(plain, INT))
    for item in node.items:
        if isinstance(item, n.StarExpr):
            from scarlet.compiler.lower.methods import extend_list

            extend_list(low, result, item.expr)
        else:
            low.method(result, append, low.expr_as(item, kind.cls.args[0]))
    return result


@expression(n.SetExpr)
def set_display(low: Lowerer, node: n.SetExpr, want: Type | None) -> Operand:
    kind = container_type(low, node, want, "scarlet.runtime.set.Set")
    result = low.construct(kind.cls)
    for item in node.items:
        low.method(result, "add", low.expr_as(item, kind.cls.args[0]))
    return result


@expression(n.DictExpr)
def dict_display(low: Lowerer, node: n.DictExpr, want: Type | None) -> Operand:
    kind = container_type(low, node, want, "scarlet.runtime.dict.Dict")
    result = low.construct(kind.cls)
    for key, value in node.items:
        if key is None:
            low.method(result, "update", low.expr(value))
            continue
        k = low.stable(low.expr_as(key, kind.cls.args[0]))
        low.method(result, "__setitem__", k, low.expr_as(value, kind.cls.args[1]))
    return result


@expression(n.TupleExpr)
def tuple_display(low: Lowerer, node: n.TupleExpr, want: Type | None) -> Operand:
    if isinstance(want, OptionalType):
        want = want.item
    if isinstance(want, ObjectType) and want.cls.name.startswith("scarlet.runtime.list.List["):
        item = want.cls.args[0]
        return build_list(low, [low.stable(low.expr_as(x, item)) for x in node.items], item)
    return tuple_of(low, node.items, want if isinstance(want, TupleType) else None)


def tuple_of(low: Lowerer, nodes: list[n.Expression], want: TupleType | None) -> Operand:
    values = []
    for index, item in enumerate(nodes):
        if isinstance(item, n.StarExpr):
            raise low.refuse("a starred item in a tuple is outside the dialect", "the items one by one", item)
        wanted = want.items[index] if want is not None and index < len(want.items) else None
        value = low.expr(item, wanted)
        values.append(low.stable(low.coerce(value, wanted) if wanted is not None else value))
    kind = want if want is not None and len(want.items) == len(values) else TupleType(tuple(v.type for v in values))
    return low.make_tuple(values, kind)


def comprehension(low: Lowerer, node: n.GeneratorExpr | n.DictionaryComprehension, body: Callable[[], None]) -> None:
    """The loops and conditions of a comprehension around a body."""
    from scarlet.compiler.lower.conditions import condition
    from scarlet.compiler.lower.iteration import loop_over

    def level(index: int) -> None:
        if index == len(node.sequences):
            body()
            return

        def inner(onward: object) -> None:
            for test in node.condlists[index]:
                passed = low.new_block("passed")
                condition(low, test, passed, onward)  # type: ignore[arg-type]
                low.start(passed)
            level(index + 1)

        loop_over(low, node.indices[index], node.sequences[index], inner)

    level(0)
    forget_variables(low, node)


def forget_variables(low: Lowerer, node: n.GeneratorExpr | n.DictionaryComprehension) -> None:
    """The variables of a comprehension end with it."""
    from scarlet.compiler.lower.captures import assigned_names

    for symbol in assigned_names(node):
        variable = low.variables.get(symbol)
        if isinstance(variable, Reg) and variable.type.counted and not low.dead:
            low.unbind(variable)


@expression(n.ListComprehension)
def list_comprehension(low: Lowerer, node: n.ListComprehension, want: Type | None) -> Operand:
    kind = container_type(low, node, want, "scarlet.runtime.list.List")
    return collect_list(low, node.generator, kind)


def collect_list(low: Lowerer, generator: n.GeneratorExpr, kind: ObjectType) -> Operand:
    result = low.construct(kind.cls)

    def body() -> None:
        low.method(result, "append", low.expr_as(generator.left_expr, kind.cls.args[0]))

    comprehension(low, generator, body)
    return result


@expression(n.SetComprehension)
def set_comprehension(low: Lowerer, node: n.SetComprehension, want: Type | None) -> Operand:
    kind = container_type(low, node, want, "scarlet.runtime.set.Set")
    result = low.construct(kind.cls)

    def body() -> None:
        low.method(result, "add", low.expr_as(node.generator.left_expr, kind.cls.args[0]))

    comprehension(low, node.generator, body)
    return result


@expression(n.DictionaryComprehension)
def dict_comprehension(low: Lowerer, node: n.DictionaryComprehension, want: Type | None) -> Operand:
    kind = container_type(low, node, want, "scarlet.runtime.dict.Dict")
    result = low.construct(kind.cls)

    def body() -> None:
        assert node.key is not None
        key = low.stable(low.expr_as(node.key, kind.cls.args[0]))
        low.method(result, "__setitem__", key, low.expr_as(node.value, kind.cls.args[1]))

    comprehension(low, node, body)
    return result


@expression(n.GeneratorExpr)
def generator_expression(low: Lowerer, node: n.GeneratorExpr, want: Type | None) -> Operand:
    """A generator expression used as a value: collected into a list at once (builtins that consume one never come here)."""
    item = low.type_of(node.left_expr)
    if isinstance(want, ObjectType) and want.cls.args:
        item = want.cls.args[0]
    result = collect_list(low, node, low.list_type(item))
    if isinstance(want, ObjectType) and want.cls.name.startswith("typing.Iterator"):
        return low.method(result, "__iter__")
    return result


__all__ = ["Reg", "build_list", "comprehension"]
