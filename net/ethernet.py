"""Ethernet frames: destination, source, type, payload. (IEEE 802.3, RFC 894)

Frames of virtual LANs carry a tag in the place of the type; nobody here is in one, so they are dropped as those of any unknown type.
"""

from typing import Final

HEADER: Final = 14
MIN_FRAME: Final = 60
"""Shorter frames are padded on the wire: the payload may have bytes after its end."""
TYPE_IPV4: Final = 0x0800
TYPE_ARP: Final = 0x0806
TYPE_VLAN: Final = 0x8100


def make_frame(destination: bytes, source: bytes, ethertype: int, payload: bytes) -> bytes:
    """A frame, padded to the smallest length."""
    frame = destination + source + ethertype.to_bytes(2, "big") + payload
    return frame if len(frame) >= MIN_FRAME else frame.ljust(MIN_FRAME, b"\0")


def ethertype_of(frame: bytes) -> int:
    """What the payload is; 0 for a frame that has no whole header, or that is of an older kind with a length in this place."""
    if len(frame) < HEADER:
        return 0
    found = frame[12] << 8 | frame[13]
    return found if found >= 0x0600 else 0
