"""Methods of int, and the operators that are more than an instruction.

Source: Python library reference, "Additional Methods on Integer Types". Where CPython's result would leave the 64
bits of an int: OverflowError.
"""

from scarlet.lang import i64, u8, u64
from scarlet.lang.raw import load32, payload, store64, unchecked_cast
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.bytes import new


def power(base: int, exponent: int) -> int:
    """base ** exponent, by squaring."""
    if exponent < 0:
        raise ValueError("negative exponent: the result is not an integer")
    result = 1
    while True:
        if exponent & 1:
            result *= base
        exponent >>= 1
        if exponent == 0:
            return result
        base *= base


def u64_power(base: u64, exponent: int) -> u64:
    if exponent < 0:
        raise ValueError("negative exponent: the result is not an integer")
    result: u64 = 1
    while True:
        if exponent & 1:
            result = result * base
        exponent >>= 1
        if exponent == 0:
            return result
        base = base * base


def power_mod(base: int, exponent: int, modulus: int) -> int:
    """pow(base, exponent, modulus) for a modulus whose square is an int."""
    if modulus == 0:
        raise ValueError("pow() 3rd argument cannot be 0")
    if exponent < 0:
        raise NotImplementedError("pow() with a negative exponent and a modulus")
    result = 1 % modulus
    base %= modulus
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        exponent >>= 1
        if exponent > 0:
            base = base * base % modulus
    return result


def bit_length(value: int) -> int:
    """The bits of the magnitude."""
    return u64_bit_length(u64(-u64(value)) if value < 0 else u64(value))


def u64_bit_length(value: u64) -> int:
    count = 0
    for step in (32, 16, 8, 4, 2, 1):
        if value >> step != 0:
            value = value >> step
            count += step
    return count + i64(value)


def bit_count(value: int) -> int:
    """The ones of the magnitude."""
    return u64_bit_count(u64(-u64(value)) if value < 0 else u64(value))


def u64_bit_count(value: u64) -> int:
    """By adding ever wider fields (H. S. Warren, Hacker's Delight, section 5-1)."""
    value = u64(value - (value >> 1 & 0x5555555555555555))
    value = u64((value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333))
    value = u64(value + (value >> 4)) & 0x0F0F0F0F0F0F0F0F
    return i64(u64(value * 0x0101010101010101) >> 56)


def is_little(byteorder: str) -> bool:
    if byteorder == "little":
        return True
    if byteorder == "big":
        return False
    raise ValueError("byteorder must be either 'little' or 'big'")


def to_bytes(value: int, length: int, byteorder: str, signed: bool) -> bytes:
    """value.to_bytes(...): two's complement when signed."""
    little = is_little(byteorder)
    if length < 0:
        raise ValueError("length argument must be non-negative")
    if value < 0 and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    if not fits(value, length, signed):
        raise OverflowError("int too big to convert")
    return spread(u64(value), length, little, 255 if value < 0 else 0)


def fits(value: int, length: int, signed: bool) -> bool:
    """Whether `length` bytes hold the value."""
    if length >= 8:
        return True
    if length == 0:
        return value == 0 or value == -1
    if signed:
        return -(1 << (length * 8 - 1)) <= value < 1 << (length * 8 - 1)
    return value < 1 << length * 8


def u64_to_bytes(value: u64, length: int, byteorder: str) -> bytes:
    little = is_little(byteorder)
    if length < 0:
        raise ValueError("length argument must be non-negative")
    if length < 8 and value >> length * 8 != 0:
        raise OverflowError("int too big to convert")
    return spread(value, length, little, 0)


def spread(value: u64, length: int, little: bool, filler: int) -> bytes:
    """The low bytes of value; beyond the eighth, the filler."""
    out = new(length)
    if little and length == 8:
        store64(payload(out).address, value)
        return unchecked_cast(bytes, out)
    for at in range(length):
        byte = u8(value >> at * 8) if at < 8 else u8(filler)
        payload(out)[at if little else length - 1 - at] = byte
    return unchecked_cast(bytes, out)


def from_bytes(data: Buffer, byteorder: str, signed: bool) -> int:
    """int.from_bytes(...); OverflowError when the number is no int."""
    little = is_little(byteorder)
    size = data.count_bytes()
    if little and size == 4 and not signed:
        return int(load32(data.start().address))
    negative = signed and size > 0 and int(data.start()[size - 1 if little else 0]) >= 128
    value: u64 = u64(-1) if negative else 0
    for at in range(size):
        byte = data.start()[size - 1 - at if little else at]
        if value >> 56 != (255 if negative else 0):
            raise OverflowError("the number does not fit in an int")
        value = u64(value << 8) | u64(byte)
    if (value >> 63 != 0) != negative:
        raise OverflowError("the number does not fit in an int")
    return i64(value)


def u64_from_bytes(data: Buffer, byteorder: str) -> u64:
    """u64(int.from_bytes(data, byteorder)): the low 64 bits."""
    little = is_little(byteorder)
    size = data.count_bytes()
    value: u64 = 0
    for at in range(size):
        value = u64(value << 8) | u64(data.start()[size - 1 - at if little else at])
    return value
