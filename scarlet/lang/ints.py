"""Sized integers, the CPython twin: calling one wraps to its width and gives a plain int.

The types that mypy sees are in ints.pyi; the arithmetic that the compiler generates is described in docs/dialect.md.
"""


class _Sized:
    BITS = 64
    SIGNED = False

    def __new__(cls, value: int = 0) -> int:  # type: ignore[misc]
        value = int(value) & ((1 << cls.BITS) - 1)
        if cls.SIGNED and value >> (cls.BITS - 1):
            value -= 1 << cls.BITS
        return value


class u8(_Sized):
    BITS = 8


class u16(_Sized):
    BITS = 16


class u32(_Sized):
    BITS = 32


class u64(_Sized):
    BITS = 64


class i8(_Sized):
    BITS = 8
    SIGNED = True


class i16(_Sized):
    BITS = 16
    SIGNED = True


class i32(_Sized):
    BITS = 32
    SIGNED = True


class i64(_Sized):
    BITS = 64
    SIGNED = True


usize = u64
isize = i64
