"""@struct as mypy sees it: the class itself; the compiler's mypy plugin adds SIZE, ALIGN, OFFSETS, pack, parse and __init__."""

from typing import Callable, TypeVar, overload

C = TypeVar("C")

@overload
def struct(cls: type[C], /) -> type[C]: ...
@overload
def struct(*, packed: bool = False, big_endian: bool = False) -> Callable[[type[C]], type[C]]: ...
