"""f-strings and format specifications."""


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02}"

    def __repr__(self) -> str:
        return f"Money({self.cents})"


def main() -> None:
    n = 42
    s = "text"
    print(f"{n} {s} {n!r} {s!r} {{literal}} {n + 1} {s.upper()} {n:d}{s}")
    for v in (0, 7, -7, 255, 123456789, -1234567):
        print(f"[{v:d}] [{v:x}] [{v:X}] [{v:o}] [{v:b}] [{v:5}] [{v:<12}] [{v:>12}] [{v:^13}] [{v:012}] [{v:,}] [{v:*^15,}] [{v:015,}] [{v:_>9x}] [{v:08x}] [{v:+}] [{v: d}] [{v:#x}] [{v:#010x}] [{v:#b}] [{v:_}] [{v:=+9}]")
    for t in ("", "a", "hello", "é漢"):
        print(f"[{t}] [{t:8}] [{t:>8}] [{t:^8}] [{t:*<8}] [{t:s}] [{t!r:>10}] [{t:.2}] [{t:-^7.3}]")
    print(f"{65:c}{0x1F40D:c} {True} {None} {True:d} {[1, 2]} {(1, 'a')} { {'k': 1} } {b'raw'!r} {bytearray(b'ba')!r}")
    m = Money(1234)
    print(f"{m} {m!r} {m!s} {str(m):>10}|")
    width = 6
    print(f"{n:{width}}|{s:>{width}}|{n:0{width}x}|")
    print(f"{n=} {s=}" f" joined {'nested ' + f'{n}'}")
    print(f"{1 if n > 3 else 2} {[x for x in range(3)]} {len(s):>3}")
    print(format(255, "x"), format(5, "03d"), format("a", ">3"), str(n) + s, repr([s]), ascii("é"))
    print(f"{-(2**62):x} {2**63 - 1:,} {-(2**63)} {-(2**63):b}")


main()
