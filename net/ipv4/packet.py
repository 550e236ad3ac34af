"""One IPv4 packet: its header, checked, and what it carries. (RFC 791 3.1)"""

from typing import TYPE_CHECKING, Final

from net.checksum import checksum
from scarlet.lang import struct, u8, u16, u32

if TYPE_CHECKING:
    from net.interface import Interface

MIN_HEADER: Final = 20
MAX_PACKET: Final = 65535
DONT_FRAGMENT: Final = 0x4000
MORE_FRAGMENTS: Final = 0x2000
OFFSET_MASK: Final = 0x1FFF
"""In the field `fragment`: the place of a fragment, in units of eight bytes."""

END_OF_OPTIONS: Final = 0
NO_OPERATION: Final = 1
LOOSE_ROUTE: Final = 131
STRICT_ROUTE: Final = 137


@struct(packed=True, big_endian=True)
class Ipv4Header:
    """The header, without options."""

    version_ihl: u8
    tos: u8
    total_length: u16
    identification: u16
    fragment: u16
    ttl: u8
    protocol: u8
    checksum: u16
    source: u32
    destination: u32


class Packet:
    """A packet that came, or the beginning of one of ours in an ICMP message (`whole` is False then)."""

    def __init__(self, header: Ipv4Header, options: bytes, head: bytes, payload: bytes, *, whole: bool = True) -> None:
        self.source = int(header.source)
        self.destination = int(header.destination)
        self.protocol = int(header.protocol)
        self.ttl = int(header.ttl)
        self.tos = int(header.tos)
        self.identification = int(header.identification)
        self.total_length = int(header.total_length)
        self.offset = int(header.fragment & OFFSET_MASK) * 8
        """Of the payload, in the packet that this is a fragment of."""
        self.more_fragments = header.fragment & MORE_FRAGMENTS != 0
        self.dont_fragment = header.fragment & DONT_FRAGMENT != 0
        self.options = options
        self.head = head
        """The header as it came, with options."""
        self.payload = payload
        self.whole = whole
        self.interface: Interface | None = None
        """The one it came by."""
        self.to_all = False
        """Was it sent to a broadcast or multicast address?"""

    @property
    def is_fragment(self) -> bool:
        return self.more_fragments or self.offset > 0


def parse(data: bytes, *, quoted: bool = False) -> Packet | None:
    """The packet that `data` begins with; None for a broken one. `quoted`: from an ICMP message, so cut off anywhere after the header."""
    if len(data) < MIN_HEADER:
        return None
    header = Ipv4Header.parse(data)
    size = int(header.version_ihl & 15) * 4
    total = int(header.total_length)
    if header.version_ihl >> 4 != 4 or size < MIN_HEADER or size > len(data) or total < size:
        return None
    head = data[:size]
    if not quoted and (total > len(data) or checksum(head) != 0):
        return None
    options = data[MIN_HEADER:size]
    if not _options_are_sane(options):
        return None
    return Packet(header, options, head, data[size : min(total, len(data))], whole=total <= len(data))


def _options_are_sane(options: bytes) -> bool:
    """Do they end where they say? Packets that want to choose their own way are refused, as everywhere. (RFC 7126 4.3)"""
    place = 0
    while place < len(options):
        kind = options[place]
        if kind == END_OF_OPTIONS:
            return True
        if kind == NO_OPERATION:
            place += 1
            continue
        if kind == LOOSE_ROUTE or kind == STRICT_ROUTE or place + 1 >= len(options):
            return False
        size = options[place + 1]
        if size < 2 or place + size > len(options):
            return False
        place += size
    return True


def make_header(
    source: int, destination: int, protocol: int, payload_length: int, *, identification: int, fragment: int, ttl: int, tos: int
) -> bytes:
    """A header without options, with its checksum."""
    header = Ipv4Header(
        version_ihl=u8(0x45), tos=u8(tos), total_length=u16(MIN_HEADER + payload_length), identification=u16(identification),
        fragment=u16(fragment), ttl=u8(ttl), protocol=u8(protocol), source=u32(source), destination=u32(destination),
    )  # fmt: skip
    header.checksum = u16(checksum(header.pack()))
    return header.pack()
