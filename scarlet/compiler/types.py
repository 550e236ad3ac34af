"""The types of compiled values, after monomorphisation.

Every value has exactly one of these; two equal types have the same machine representation. Types are immutable and compared by value
(classes by their instance, of which the program keeps one for each set of type arguments).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scarlet.compiler.program import Class


@dataclass(frozen=True)
class Type:
    """Base class. `counted` says whether a value of the type holds references."""

    @property
    def counted(self) -> bool:
        return False

    @property
    def pointer(self) -> bool:
        """Whether the machine representation is one object reference (possibly null)."""
        return False


@dataclass(frozen=True)
class IntType(Type):
    """int and the sized integers; `name` tells int from i64 in messages."""

    name: str
    bits: int
    signed: bool

    def __str__(self) -> str:
        return self.name

    @property
    def low(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (self.bits - (1 if self.signed else 0))) - 1

    def fits(self, value: int) -> bool:
        return self.low <= value <= self.high

    def wrap(self, value: int) -> int:
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.signed and value >> (self.bits - 1) else value


@dataclass(frozen=True)
class BoolType(Type):
    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True)
class NoneType(Type):
    """The type of None and of functions that return nothing; it has no representation."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True)
class NeverType(Type):
    """The result of a function that does not return."""

    def __str__(self) -> str:
        return "NoReturn"


@dataclass(frozen=True, eq=False)
class ObjectType(Type):
    """A reference to an object of a class or of a class that implements a protocol."""

    cls: Class

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectType) and other.cls is self.cls

    def __hash__(self) -> int:
        return id(self.cls)

    def __str__(self) -> str:
        return self.cls.name

    @property
    def counted(self) -> bool:
        return not self.cls.is_enum

    @property
    def pointer(self) -> bool:
        return True


@dataclass(frozen=True)
class EnumIntType(Type):
    """A value of an IntEnum or IntFlag class: an i64 that knows its class."""

    cls: Class

    def __str__(self) -> str:
        return self.cls.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumIntType) and other.cls is self.cls

    def __hash__(self) -> int:
        return id(self.cls) + 1


@dataclass(frozen=True)
class OptionalType(Type):
    """`T | None`: a nullable reference, or a {has, value} pair when T is not a reference."""

    item: Type

    def __str__(self) -> str:
        return f"{self.item} | None"

    @property
    def counted(self) -> bool:
        return self.item.counted

    @property
    def pointer(self) -> bool:
        return self.item.pointer


@dataclass(frozen=True)
class TupleType(Type):
    """A tuple: a structure passed by value."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items)) or '()'}]"

    @property
    def counted(self) -> bool:
        return any(item.counted for item in self.items)


@dataclass(frozen=True)
class FunctionType(Type):
    """A callable value: a reference to a closure object."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"Callable[[{', '.join(map(str, self.parameters))}], {self.result}]"

    @property
    def counted(self) -> bool:
        return True

    @property
    def pointer(self) -> bool:
        return True


@dataclass(frozen=True)
class PointerType(Type):
    """raw.Ptr[T]: an address."""

    item: Type

    def __str__(self) -> str:
        return f"Ptr[{self.item}]"


@dataclass(frozen=True)
class ClassRefType(Type):
    """type[C]: the address of a type record. Only None tests and issubclass can look at it."""

    def __str__(self) -> str:
        return "type"


@dataclass(frozen=True)
class CellType(Type):
    """A heap cell shared between a function and the closures that capture its variable."""

    item: Type

    def __str__(self) -> str:
        return f"cell[{self.item}]"

    @property
    def counted(self) -> bool:
        return True

    @property
    def pointer(self) -> bool:
        return True


INT = IntType("int", 64, True)
U8 = IntType("u8", 8, False)
U16 = IntType("u16", 16, False)
U32 = IntType("u32", 32, False)
U64 = IntType("u64", 64, False)
I8 = IntType("i8", 8, True)
I16 = IntType("i16", 16, True)
I32 = IntType("i32", 32, True)
I64 = IntType("i64", 64, True)
SIZED = {kind.name: kind for kind in (U8, U16, U32, U64, I8, I16, I32, I64)}
BOOL = BoolType()
NONE = NoneType()
NEVER = NeverType()
CLASS_REF = ClassRefType()


def is_integer(kind: Type) -> bool:
    """int, a sized integer or an integer enum."""
    return isinstance(kind, (IntType, EnumIntType))


def machine_int(kind: Type) -> IntType:
    """The integer type that represents an int, sized integer, integer enum or bool."""
    if isinstance(kind, IntType):
        return kind
    if isinstance(kind, EnumIntType):
        return INT
    assert isinstance(kind, BoolType), kind
    return U8
