"""Integer methods and conversions."""

from scarlet.lang import u8, u32, u64


def something(n: int) -> int | None:
    return n if n else None


def nothing() -> int | None:
    return None


def main() -> None:
    for n in (0, 1, -1, 255, 256, -256, 1 << 40, (1 << 62) + 1):
        print(n, n.bit_length(), n.bit_count(), hex(n), oct(n), bin(n), hash(n), str(n), repr(n))
        print(n.to_bytes(9, "little", signed=True), n.to_bytes(8, "big", signed=True))
    print(int.from_bytes(b"", "little"), int.from_bytes(b"\x80", "big", signed=True), int.from_bytes(b"\xff\x7f", "little"))
    print(u64(1 << 63).to_bytes(8, "little"), u32(7).to_bytes(4, "big"), u64(5).bit_length(), int(u8(200)))
    print(hash(-1), hash(True), hash(0), hash(1 << 60), divmod(-7, 2), divmod(7, -2), pow(2, 10))
    print(chr(97), ord("a"), int(True), bool(2), int("7") + 1, sum([True, True]), max(1, 2, 3), min(-1, 5))
    x = something(5)
    y = nothing()
    print(x, y, x == 5, y is None, x if x is not None else 0, [x, y])
    u: u8 | None = u8(300)
    print(u, u is not None)
    for text in ("9223372036854775807", "-9223372036854775808", "0b11", "0o17"):
        print(int(text, 0))
    try:
        print((1).to_bytes(0, "little"))
    except OverflowError as e:
        print(e)
    try:
        print((-1).to_bytes(2, "little"))
    except OverflowError as e:
        print(e)
    for a, b in ((1, 0), (5, -1), (1, 70)):
        try:
            print(a % b if b <= 0 and b > -1 else a >> b)
        except ZeroDivisionError as e:
            print("ZeroDivisionError", e)
        except ValueError as e:
            print("ValueError", e)
    try:
        print(divmod(1, y or 0))
    except ZeroDivisionError as e:
        print(e)
    try:
        print(chr(-1 + 0x110000 + 1))
    except ValueError as e:
        print(e)
    try:
        print(1 // ((x or 0) - 5))
    except ZeroDivisionError as e:
        print(e)


main()
