"""What the end of an object of each class can do to others, for the borrow pass.

Two questions. `acts`: may it run code that changes fields and globals - a `__del__` of its own, or of something that only it holds?
`holds`: may it be the last reference to something else? Containers of the runtime answer by their items. A value seen through a protocol or
a Callable may be anything.
"""

from __future__ import annotations

from scarlet.compiler.program import Class, Program
from scarlet.compiler.types import ObjectType, OptionalType, TupleType, Type

RUNTIME = "scarlet.runtime."


class Ends:
    """See the module docstring. Function.releases must be known."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.possible: dict[Class, list[Class]] = {}
        for cls in program.constructed:
            for ancestor in cls.ancestors():
                self.possible.setdefault(ancestor, []).append(cls)
        self.contents: dict[Class, list[Type]] = {cls: self._contents(cls) for cls in program.constructed}
        self.acting: set[Class] = {cls for cls in program.constructed if self._has_code(cls)}
        changed = True
        while changed:
            changed = False
            for cls, kinds in self.contents.items():
                if cls not in self.acting and any(self.acts(kind) for kind in kinds):
                    self.acting.add(cls)
                    changed = True
        self.holding: set[Class] = {cls for cls, kinds in self.contents.items() if kinds or cls in self.acting}

    def acts(self, kind: Type) -> bool:
        """Whether the end of a value of this type may run code that others notice."""
        return self._any(kind, self.acting)

    def holds(self, kind: Type) -> bool:
        """Whether a value of this type may be all that keeps another object alive."""
        return self._any(kind, self.holding)

    def _any(self, kind: Type, classes: set[Class]) -> bool:
        if not kind.counted:
            return False
        if isinstance(kind, OptionalType):
            return self._any(kind.item, classes)
        if isinstance(kind, TupleType):
            return any(self._any(item, classes) for item in kind.items)
        if isinstance(kind, ObjectType) and not kind.cls.is_protocol and kind.cls in self.possible:
            return any(cls in classes for cls in self.possible[kind.cls])
        return True

    def _contents(self, cls: Class) -> list[Type]:
        """The types of what an object of exactly this class counts references to."""
        fields = [kind for kind in self.program.fields_of(cls).values() if kind.counted]
        return fields + [kind for kind in cls.args if kind.counted] if cls.module.startswith(RUNTIME) else fields

    def _has_code(self, cls: Class) -> bool:
        hook = self.program.method_function(cls, "__del__")
        return hook is not None and hook.body is not None and hook.releases and not cls.module.startswith(RUNTIME)
