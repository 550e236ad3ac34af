"""As lowering.py, for what the type checker refuses already."""

from scarlet.lang import u32, u64


def mixed(a: u32, b: u64) -> u64:
    return a + b  # refused: Unsupported operand types


def missing(x: int | None) -> int:
    return x + 1  # refused: Unsupported


def untyped(x):  # refused: missing a type annotation
    return x


print(mixed(u32(1), u64(2)), missing(None), untyped(1))
