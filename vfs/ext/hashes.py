"""How names are hashed in directories with a hash tree: the legacy hash, half of MD4, and TEA, each for signed and unsigned characters.

The results decide where a name is looked for, so they must be those of every other system. All arithmetic is modulo 2**32.

Sources: Linux, Documentation/filesystems/ext4, "Hash Tree Directories"; RFC 1320 (MD4); Wheeler and Needham, "TEA, a Tiny Encryption
Algorithm".
"""

from typing import Final

from scarlet.lang import u32
from scarlet.lang.errno import EINVAL, Errno

LEGACY: Final = 0
HALF_MD4: Final = 1
TEA: Final = 2
UNSIGNED: Final = 3
"""Added to the version on disk when characters are unsigned: 3, 4, 5."""

MASK: Final = 0xFFFFFFFF
DELTA: Final = 0x9E3779B9
MD4_ROUND_2: Final = 0x5A827999
MD4_ROUND_3: Final = 0x6ED9EBA1
LAST_HASH: Final = 0x7FFFFFFF << 1
"""Reserved as the end of a directory."""
DEFAULT_SEED: Final = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]


class NameHash:
    """`major` orders the tree; its lowest bit is never set. `minor` breaks ties in listings."""

    def __init__(self, major: int, minor: int) -> None:
        self.major = major
        self.minor = minor


def hash_name(name: bytes, version: int, seed: list[int]) -> NameHash:
    """The hash of a name. `version` is one of the six; a seed of zeros is MD4's own. EINVAL for a version that is none of them."""
    signed = version < UNSIGNED
    state = list(seed) if _is_set(seed) else list(DEFAULT_SEED)
    major = 0
    minor = 0
    match version % UNSIGNED if 0 <= version < 2 * UNSIGNED else -1:
        case 0:
            major = _legacy(name, signed=signed)
        case 1:
            for start in range(0, len(name), 32):
                _half_md4(state, _words(name, start, 8, signed=signed))
            major = state[1]
            minor = state[2]
        case 2:
            for start in range(0, len(name), 16):
                _tea(state, _words(name, start, 4, signed=signed))
            major = state[0]
            minor = state[1]
        case _:
            raise Errno(EINVAL, "an unknown hash of names")
    major &= MASK ^ 1
    if major == LAST_HASH:
        major = LAST_HASH - 2
    return NameHash(major, minor)


def _is_set(seed: list[int]) -> bool:
    for word in seed:
        if word != 0:
            return True
    return False


def _character(byte: int, *, signed: bool) -> int:
    return byte - 256 if signed and byte >= 128 else byte


def _legacy(name: bytes, *, signed: bool) -> int:
    before = 0x37ABE8F9
    last = 0x12A3FE2D
    for byte in name:
        mixed = before + (last ^ _character(byte, signed=signed) * 7152373) & MASK
        if mixed & 0x80000000:
            mixed -= 0x7FFFFFFF
        before = last
        last = mixed
    return last << 1 & MASK


def _words(name: bytes, start: int, count: int, *, signed: bool) -> list[int]:
    """`count` words of four characters from `start` on, filled up with the length of what is left."""
    left = len(name) - start
    padding = (left & 0xFF) | (left & 0xFF) << 8
    padding |= padding << 16
    words: list[int] = []
    word = padding
    length = min(left, 4 * count)
    for index in range(length):
        word = _character(name[start + index], signed=signed) + ((word & 0xFFFFFF) << 8) & MASK
        if index % 4 == 3:
            words.append(word)
            word = padding
    if len(words) < count:
        words.append(word)
    while len(words) < count:
        words.append(padding)
    return words


def _tea(state: list[int], words: list[int]) -> None:
    left = state[0]
    right = state[1]
    total = 0
    for _round in range(16):
        total = total + DELTA & MASK
        left = left + ((right << 4) + words[0] ^ right + total ^ (right >> 5) + words[1]) & MASK
        right = right + ((left << 4) + words[2] ^ left + total ^ (left >> 5) + words[3]) & MASK
    state[0] = state[0] + left & MASK
    state[1] = state[1] + right & MASK


def _half_md4(state: list[int], words: list[int]) -> None:
    """MD4 with eight steps a round instead of sixteen. The four values take turns: each step renews one of them."""
    a = u32(state[0])
    b = u32(state[1])
    c = u32(state[2])
    d = u32(state[3])
    for at in range(0, 8, 4):
        a = _turned(u32(a + (d ^ b & (c ^ d)) + u32(words[at])), 3)
        d = _turned(u32(d + (c ^ a & (b ^ c)) + u32(words[at + 1])), 7)
        c = _turned(u32(c + (b ^ d & (a ^ b)) + u32(words[at + 2])), 11)
        b = _turned(u32(b + (a ^ c & (d ^ a)) + u32(words[at + 3])), 19)
    for at in range(1, -1, -1):
        a = _turned(u32(a + (b & c) + ((b ^ c) & d) + u32(words[at]) + MD4_ROUND_2), 3)
        d = _turned(u32(d + (a & b) + ((a ^ b) & c) + u32(words[at + 2]) + MD4_ROUND_2), 5)
        c = _turned(u32(c + (d & a) + ((d ^ a) & b) + u32(words[at + 4]) + MD4_ROUND_2), 9)
        b = _turned(u32(b + (c & d) + ((c ^ d) & a) + u32(words[at + 6]) + MD4_ROUND_2), 13)
    for at in range(3, 0, -2):
        a = _turned(u32(a + (b ^ c ^ d) + u32(words[at]) + MD4_ROUND_3), 3)
        d = _turned(u32(d + (a ^ b ^ c) + u32(words[at + 4]) + MD4_ROUND_3), 9)
        c = _turned(u32(c + (d ^ a ^ b) + u32(words[at - 1]) + MD4_ROUND_3), 11)
        b = _turned(u32(b + (c ^ d ^ a) + u32(words[at + 3]) + MD4_ROUND_3), 15)
    state[0] = int(u32(u32(state[0]) + a))
    state[1] = int(u32(u32(state[1]) + b))
    state[2] = int(u32(u32(state[2]) + c))
    state[3] = int(u32(u32(state[3]) + d))


def _turned(value: u32, count: int) -> u32:
    """The bits of a word moved to the left, around its end."""
    return u32(value << count) | value >> 32 - count
