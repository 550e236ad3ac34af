"""The dialect: what kernel code imports beside Python itself (docs/dialect.md)."""

from collections.abc import Callable
from typing import Final, TypeVar

from scarlet.lang.errno import Errno
from scarlet.lang.ints import i8, i16, i32, i64, isize, u8, u16, u32, u64, usize
from scarlet.lang.struct import struct

COMPILED: Final = False
"""False in CPython; the compiler replaces it by True."""

D = TypeVar("D", bound=Callable[..., object])


def registrar(decorator: D) -> D:
    """Mark a decorator that only declares something to a generator and returns its function unchanged."""
    return decorator


__all__ = ["COMPILED", "Errno", "i8", "i16", "i32", "i64", "isize", "registrar", "struct", "u8", "u16", "u32", "u64", "usize"]
