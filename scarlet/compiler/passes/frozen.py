"""Frozen fields: what only the constructor sets is alive as long as the object, so that loads of it are borrowed from the object.

A field is frozen when every assignment to it in the whole program is in an `__init__`, to `self`, and no object sees two of them.
(Lowering knows some by their names alone; this pass sees all assignments and asks by class.)
"""

from __future__ import annotations

from scarlet.compiler import ir
from scarlet.compiler.program import Class, Function, Program

Field = tuple[Class, str]


def run(program: Program) -> None:
    frozen = find(program)
    for function in program.lowered:
        if function.body is None or function.is_generator:
            continue
        for block in function.body.blocks:
            for op in block.ops:
                if not isinstance(op, ir.GetField) or not op.dst.type.counted or op.dst.borrowed or op.dst.variable:
                    continue
                if home(op.cls, op.field_name) in frozen:
                    op.dst.borrowed = True
                    op.dst.owner = op.obj if isinstance(op.obj, ir.Reg) else None


def find(program: Program) -> set[Field]:
    """The frozen fields, each named by the class that declares it."""
    setters: dict[Field, list[Class]] = {}
    fresh: set[Field] = set()
    changing: set[Field] = set()
    for function in program.lowered:
        if function.body is None:
            continue
        for block in function.body.blocks:
            for op in block.ops:
                if isinstance(op, ir.SetField) and op.value.type.counted | _counted(op):
                    field = home(op.cls, op.field_name)
                    if op.fresh:
                        fresh.add(field)
                    elif _is_constructor(function) and op.obj is function.body.params[0]:
                        setters.setdefault(field, []).append(op.cls)
                    else:
                        changing.add(field)
    once = {field for field, classes in setters.items() if field not in fresh and not _overlap(classes)}
    return (once | fresh) - changing - (set(setters) - once)


def home(cls: Class, name: str) -> Field:
    """The topmost class that has the field."""
    found = cls
    for ancestor in cls.ancestors():
        if name in ancestor.fields:
            found = ancestor
    return found, name


def _counted(op: ir.SetField) -> bool:
    kind = op.cls.fields.get(op.field_name)
    return kind is None or kind.counted


def _is_constructor(function: Function) -> bool:
    return function.name.endswith(".__init__")


def _overlap(classes: list[Class]) -> bool:
    """Whether an object can be in two of them."""
    return any(a.derives(b) or b.derives(a) for index, a in enumerate(classes) for b in classes[index + 1 :])
