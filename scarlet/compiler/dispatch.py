"""Dynamic dispatch: which methods may be called through a class or protocol, for each class of which there are objects.

Both grow while the program is lowered: a new class is asked for the methods that are dispatched already (`construct`), a newly dispatched
method is compiled for the classes that are constructed already (`dispatch`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import RefExpr, TupleExpr

from scarlet.compiler.constants import constant
from scarlet.compiler.emit.names import code
from scarlet.compiler.entities import Class, Function, Param
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.types import is_integer

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


def construct(program: Program, cls: Class) -> None:
    """Note that objects of the class exist: dispatched methods must be compiled for it."""
    if cls.constructed:
        return
    cls.constructed = True
    program.constructed.append(cls)
    seen_as = set(cls.ancestors())
    for ancestor in seen_as:
        program.instances.setdefault(ancestor, []).append(cls)
    asked = program.dispatched_protocols + [place for ancestor in seen_as for place in program.dispatched.get(ancestor, ())]
    for _number, static, method in sorted(asked, key=lambda place: place[0]):  # the order decides what is compiled first
        _resolve(program, static, method, cls)
    for hook in ("__del__", "__payload_size__"):
        program.method_function(cls, hook)


def dispatch(program: Program, cls: Class, method: str) -> None:
    """Note a dynamically dispatched call."""
    if (cls, method) in program.dispatches:
        return
    place = (len(program.dispatches), cls, method)
    program.dispatches[cls, method] = []
    if cls.is_protocol:
        program.dispatched_protocols.append(place)
    else:
        program.dispatched.setdefault(cls, []).append(place)
    for other in list(program.constructed if cls.is_protocol else program.instances.get(cls, ())):
        _resolve(program, cls, method, other)


def implements(program: Program, cls: Class, static: Class) -> bool:
    """Whether an object of class `cls` can be seen as `static`."""
    if cls.derives(static):
        return True
    return static.is_protocol and _structural(program, cls, static)


def _structural(program: Program, cls: Class, protocol: Class) -> bool:
    if cls.generated:
        return all(name in cls.methods and _same_shape(program, cls, protocol, name) for name in protocol.info.protocol_members)
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
    return all(_same_shape(program, cls, protocol, name) for name in sorted(members))  # the order decides what is compiled first


def _same_shape(program: Program, cls: Class, protocol: Class, name: str) -> bool:
    """Whether a method has the representation that this instance of a generic protocol asks for (Iterator[int] is not
    Iterator[str])."""
    try:
        mine, theirs = program.method_function(cls, name), program.method_function(protocol, name)
    except CompileError:
        return False
    if mine is None or theirs is None:
        return True
    a = [param.type for param in mine.params[1:]] + [mine.result]
    b = [param.type for param in theirs.params[1:]] + [theirs.result]
    return len(a) == len(b) and all(code(x) == code(y) or is_integer(x) and is_integer(y) for x, y in zip(a, b))


def _resolve(program: Program, static: Class, method: str, cls: Class) -> None:
    if not implements(program, cls, static):
        return
    try:
        function = program.method_function(cls, method)
    except CompileError as error:
        program.report.add(error)
        return
    if function is not None and function not in program.dispatches[static, method]:
        _demand_same_defaults(program, static, function, method)
        program.dispatches[static, method].append(function)


def _demand_same_defaults(program: Program, static: Class, function: Function, method: str) -> None:
    """A call passes what the class that it names declares: an override has the same parameters, with the same defaults."""
    declared = program.method_function(static, method)
    if declared is None or declared is function or declared.node is None or function.node is None:
        return
    mine, theirs = declared.params[1:], function.params[1:]
    named = [[param.name for param in params if param.kind.startswith("named")] for params in (mine, theirs)]
    if len(mine) != len(theirs) or named[0] != named[1]:
        message = f"{method} is called as {static.info.name} declares it, and has other parameters here"
    elif any(a.optional and not _same_default(program, a, b) for a, b in zip(mine, theirs)):
        message = f"{method} is called as {static.info.name} declares it, and has other defaults here"
    else:
        return
    advice = f"the parameters and defaults of {static.info.name}.{method}, in its order, or a method with a name of its own"
    program.report.add(CompileError(Place(function.file, function.line), message, advice))


def _same_default(program: Program, mine: Param, other: Param) -> bool:
    """Whether two parameters have one default."""
    a, b = mine.default, other.default
    if isinstance(a, RefExpr) and isinstance(b, RefExpr) and a.fullname == b.fullname:
        return True
    if isinstance(a, TupleExpr) and isinstance(b, TupleExpr) and not a.items and not b.items:
        return True
    if a is None or b is None:
        return a is b
    known = constant(program, a)
    return known is not None and known == constant(program, b)
