"""The C types of one file: structures of tuples, optional pairs, results and objects, each defined before its first use."""

from __future__ import annotations

from scarlet.compiler.emit.names import code, generic, precise
from scarlet.compiler.emit.operands import c_field, is_void
from scarlet.compiler.entities import Class
from scarlet.compiler.program import Program
from scarlet.compiler.types import BOOL, NONE, OptionalType, TupleType, Type


class Shapes:
    """See the module docstring."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.structures: list[str] = []
        self.known: set[object] = set()
        """All that is defined or declared in the file already, whatever it is."""
        self.forward: set[str] = set()

    def type(self, kind: Type) -> str:
        """The C name of a type; declares what it needs."""
        name = precise(kind)
        if not name.endswith("*"):
            self.structure(kind)
        elif name.startswith("struct "):
            self.forward.add(name)
        return name

    def structure(self, kind: Type) -> None:
        """Define the structure of a tuple or optional pair."""
        if not isinstance(kind, (OptionalType, TupleType)):
            return
        if isinstance(kind, OptionalType) and not kind.pointer:
            items: tuple[Type, ...] = (BOOL, kind.item)
        elif isinstance(kind, TupleType):
            items = kind.items
        else:
            return
        key = ("struct", code(kind))
        if key in self.known:
            return
        self.known.add(key)
        for item in items:
            self.structure(item)
        fields = "".join(
            f" {generic(item)}{'' if generic(item).endswith('*') else ' '}f{i};" for i, item in enumerate(items) if item != NONE
        )
        self.structures.append(f"struct {code(kind)} {{{fields or ' uint8_t empty;'} }};")

    def result_record(self, kind: Type) -> str:
        """The {value, error} structure of a fallible function's result."""
        name = f"R_{code(kind)}"
        if name not in self.known:
            self.known.add(name)
            self.structure(kind)
            value = generic(kind)
            self.structures.append(f"typedef struct {{ {value}{'' if value.endswith('*') else ' '}v; Obj *e; }} {name};")
        return name

    def layout(self, cls: Class) -> None:
        """Define the structure of a class's objects."""
        key = ("layout", cls)
        if key in self.known:
            return
        self.known.add(key)
        fields = []
        for name, kind in self.program.fields_of(cls).items():
            if kind == NONE:
                continue
            text = self.type(kind)
            fields.append(f" {text}{'' if text.endswith('*') else ' '}{c_field(name)};")
        self.structures.append(f"struct {cls.cname} {{ uint64_t rc; const Type *type;{''.join(fields)} }};")

    def counter(self, way: str, kind: Type) -> str:
        """The function that counts the references inside a tuple or optional pair up or down."""
        name = f"scarlet_{way}_{code(kind)}"
        if name in self.known:
            return name
        self.known.add(name)
        self.structure(kind)
        items = kind.items if isinstance(kind, TupleType) else (BOOL, kind.item)  # type: ignore[attr-defined]
        # The last item first, as a Python tuple releases its items.
        parts = []
        for index, item in enumerate(items):
            if item.counted:
                text = f"scarlet_x{way}ref(t.f{index});" if item.pointer else f"{self.counter(way, item)}(t.f{index});"
                parts.append(text)
        if way == "dec":
            parts.reverse()
        self.structures.append(f"INLINE void {name}({generic(kind)} t) {{ {' '.join(parts)} }}")
        return name

    def function_pointer(self, parameters: list[Type], result: Type, fallible: bool) -> str:
        """The C type of a pointer to a function called by representation."""
        for kind in parameters:
            self.structure(kind)
        returned = self.returned(result, fallible)
        return f"{returned} (*)({', '.join(generic(kind) for kind in parameters) or 'void'})"

    def returned(self, result: Type, fallible: bool) -> str:
        if is_void(result):
            return "Obj *" if fallible else "void"
        if fallible:
            return self.result_record(result)
        self.structure(result)
        return generic(result)
