class Thing:
    def __str__(self) -> str:
        return "thing"

    def __repr__(self) -> str:
        return "<Thing>"


class OnlyRepr:
    def __repr__(self) -> str:
        return "R"


def main() -> None:
    for n in (0, 5, -5, 255, -255, 65536, 9223372036854775807, -9223372036854775808):
        print(f"[{n}] [{n:d}] [{n:5}] [{n:<5}] [{n:>5}] [{n:^5}] [{n:05}] [{n:+}] [{n: }] [{n:-}] [{n:x}] [{n:X}] [{n:#x}] [{n:#X}] [{n:o}] [{n:#o}] [{n:b}] [{n:#b}]")
        print(f"[{n:,}] [{n:_}] [{n:_x}] [{n:_b}] [{n:012,}] [{n:*^20}] [{n:*>+20,}] [{n:#010x}] [{n:=10}] [{n:0=10}] [{n:é>10}] [{n:<010}]")
        print(f"[{n!r:>8}] [{n!s:<8}] [{n=}] [{n = }] [{n=:x}] [{n=!r}]")
    for c in (65, 233, 0x1F600):
        print(f"[{c:c}] [{c:>5c}] [{c:<5c}]")
    for s in ("", "a", "héllo", "日本", "x" * 12):
        print(f"[{s}] [{s:5}] [{s:>5}] [{s:^5}] [{s:*<7}] [{s:.3}] [{s:>8.2}] [{s!r}] [{s!a}] [{s!r:>12}] [{s:s}] [{s=}]")
    width, precision, fill = 9, 2, "-"
    print(f"[{'abc':{width}}] [{'abc':>{width}.{precision}}] [{5:{fill}^{width}}] [{'x':{fill}<{width}}]")
    t, r = Thing(), OnlyRepr()
    print(f"{t} {t!r} {t!s} {r} {r!s} {r!r} {[t, t]} {(r, 1)} {t=}")
    print(f"{True} {False!r} {None} {True:5} {True:d} {(1,)} {()} {{}} {{{1}}}")
    print(f"{b'bytes'!r} {bytearray(b'z')!r} {[b'1', b'2']}")
    print(f"{{}} {{{5}}} {'nested ' + f'{1 + 1}'} {3 if t else 4} {[i for i in range(3)]}")
    print("a" "b" f"{1}" "c", f"{'q' * 3!r}", f"{1,2}", f"{'a' if 1 else 'b'}", f"{len('abc'):>{4}}", rf"\n{1}")
    for bad in ("q", "5.2", ",x"):
        try:
            print(format(5, bad))
        except ValueError as error:
            print(error)
    for bad in ("d", "+", "=5", ","):
        try:
            print(format("s", bad))
        except ValueError as error:
            print(error)
    print(format(255, "x"), format("a", ">3"), format(True, "d"), format(3), format(b"x", "") if False else "")
    print(str(1), str(True), str(None), str([1]), str((1, "a")), str({1: "x"}), str({1}), str(set()) if False else "set()", repr("it's"), repr('a"b'), repr("\n\t\\\x00é\x7f\u200b"))
    print(repr(b"it's \x00\xff\n\"'"), ascii("é日😀"), repr("😀"), repr(chr(0xD800)))
    print("x".ljust(3, "."), "x".rjust(3), "x".center(4, "*"), "-5".zfill(4), "+5".zfill(4), "ab".zfill(1))
    print("a,b,,c".split(","), "a b  c ".split(), " a b ".split(" "), "a,b,c".rsplit(",", 1), "abc".partition("b"), "abcb".rpartition("b"), "x".partition("q"))
    print("aXbX".replace("X", "--", 1), "abc".find("c"), "abc".rfind("z"), "abcabc".count("bc"), "aaa".count("a", 1), "abc".startswith(("x", "a")), "abc".endswith("bc", 1))
    print("Hello World".upper(), "Hello".lower(), "hELLO wORLD".title() if False else "", "hello".capitalize() if False else "", "abc".isalpha(), "123".isdigit(), "a1".isalnum(), " ".isspace(), "".isalpha())
    print("\t".join(["a", "b"]), "a\nb\r\nc".splitlines(), "a\nb\n".splitlines(True), "abc"[::-1], "é" in "café", "abc" < "abd", "a" * 3)
    print("  x ".strip(), "xxaxx".strip("x"), "xxa".lstrip("x"), "axx".rstrip("x"), "abc".removeprefix("a"), "abc".removesuffix("c"), "a\tb".expandtabs(4) if False else "")
    print("abc".encode(), "é".encode("utf-8"), b"\xc3\xa9".decode(), b"ab".hex(), bytes.fromhex("00ff"), b"a,b".split(b","), b" x ".strip(), b"abc".find(b"c"), b"aXb".replace(b"X", b"yy"))
    try:
        b"\xff".decode()
    except UnicodeDecodeError as error:
        print(error)
    print(b"\xff\xfea".decode("utf-8", "replace"), b"\xffa".decode("utf-8", "ignore"))


main()
