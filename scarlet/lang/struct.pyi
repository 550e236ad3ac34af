"""@struct as mypy sees it: the class itself; the compiler's mypy plugin adds SIZE, ALIGN, OFFSETS, pack, parse and __init__."""

from collections.abc import Callable
from typing import TypeVar, overload

C = TypeVar("C")

@overload
def struct(cls: type[C], /) -> type[C]: ...
@overload
def struct(*, packed: bool = False, big_endian: bool = False) -> Callable[[type[C]], type[C]]: ...
