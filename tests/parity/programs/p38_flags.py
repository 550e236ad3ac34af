from enum import Flag, IntFlag, auto
from typing import Final

from scarlet.lang import u32, u64


class F(IntFlag):
    A = 1
    B = 2
    C = 4


class G(IntFlag):
    A = 1
    C = 8
    BOTH = 9


class Wide(IntFlag):
    LOW = 1
    HIGH = 1 << 31


class S(Flag):
    X = auto()
    Y = auto()
    Z = auto()


KNOWN: Final = F.A | F.B
REST: Final = ~F.A
MIXED: Final = ~F.A | G.C
LARGE: Final = F.A | -8


def show(flag: F) -> str:
    return f"{int(flag)} {flag!r}"


def main() -> None:
    for n in range(40):
        print(n, int(~F(n)), int(~G(n)), int(~Wide(n)), int(F(n) & ~F.A), int(F(n) & ~KNOWN), int(G(n) | 3), int(G(n) ^ ~G.A))
    for n in range(-40, 1):
        print(n, int(F(n)), int(G(n)), int(F.A | n), int(n | F.B), int(F.A ^ n), int(F.C & n), int(~F(n)))
    print(int(REST), int(KNOWN & REST), int(~KNOWN), int(MIXED), int(LARGE), REST == 6, KNOWN == 3)
    print(show(REST), show(~KNOWN), show(F(0)), show(F(7)), show(F(9)), show(~F(0)))
    flags = F.A | F.C
    flags &= ~F.A
    print(show(flags))
    flags |= F(64)
    print(show(flags), bool(flags & ~F.C))
    flags ^= F.B
    print(show(flags))
    wide = Wide.LOW
    print(int(~wide), u64(~wide), u32(~Wide.HIGH), u64(int(wide) & ~int(Wide.HIGH)))
    mask: u64 = 0xFFFF
    print(u64(mask & ~wide), int(~Wide.HIGH & mask))
    print(~S.X == S.Y | S.Z, (~(S.X | S.Y)) == S.Z, bool(~(S.X | S.Y | S.Z)), bool(S.X & ~S.X))
    for s in [S.X, S.X | S.Z]:
        print(~s == S.Y, S.X in s, S.Z in s)
    n = int("9223372036854775806")
    print(int(~F(n)))
    print(F.A in F(7), F.C in KNOWN, F.A | True)
    print(-F.A, +F.B, F.A + 1, F.C << 1, F.C >> 1, F.C // 2)


main()
