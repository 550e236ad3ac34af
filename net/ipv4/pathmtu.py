"""The largest packet that goes through to a destination, where that is less than the first link carries. (RFC 1191)

Learned from the ICMP messages of routers on the way, forgotten after ten minutes. A message that says less than MIN_PATH_MTU is believed
only so far: a forged one would make us send dust.
"""

from typing import Final

from scarlet.kernel import clock

MIN_PATH_MTU: Final = 552
LIFETIME_NS: Final = 600_000_000_000
MAX_ENTRIES: Final = 256

_known: Final[dict[int, tuple[int, int]]] = {}
"""Destination -> MTU, and until when it is believed."""


def get(destination: int, link_mtu: int) -> int:
    """The path MTU, at most what the link carries."""
    found = _known.get(destination)
    if found is None:
        return link_mtu
    if found[1] <= clock.monotonic_ns():
        del _known[destination]
        return link_mtu
    return min(found[0], link_mtu)


def learn(destination: int, mtu: int) -> None:
    """A router on the way cannot pass more on. A larger value than the known one is not believed before that is forgotten."""
    mtu = max(mtu, MIN_PATH_MTU)
    found = _known.get(destination)
    if found is not None and found[0] <= mtu and found[1] > clock.monotonic_ns():
        return
    if found is None and len(_known) >= MAX_ENTRIES:
        _forget_one()
    _known[destination] = (mtu, clock.deadline_after(LIFETIME_NS))


def _forget_one() -> None:
    """The oldest."""
    for destination in list(_known.keys())[:1]:
        del _known[destination]
