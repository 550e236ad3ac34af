"""Static data of one C file: literals, sites, and the declarations of variables, class records and enum members."""

from __future__ import annotations

from scarlet.compiler.emit.names import generic, precise
from scarlet.compiler.emit.operands import c_field
from scarlet.compiler.emit.shapes import Shapes
from scarlet.compiler.entities import Class, Global
from scarlet.compiler.program import Program
from scarlet.compiler.types import NONE


def quote(data: bytes) -> str:
    """A C string literal of bytes."""
    out = []
    for byte in data:
        if byte in (34, 92, 63):
            out.append(f"\\{byte:03o}")
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


class Statics(Shapes):
    """See the module docstring."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.declarations: list[str] = []
        self.definitions: list[str] = []
        self.literals: dict[str | bytes, str] = {}
        self.sites: dict[tuple[str, int], str] = {}

    def site(self, file: str, line: int) -> str:
        """A static {file, line} record."""
        key = (file, line)
        found = self.sites.get(key)
        if found is None:
            found = self.sites[key] = f"scarlet_site_{len(self.sites)}"
            self.literal(file)
        return found

    def literal(self, value: str | bytes) -> str:
        """A static str or bytes object."""
        key = value if isinstance(value, str) else b"b" + value
        found = self.literals.get(key)
        if found is None:
            found = self.literals[key] = f"scarlet_literal_{len(self.literals)}"
        return found

    def literal_definition(self, key: str | bytes, name: str) -> str:
        if isinstance(key, str):
            cls = self.program.class_named("scarlet.runtime.str.Str")
            data, length = key.encode("utf-8", "surrogatepass"), len(key)
        else:
            cls = self.program.class_named("scarlet.runtime.bytes.Bytes")
            data, length = key[1:], 0
        fields = []
        values = []
        for field, kind in self.program.fields_of(cls).items():
            fields.append(f"{generic(kind)} {c_field(field)};")
            values.append({"size": str(len(data)), "length": str(length)}.get(field, "0"))
        record = self.record(cls)
        return (
            f"static struct {{ uint64_t rc; const Type *type; {' '.join(fields)} char data[{len(data) + 1}]; }} {name} = "
            f"{{ IMMORTAL, &{record}, {', '.join(values)}, {quote(data)} }};"
        )

    def record(self, cls: Class) -> str:
        """The record of a class."""
        name = f"{cls.cname}__type_"
        if name not in self.known:
            self.known.add(name)
            self.declarations.append(f"extern const Type {name};")
        return name

    def member(self, cls: Class, index: int) -> str:
        name = f"{cls.cname}__member{index}_"
        if name not in self.known:
            self.known.add(name)
            self.layout(cls)
            self.declarations.append(f"extern struct {cls.cname} {name};")
        return name

    def variable(self, var: Global) -> str:
        """A global variable as an expression."""
        if var.storage is not None:
            if var.cname not in self.known:
                self.known.add(var.cname)
                self.declarations.append(f"extern uint8_t {var.cname}[];")
            return f"((uint64_t){var.cname})"
        if var.cname not in self.known:
            self.known.add(var.cname)
            text = self.type(var.type)
            self.declarations.append(f"extern {text}{'' if text.endswith('*') else ' '}{var.cname};")
        return var.cname

    def define_variable(self, var: Global) -> None:
        self.variable(var)
        if var.storage is not None:
            self.definitions.append(f"uint8_t {var.cname}[{var.storage[0]}] __attribute__((aligned({var.storage[1]})));\n")
        elif var.type != NONE:
            text = precise(var.type)
            self.definitions.append(f"{text}{'' if text.endswith('*') else ' '}{var.cname};\n")

    def data(self) -> list[str]:
        """The literals and sites."""
        sites = [f"static const Site {name} = {{ &{self.literal(file)}, {line} }};" for (file, line), name in self.sites.items()]
        return [*(self.literal_definition(key, name) for key, name in list(self.literals.items())), *sites]
