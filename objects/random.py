"""The kernel's random numbers: ChaCha20 as a generator, with a key that is replaced after every use. (random(4), getrandom(2); RFC 8439)

The key begins as what the machine could tell that an outsider cannot; whatever is written to /dev/random is mixed in, and the time of
each request. A request first takes a block that becomes the next key, so that what was given out cannot be computed from a later
state ("fast key erasure").
"""

from typing import Final

from scarlet.kernel import clock
from scarlet.lang import u32

ROUNDS: Final = 20
KEY_BYTES: Final = 32
BLOCK_BYTES: Final = 64
CONSTANTS: Final = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
"""The words of "expand 32-byte k"."""


class Generator:
    """A generator with a state of its own."""

    def __init__(self, seed: bytes) -> None:
        self.key: list[u32] = [u32(0)] * (KEY_BYTES // 4)
        self.mixed_bytes = 0
        """What has been mixed in so far, for entropy_avail."""
        self.mix(seed)

    def mix(self, data: bytes) -> None:
        """Let the key depend on these bytes too."""
        for start in range(0, len(data), KEY_BYTES):
            part = data[start : start + KEY_BYTES]
            for place in range(len(part)):
                self.key[place // 4] = u32(self.key[place // 4] ^ u32(part[place] << place % 4 * 8))
            self._next_key(0)
        self.mixed_bytes += len(data)

    def take(self, count: int) -> bytes:
        """So many random bytes."""
        key = self.key.copy()
        self._next_key(clock.monotonic_ns())
        out = bytearray()
        block = 1
        while len(out) < count:
            words = chacha20_block(key, block, 0, 0)
            for word in words:
                out.extend(int(word).to_bytes(4, "little"))
            block += 1
        return bytes(out[:count])

    def _next_key(self, nonce: int) -> None:
        words = chacha20_block(self.key, 0, nonce & 0xFFFFFFFF, nonce >> 32 & 0xFFFFFFFF)
        for place in range(len(self.key)):
            self.key[place] = words[place]


def chacha20_block(key: list[u32], counter: int, nonce_low: int, nonce_high: int) -> list[u32]:
    """One block: sixteen words. (RFC 8439, section 2.3, with a 64-bit counter and nonce)"""
    start: list[u32] = [u32(word) for word in CONSTANTS]
    start.extend(key)
    start.append(u32(counter))
    start.append(u32(counter >> 32))
    start.append(u32(nonce_low))
    start.append(u32(nonce_high))
    state = start.copy()
    for _ in range(ROUNDS // 2):
        _quarter_round(state, 0, 4, 8, 12)
        _quarter_round(state, 1, 5, 9, 13)
        _quarter_round(state, 2, 6, 10, 14)
        _quarter_round(state, 3, 7, 11, 15)
        _quarter_round(state, 0, 5, 10, 15)
        _quarter_round(state, 1, 6, 11, 12)
        _quarter_round(state, 2, 7, 8, 13)
        _quarter_round(state, 3, 4, 9, 14)
    for place in range(16):
        state[place] = u32(state[place] + start[place])
    return state


def _quarter_round(state: list[u32], a: int, b: int, c: int, d: int) -> None:
    """RFC 8439, section 2.1."""
    state[a] = u32(state[a] + state[b])
    state[d] = _rotate(u32(state[d] ^ state[a]), 16)
    state[c] = u32(state[c] + state[d])
    state[b] = _rotate(u32(state[b] ^ state[c]), 12)
    state[a] = u32(state[a] + state[b])
    state[d] = _rotate(u32(state[d] ^ state[a]), 8)
    state[c] = u32(state[c] + state[d])
    state[b] = _rotate(u32(state[b] ^ state[c]), 7)


def _rotate(word: u32, count: int) -> u32:
    return u32(u32(word << count) | u32(word >> (32 - count)))


_generator: Final = Generator(b"")


def seed(entropy: bytes) -> None:
    """Mix in what the boot code gathered (the device tree's rng-seed, clocks)."""
    _generator.mix(entropy)


def mix(data: bytes) -> None:
    """Mix in more."""
    _generator.mix(data)


def random_bytes(count: int) -> bytes:
    """Random bytes. (getrandom(2))"""
    return _generator.take(count)


def entropy_bits() -> int:
    """What /proc/sys/kernel/random/entropy_avail shows: 256 once the key is full."""
    return min(_generator.mixed_bytes * 8, 256)
