"""IPv4 addresses as numbers in host order, prefixes, and Ethernet addresses. (RFC 791, RFC 1122 3.2.1.3, RFC 5735)"""

from typing import Final

ANY: Final = 0
"""0.0.0.0: no address, or all of one's own."""
BROADCAST: Final = 0xFFFFFFFF
"""255.255.255.255: everybody on this link."""
LOOPBACK: Final = 0x7F000001
"""127.0.0.1"""
ALL_HOSTS: Final = 0xE0000001
"""224.0.0.1: the multicast group that everybody is in."""

HARDWARE_BROADCAST: Final = b"\xff\xff\xff\xff\xff\xff"
NO_HARDWARE: Final = b"\0\0\0\0\0\0"


def make_address(a: int, b: int, c: int, d: int) -> int:
    """The address a.b.c.d."""
    return a << 24 | b << 16 | c << 8 | d


def mask_of(prefix: int) -> int:
    """The netmask of a prefix length from 0 to 32."""
    return 0xFFFFFFFF >> (32 - prefix) << (32 - prefix) if prefix > 0 else 0


def prefix_of(mask: int) -> int:
    """The prefix length of a netmask; -1 when its ones are not all in front."""
    prefix = mask.bit_count()
    return prefix if mask_of(prefix) == mask else -1


def natural_prefix(address: int) -> int:
    """The prefix length of the address's class (A, B, C), where nobody says a mask."""
    if address >> 31 == 0:
        return 8
    return 16 if address >> 30 == 2 else 24


def is_loopback(address: int) -> bool:
    """127.0.0.0/8"""
    return address >> 24 == 127


def is_multicast(address: int) -> bool:
    """224.0.0.0/4"""
    return address >> 28 == 14


def is_reserved(address: int) -> bool:
    """0.0.0.0/8 and 240.0.0.0/4, which no host may have; the broadcast address is among them."""
    return address >> 24 == 0 or address >> 28 == 15


def is_host(address: int) -> bool:
    """May this be the address of one host?"""
    return not is_multicast(address) and not is_reserved(address)


def to_bytes(address: int) -> bytes:
    """As it stands in packets."""
    return address.to_bytes(4, "big")


def from_bytes(data: bytes, offset: int = 0) -> int:
    """The address at an offset; ValueError when there are no four bytes."""
    if offset < 0 or offset + 4 > len(data):
        raise ValueError("no room for an address")
    return data[offset] << 24 | data[offset + 1] << 16 | data[offset + 2] << 8 | data[offset + 3]


def text_of(address: int) -> str:
    """192.0.2.1"""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def multicast_hardware(group: int) -> bytes:
    """The Ethernet address of a multicast group. (RFC 1112, 6.4)"""
    return b"\x01\x00\x5e" + (group & 0x7FFFFF).to_bytes(3, "big")


def is_group_hardware(hardware: bytes) -> bool:
    """Is it a multicast or broadcast address?"""
    return hardware[0] & 1 != 0


def hardware_text(hardware: bytes) -> str:
    """52:54:00:12:34:56"""
    text = ""
    for byte in hardware:
        text += f"{byte:02x}" if text == "" else f":{byte:02x}"
    return text
