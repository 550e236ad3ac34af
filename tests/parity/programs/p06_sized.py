"""Sized integers inside their range, and the explicit wraps."""

from scarlet.lang import i8, i16, i32, i64, u8, u16, u32, u64, usize


def wraps(x: int) -> None:
    print(u8(x), u16(x), u32(x), u64(x), i8(x), i16(x), i32(x), i64(x), usize(x))


def hash32(data: bytes) -> u32:
    h: u32 = 2166136261
    for b in data:
        h = u32((h ^ b) * 16777619)
    return h


def xorshift(state: u64) -> u64:
    state = u64(state ^ (state << 13))
    state = u64(state ^ (state >> 7))
    return u64(state ^ (state << 17))


def align_up(address: u64, size: u64) -> u64:
    return (address + size - 1) & ~(size - 1)


def mixed(a: u64, b: int) -> u64:
    return a * b + 1


def compares(a: u64, b: int) -> None:
    print(a < b, a == b, a > b, b < a, a <= b, b >= a)


def main() -> None:
    for x in (0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648, -2147483648, -129, 4294967296, 9223372036854775807):
        wraps(x)
    print(hash32(b"hello"), hash32(b""), hash32(b"\xff\x00scarlet"))
    s: u64 = 88172645463325252
    for _ in range(5):
        s = xorshift(s)
        print(s)
    print(align_up(0x1001, 0x1000), align_up(0x1000, 0x1000), align_up(0, 16))
    print(mixed(5, 6), mixed(0, 0))
    compares(5, 6)
    compares(5, -1)
    compares(u64(-1), -1)
    compares(0, 0)
    a: u8 = 200
    b: u8 = 7
    print(a // b, a % b, a & b, a | b, a ^ b, u8(~a), a >> 3, u8(a << 3), u8(a + 100), u8(b - a), u8(-a))
    c: i32 = -17
    d: i32 = 5
    print(c // d, c % d, c * d, -c, abs(c), c >> 1, c << 2, ~c, c < d)
    total: u64 = 0
    for i in range(10):
        total += i
    print(total, int(total) - 100, u64(int(total) - 100))
    values: list[u16] = [1, 2, 65000]
    values.append(7)
    print(values, sum(values), max(values), len(values))
    n: usize = len(values)
    print(n, n * 8, u32(u64(1) << 40), u64(1) << 40, i64(u64(1) << 63), i32(u32(0xFFFFFFFF)))
    print(u64(0xFFFFFFFFFFFFFFFF), u64(0xFFFFFFFFFFFFFFFF) // 10, u64(0xFFFFFFFFFFFFFFFF) % 10, u64(0xFFFFFFFFFFFFFFFF) >> 60)


main()
