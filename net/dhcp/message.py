"""DHCP messages: a header that BOOTP left, and options. (RFC 2131 2, RFC 2132, RFC 3396)"""

from enum import IntEnum
from typing import Annotated, Final

from scarlet.lang import struct, u8, u16, u32

CLIENT_PORT: Final = 68
SERVER_PORT: Final = 67
BOOT_REQUEST: Final = 1
BOOT_REPLY: Final = 2
ETHERNET: Final = 1
BROADCAST_FLAG: Final = 0x8000
"""Answer to everybody: the client cannot take packets for an address that it has not got."""
COOKIE: Final = b"\x63\x82\x53\x63"
SMALLEST: Final = 300
"""Shorter messages are dropped by some relays, which still think of BOOTP. (RFC 1542 2.1)"""


class MessageType(IntEnum):
    """Option 53."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7


class Option(IntEnum):
    """RFC 2132"""

    PAD = 0
    SUBNET_MASK = 1
    ROUTER = 3
    DNS = 6
    HOST_NAME = 12
    DOMAIN_NAME = 15
    MTU = 26
    BROADCAST = 28
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    OVERLOAD = 52
    MESSAGE_TYPE = 53
    SERVER = 54
    WANTED = 55
    MAX_SIZE = 57
    RENEWAL_TIME = 58
    REBINDING_TIME = 59
    CLIENT = 61
    END = 255


WANTED_OPTIONS: Final = bytes(
    [Option.SUBNET_MASK, Option.ROUTER, Option.DNS, Option.HOST_NAME, Option.DOMAIN_NAME, Option.MTU, Option.BROADCAST,
     Option.LEASE_TIME, Option.SERVER, Option.RENEWAL_TIME, Option.REBINDING_TIME]
)  # fmt: skip


@struct(packed=True, big_endian=True)
class DhcpHeader:
    """The fixed part. Names as in RFC 2131, with `_address` added to the four addresses."""

    op: u8
    htype: u8
    hlen: u8
    hops: u8
    xid: u32
    secs: u16
    flags: u16
    client_address: u32
    your_address: u32
    server_address: u32
    relay_address: u32
    chaddr: Annotated[bytes, 16]
    sname: Annotated[bytes, 64]
    file: Annotated[bytes, 128]
    cookie: Annotated[bytes, 4]


class Message:
    """One that came: the fixed part and the options, by number."""

    def __init__(self, header: DhcpHeader, options: dict[int, bytes]) -> None:
        self.header = header
        self.options = options

    def number(self, option: int, size: int) -> int:
        """The value of an option of that many bytes; -1 when it is not there or has another size."""
        value = self.options.get(option)
        if value is None or len(value) != size:
            return -1
        return int.from_bytes(value, "big")

    def addresses(self, option: int) -> list[int]:
        """The addresses in an option."""
        value = self.options.get(option, b"")
        return [int.from_bytes(value[place : place + 4], "big") for place in range(0, len(value) // 4 * 4, 4)]


def parse(data: bytes) -> Message | None:
    """The message; None for what is none, or has options that are not whole."""
    if len(data) < DhcpHeader.SIZE:
        return None
    header = DhcpHeader.parse(data)
    if header.cookie != COOKIE or header.hlen != 6 or header.htype != ETHERNET:
        return None
    options: dict[int, bytes] = {}
    if not _read_options(data[DhcpHeader.SIZE :], options):
        return None
    overload = options.get(Option.OVERLOAD, b"\0")
    if len(overload) == 1:
        if overload[0] & 1 and not _read_options(header.file, options):
            return None
        if overload[0] & 2 and not _read_options(header.sname, options):
            return None
    return Message(header, options)


def _read_options(data: bytes, options: dict[int, bytes]) -> bool:
    """Parts of an option that comes several times belong together. (RFC 3396)"""
    place = 0
    while place < len(data):
        number = data[place]
        if number == Option.END:
            return True
        place += 1
        if number == Option.PAD:
            continue
        if place >= len(data) or place + 1 + data[place] > len(data):
            return False
        options[number] = options.get(number, b"") + data[place + 1 : place + 1 + data[place]]
        place += 1 + data[place]
    return True


def option(number: int, value: bytes) -> bytes:
    """An option as it stands in a message; a name that is too long is cut off."""
    return bytes([number, min(len(value), 255)]) + value[:255]


def make_request(type: MessageType, hardware: bytes, xid: int, seconds: int, client_address: int, *, to_all: bool, options: bytes) -> bytes:
    """A message of the client's."""
    header = DhcpHeader(
        op=u8(BOOT_REQUEST), htype=u8(ETHERNET), hlen=u8(6), xid=u32(xid), secs=u16(min(seconds, 0xFFFF)),
        flags=u16(BROADCAST_FLAG if to_all else 0), client_address=u32(client_address), chaddr=hardware.ljust(16, b"\0"), cookie=COOKIE,
    )  # fmt: skip
    common = option(Option.MESSAGE_TYPE, bytes([type])) + option(Option.CLIENT, bytes([ETHERNET]) + hardware)
    return (header.pack() + common + options + bytes([Option.END])).ljust(SMALLEST, b"\0")
