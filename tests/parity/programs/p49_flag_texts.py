"""repr, str and name of flags: members, combinations, zero with and without a name, bits of no member."""

from enum import Flag, IntFlag


class F(IntFlag):
    NONE = 0
    A = 1
    B = 2
    AB = 3


class G(Flag):
    NONE = 0
    A = 1
    B = 2


class H(Flag):
    A = 1
    C = 4


class I(IntFlag):
    A = 1


def show(f: F, g: G, h: H, i: I) -> None:
    print(repr(f), str(f), f"{f}", repr(g), str(g), f"{g}", repr(h), str(h), repr(i), str(i), [f], (g,))


show(F.NONE, G.NONE, H.A & H.C, I(0))
show(F(8), G.A, H.A, I(8))
show(F(9), G.A | G.B, H.A | H.C, I(9))
show(F(3), G.A | G.B, H.A | H.C, I(1))
print(F.NONE.name, F.AB.name, (F.A | F.B).name, G.NONE.name)
