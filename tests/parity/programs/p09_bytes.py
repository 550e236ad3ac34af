"""bytes: the kernel's names and data."""


def main() -> None:
    words = [b"a", b"b", b"ab", b"", b"\x00"]
    b = b"hello\x00\xff"
    print(b, len(b), b[0], b[-1], b[1:3], b[::-1], b[::2], list(b[:3]))
    print(b"a" + b"b", b"ab" * 2, b"l" in b, 255 in b, 1 in b, b"zz" not in b)
    print([x < y for x in words for y in words], [x == y for x in words for y in words], [x >= y for x in words for y in words])
    print(b"/bin/sh".split(b"/"), b"/a/b".rsplit(b"/", 1), b" a b ".split(), b"a=b".partition(b"="), b"a=b=c".rpartition(b"="))
    print(b"  x ".strip(), b"xxa".lstrip(b"x"), b"a\n".rstrip(), b"/".join([b"a", b"b"]), b"".join([]))
    print(b.find(b"l"), b.rfind(b"l"), b.find(255), b.index(b"o"), b.count(b"l"), b.find(b"zz"), b.find(b"l", 3), b.find(b"l", 0, 2))
    print(b.startswith(b"he"), b.endswith(b"\xff"), b"abc".replace(b"b", b"XX"), b"aXbX".replace(b"X", b"", 1))
    print(b"abc".hex(), bytes.fromhex("00ff 10"), b"ABC".lower(), b"abc".upper(), b"12".isdigit(), b"ab".isalpha(), b"a1".isalnum(), b" ".isspace())
    print(bytes(3), bytes([1, 2, 255]), bytes(b"copy"), bytes(bytearray(b"ba")), bytes(range(5)))
    print(b"caf\xc3\xa9".decode(), b"abc".decode("ascii"), str(b"x"), repr(b"it's"), repr(b'"'), repr(b"'\""), b"\t\n\r\\\x7f\x1b")
    print(b"7".zfill(3), b"ab".ljust(4, b"."), b"ab".rjust(4), b"ab".center(5, b"-"), b"a\nb\r\n".splitlines(), b"abc".removeprefix(b"a"), b"abc".removesuffix(b"c"))
    for x in b"\x01\x02":
        print(x)
    print(sum(b"\x01\x02\x03"), max(b"abc"), min(b"abc"), sorted(b"cab"), hash(b"a") == hash(b"a"), bool(b""), bool(b"\0"))
    print(int.from_bytes(b"\x01\x02", "little"), int.from_bytes(b"\x01\x02", "big"), int.from_bytes(b"\xff\xff", "little", signed=True))
    print((258).to_bytes(2, "little"), (258).to_bytes(4, "big"), (-2).to_bytes(2, "little", signed=True))
    try:
        print(b[7])
    except IndexError as e:
        print(e)
    try:
        print(bytes([256]))
    except ValueError as e:
        print(e)
    try:
        print(bytes(-1))
    except ValueError as e:
        print(e)
    try:
        print(b"\xff".decode())
    except UnicodeDecodeError:
        print("UnicodeDecodeError")
    try:
        print((256).to_bytes(1, "little"))
    except OverflowError as e:
        print(e)
    try:
        print(b"abc".index(b"z"))
    except ValueError as e:
        print(e)


main()
