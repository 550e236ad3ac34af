"""Functions from their definitions: names, parameters, result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import ARG_NAMED, ARG_NAMED_OPT, ARG_OPT, ARG_STAR, ARG_STAR2, Argument, FuncDef, LambdaExpr
from mypy.types import CallableType, get_proper_type

from scarlet.compiler import lasting
from scarlet.compiler.decorators import apply_decorators
from scarlet.compiler.entities import Class, Function, Param, mangle
from scarlet.compiler.errors import CompileError, Place
from scarlet.compiler.front import is_library
from scarlet.compiler.types import CLASS_REF, ObjectType, OptionalType, Type

if TYPE_CHECKING:
    from scarlet.compiler.program import Program


def make_function(program: Program, node: FuncDef | LambdaExpr, owner: Class | None, env: dict[str, Type]) -> Function:
    """A function of the program; its body comes when it is lowered."""
    assert isinstance(node, FuncDef)
    fullname = node.fullname
    module = owner.module if owner is not None else program.module_of(fullname)
    file = program.file_of(module)
    place = Place(file, node.line)
    params, result = parameters(program, node, owner, env, place)
    local = fullname[len(module) + 1 :] if fullname.startswith(module + ".") else fullname
    if owner is not None:
        name = f"{owner.name}.{node.name}"
        base = f"{owner.cname}__{node.name}"
    else:
        name = f"{module}.{local}"
        base = f"{mangle(module)}__{mangle(local)}"
    own = [str(value) for key, value in sorted(env.items()) if owner is None or key not in owner.env]
    if own:
        name += f"[{', '.join(own)}]"
        base += "__" + mangle("_".join(own))
    function = Function(name, program.unique(base), module, file, node.line, params, result, env, node, owner)
    function.is_generator = node.is_generator
    function.declared = _is_library(program, node)
    apply_decorators(program, function, node)
    return function


def parameters(
    program: Program, node: FuncDef | LambdaExpr, owner: Class | None, env: dict[str, Type], place: Place
) -> tuple[list[Param], Type]:
    """Parameters and result of a definition, with `self` first for methods."""
    signature = get_proper_type(node.type) if node.type is not None else None
    if not isinstance(signature, CallableType):
        if isinstance(node, FuncDef):
            raise CompileError(place, f"{node.name} has no type annotations", "annotations for all parameters and the result")
        raise CompileError(place, "the type of this lambda is not known")
    params: list[Param] = []
    arguments: list[Argument] | list[None] = [None] * len(signature.arg_types) if _is_library(program, node) else node.arguments
    for argument, name, kind, mypy_type in zip(arguments, signature.arg_names, signature.arg_kinds, signature.arg_types):
        if kind in (ARG_STAR, ARG_STAR2):
            raise CompileError(place, "*args and **kwargs are outside the dialect", "a list or keyword parameters")
        name = argument.variable.name if argument is not None else name or "_"
        word = {ARG_OPT: "opt", ARG_NAMED: "named", ARG_NAMED_OPT: "named_opt"}.get(kind, "pos")
        is_self = isinstance(node, FuncDef) and not params and owner is not None and (node.has_self_or_cls_argument and not node.is_static)
        if is_self:
            converted: Type = CLASS_REF if isinstance(node, FuncDef) and node.is_class else owner.type  # type: ignore[union-attr]
        else:
            converted = program.convert(mypy_type, env, place)
            if isinstance(node, FuncDef) and node.name == "__exit__" and owner is not None:
                converted = _or_none(converted, place)
        if argument is not None:
            if argument.initializer is not None:
                at = Place(place.file, argument.initializer.line)
                lasting.demand(program, argument.initializer, at, f"the default of {name}")
            params.append(Param(name, converted, word, argument.initializer, argument.variable))
        else:
            params.append(Param(name, converted))
    result = program.convert(signature.ret_type, env, place)
    return params, result


def _or_none(kind: Type, place: Place) -> Type:
    """The type of a parameter of __exit__, which gets None when there is no exception: `object` says so too."""
    if isinstance(kind, ObjectType) and kind.cls.name == "builtins.object":
        return OptionalType(kind)
    if not isinstance(kind, OptionalType):
        advice = "type[BaseException] | None, BaseException | None, TracebackType | None"
        raise CompileError(place, "the parameters of __exit__ are None when there is no exception", advice)
    return kind


def _is_library(program: Program, node: FuncDef | LambdaExpr) -> bool:
    """Whether a definition is in a stub of the library, of which only the types are known, not even the defaults."""
    if not isinstance(node, FuncDef) or "." not in node.fullname:  # a nested function
        return False
    return is_library(program.checked.trees[program.module_of(node.fullname)].path)
