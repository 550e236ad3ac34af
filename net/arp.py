"""ARP packets for IPv4 over Ethernet. (RFC 826)"""

from enum import IntEnum
from typing import Annotated, Final

from scarlet.lang import struct, u8, u16, u32

ETHERNET: Final = 1
IPV4: Final = 0x0800


class ArpOperation(IntEnum):
    """What a packet is for."""

    REQUEST = 1
    REPLY = 2


@struct(packed=True, big_endian=True)
class ArpPacket:
    """The packet of RFC 826, for addresses of six and of four bytes."""

    hardware_type: u16
    protocol_type: u16
    hardware_size: u8
    protocol_size: u8
    operation: u16
    sender_hardware: Annotated[bytes, 6]
    sender: u32
    target_hardware: Annotated[bytes, 6]
    target: u32


def make_packet(operation: ArpOperation, sender_hardware: bytes, sender: int, target_hardware: bytes, target: int) -> bytes:
    """One packet."""
    return ArpPacket(
        hardware_type=u16(ETHERNET), protocol_type=u16(IPV4), hardware_size=u8(6), protocol_size=u8(4), operation=u16(operation),
        sender_hardware=sender_hardware, sender=u32(sender), target_hardware=target_hardware, target=u32(target),
    ).pack()  # fmt: skip


def parse(data: bytes) -> ArpPacket | None:
    """The packet; None for one that is too short or about other kinds of addresses."""
    if len(data) < ArpPacket.SIZE:
        return None
    packet = ArpPacket.parse(data)
    fits = packet.hardware_type == ETHERNET and packet.protocol_type == IPV4 and packet.hardware_size == 6 and packet.protocol_size == 4
    return packet if fits else None
