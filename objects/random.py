"""The kernel's random numbers: ChaCha20 as a generator, with a key that is replaced after every use. (random(4), getrandom(2); RFC 8439)

The key begins as what the machine could tell that an outsider cannot; whatever is written to /dev/random is mixed in, and the time of
each request. A request first takes a block that becomes the next key, so that what was given out cannot be computed from a later
state ("fast key erasure"). A device that has entropy (drivers/virtio/rng.py) is asked for fresh one a minute after it gave some, if
somebody wants random numbers then.
"""

from typing import Final, TypeAlias

from scarlet.kernel import clock
from scarlet.lang import u32

ROUNDS: Final = 20
KEY_BYTES: Final = 32
BLOCK_BYTES: Final = 64
CONSTANTS: Final = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
"""The words of "expand 32-byte k"."""
REFRESH_NS: Final = 60_000_000_000


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
        """So many random bytes: the second half of the block that gave the next key, then whole blocks of the old one."""
        key = self.key.copy()
        words = self._next_key(clock.monotonic_ns())
        out = bytearray()
        place = len(key)
        block = 1
        while len(out) < count:
            if place == len(words):
                words = chacha20_block(key, block, 0, 0)
                place = 0
                block += 1
            out.extend(int(words[place]).to_bytes(4, "little"))
            place += 1
        return bytes(out[:count])

    def _next_key(self, nonce: int) -> list[u32]:
        """Replace the key by the first half of a block of the old one; gives the block."""
        words = chacha20_block(self.key, 0, nonce & 0xFFFFFFFF, nonce >> 32 & 0xFFFFFFFF)
        for place in range(len(self.key)):
            self.key[place] = words[place]
        return words


Column: TypeAlias = tuple[u32, u32, u32, u32]


def chacha20_block(key: list[u32], counter: int, nonce_low: int, nonce_high: int) -> list[u32]:
    """One block: sixteen words. (RFC 8439, section 2.3, with a 64-bit counter and nonce)

    The words are locals, not a list: 80 quarter rounds are worth it.
    """
    start = [u32(word) for word in CONSTANTS] + key
    start.append(u32(counter))
    start.append(u32(counter >> 32))
    start.append(u32(nonce_low))
    start.append(u32(nonce_high))
    w0, w1, w2, w3 = start[0], start[1], start[2], start[3]
    w4, w5, w6, w7 = start[4], start[5], start[6], start[7]
    w8, w9, w10, w11 = start[8], start[9], start[10], start[11]
    w12, w13, w14, w15 = start[12], start[13], start[14], start[15]
    for _round in range(ROUNDS // 2):
        w0, w4, w8, w12 = _quarter_round(w0, w4, w8, w12)
        w1, w5, w9, w13 = _quarter_round(w1, w5, w9, w13)
        w2, w6, w10, w14 = _quarter_round(w2, w6, w10, w14)
        w3, w7, w11, w15 = _quarter_round(w3, w7, w11, w15)
        w0, w5, w10, w15 = _quarter_round(w0, w5, w10, w15)
        w1, w6, w11, w12 = _quarter_round(w1, w6, w11, w12)
        w2, w7, w8, w13 = _quarter_round(w2, w7, w8, w13)
        w3, w4, w9, w14 = _quarter_round(w3, w4, w9, w14)
    state = [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15]
    for place in range(16):
        state[place] = u32(state[place] + start[place])
    return state


def _quarter_round(a: u32, b: u32, c: u32, d: u32) -> Column:
    """RFC 8439, section 2.1."""
    a = u32(a + b)
    d = _rotate(u32(d ^ a), 16)
    c = u32(c + d)
    b = _rotate(u32(b ^ c), 12)
    a = u32(a + b)
    d = _rotate(u32(d ^ a), 8)
    c = u32(c + d)
    b = _rotate(u32(b ^ c), 7)
    return (a, b, c, d)


def _rotate(word: u32, count: int) -> u32:
    return u32(u32(word << count) | u32(word >> (32 - count)))


class EntropySource:
    """A device that has entropy. Override `ask`."""

    def ask(self) -> None:
        """Call mix() with random bytes some time soon. Must not sleep."""
        raise NotImplementedError("EntropySource.ask")


class Refreshing:
    """The sources, and when they are to be asked next."""

    def __init__(self) -> None:
        self.sources: list[EntropySource] = []
        self.next_ns = 0

    def look(self) -> None:
        """Ask them if it is time."""
        if len(self.sources) == 0:
            return
        now = clock.monotonic_ns()
        if now >= self.next_ns:
            self.next_ns = now + REFRESH_NS
            for source in self.sources:
                source.ask()


_generator: Final = Generator(b"")
_refreshing: Final = Refreshing()


def seed(entropy: bytes) -> None:
    """Mix in what the boot code gathered (the device tree's rng-seed, clocks)."""
    _generator.mix(entropy)


def mix(data: bytes) -> None:
    """Mix in more."""
    _generator.mix(data)


def add_source(source: EntropySource) -> None:
    """Use a device from now on, which has just been asked."""
    _refreshing.sources.append(source)
    _refreshing.next_ns = clock.monotonic_ns() + REFRESH_NS


def random_bytes(count: int) -> bytes:
    """Random bytes. (getrandom(2))"""
    _refreshing.look()
    return _generator.take(count)


def entropy_bits() -> int:
    """What /proc/sys/kernel/random/entropy_avail shows: 256 once the key is full."""
    return min(_generator.mixed_bytes * 8, 256)
