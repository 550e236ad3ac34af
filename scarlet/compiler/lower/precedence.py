"""Whose method answers when the classes of two operands, or of an object and what it is seen as, are related.

Python asks the right operand of a comparison first when its class derives from the left one's, and so does arithmetic when the reflected
method was overridden; a method that only a derived class has is found through the object's own class. Compiled code looks methods up in
the class that the source names. Comparisons do what Python does, at the cost of a test, where a derived class may be met at all; the rest
is refused. Source: the Python Language Reference, 3.3.8, and 3.3.1 (`object.__lt__`, `object.__bool__`).
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import TypeInfo

from scarlet.compiler.errors import CompileError
from scarlet.compiler.ir import Operand
from scarlet.compiler.lower import values
from scarlet.compiler.lower.context import Lowerer
from scarlet.compiler.program import Class, Program
from scarlet.compiler.types import BOOL, CLASS_REF, ObjectType, Type


def right_first(low: Lowerer, left: Operand, right: Operand, method: str, usual: Callable[[], Operand]) -> Operand:
    """`right.method(left)` where the class of right derives from that of left and has the method, the `usual` comparison elsewhere."""
    a, b = left.type, right.type
    if not isinstance(a, ObjectType) or not isinstance(b, ObjectType):
        return usual()
    asked = next((info for info in low.program.sources if _may_be(info, b.cls) and _goes_first(info, a.cls, method)), None)
    if asked is None:
        return usual()
    if low.program.method_function(b.cls, method) is None:
        raise low.refuse(f"{asked.name} has {method}, which Python asks first, and {b.cls.info.name} has none", f"{method} in both classes")
    left, right = low.stable(left), low.stable(right)
    mine, other = low.prim("class_of", [left], CLASS_REF), low.prim("class_of", [right], CLASS_REF)
    return values.choose(
        low,
        low.prim("eq", [mine, other], BOOL),
        usual,
        lambda: values.choose(low, low.prim("subclass", [other, mine], BOOL), lambda: low.call_method(b.cls, right, method, [left]), usual),
    )


def _may_be(info: TypeInfo, cls: Class) -> bool:
    """Whether an object of the source's class may be seen as `cls`."""
    return cls.info in info.mro or cls.is_protocol


def _goes_first(info: TypeInfo, left: Class, method: str) -> bool:
    """Whether a class has the method and derives, properly, from what the left operand may be."""
    if not any(method in owner.names and not owner.names[method].plugin_generated for owner in _own(info.mro)):
        return False
    return any(left.info in owner.mro or left.is_protocol for owner in _own(info.mro[1:]))


def _own(infos: list[TypeInfo]) -> list[TypeInfo]:
    """The classes of a list that are neither protocols nor Python's own."""
    return [info for info in infos if not info.is_protocol and not info.module_name.startswith(("builtins", "typing", "enum", "abc"))]


def demand_known(low: Lowerer, kind: Type, methods: tuple[str, ...], what: str) -> None:
    """Refuse what a derived class would answer with a method that its base class, the static type, lacks."""
    if not isinstance(kind, ObjectType) or kind.cls.is_protocol or kind.cls.generated or kind.cls.is_enum:
        return
    for name in methods:
        for info in low.program.definers.get(name, ()):
            if kind.cls.info in info.mro[1:] and kind.cls.name != "builtins.object":
                raise low.refuse(f"{info.name} has {name}, which decides {what}, and {kind.cls.info.name} has none", f"{name} in both")


def arithmetic(low: Lowerer, left: Operand, right: Operand, name: str) -> None:
    """Refuse, when all classes are known, operands that Python would ask in another order than left first (`__add__`), right only when left
    cannot (`__radd__`)."""
    a, b, program = left.type, right.type, low.program
    place = low.place
    method, reflected = f"__{name}__", f"__r{name}__"
    if not isinstance(a, ObjectType) or a.cls.module.startswith("scarlet.runtime."):
        return
    if program.method_node(a.cls, method) is None:
        demand_known(low, a, (method,), "what the operator does")
        return

    def check() -> None:
        for derived in program.definers.get(reflected, ()):
            first = [info for info in _own(derived.mro[1:]) if a.cls.info in info.mro]
            if isinstance(b, ObjectType) and _may_be(derived, b.cls) and first:
                message = f"{derived.name}.{reflected} goes before {first[-1].name}.{method} in Python"
                program.report.add(CompileError(place, message, f"{method} in both classes, or a method with a name"))

    program.unchecked.append(check)


def right_knows(low: Lowerer, left: Operand, right: Operand) -> bool:
    """Whether Python asks the right one of two unrelated objects, because the left one's class does not say what equals its objects."""
    a, b = left.type, right.type
    if not has_equality(low.program, b) or has_equality(low.program, a) or not isinstance(a, ObjectType) or not isinstance(b, ObjectType):
        return False
    if a.cls.name == "builtins.object" or a.cls.is_protocol or b.cls.derives(a.cls):
        return False
    demand_known(low, a, ("__eq__",), "what is equal")
    return True


def demand_objects(low: Lowerer, left: Operand, right: Operand) -> None:
    """Refuse == of an object whose __eq__ Python would ask, and what is no object."""
    for one, other in ((left, right), (right, left)):
        if has_equality(low.program, one.type):
            raise low.refuse(f"{_shown(one.type)}.__eq__ cannot be asked about {_shown(other.type)}", "`is`, or an attribute of the object")


def _shown(kind: Type) -> str:
    return kind.cls.info.name if isinstance(kind, ObjectType) else str(kind)


def has_equality(program: Program, kind: Type) -> bool:
    """Whether the source of a class of the program says what equals its objects."""
    if not isinstance(kind, ObjectType) or kind.cls.generated or kind.cls.module.startswith("scarlet.runtime."):
        return False
    symbol = kind.cls.info.get("__eq__")
    owner = next((info for info in kind.cls.info.mro if "__eq__" in info.names), None)
    return symbol is not None and not symbol.plugin_generated and owner is not None and owner in program.sources
