"""UDP: datagrams between ports. (RFC 768, RFC 1122 4.1)

An Endpoint is who sends and receives: a socket, or a part of the kernel. The table of ports finds the endpoints that a datagram is for:
the one that fits best, or for a datagram to everybody each one that fits.
"""

from typing import Final

from net import icmp_errors, protocols, statistics
from net.checksum import checksum, pseudo_header
from net.ipv4.packet import Packet
from net.ports import Endpoint, PortTable
from net.protocols import DeliveryError, IpProtocol, Protocol
from scarlet.lang import struct, u16

ports: Final = PortTable()


@struct(packed=True, big_endian=True)
class UdpHeader:
    """The header."""

    source: u16
    destination: u16
    length_bytes: u16
    checksum: u16


MAX_PAYLOAD: Final = 65535 - 20 - 8


def make_datagram(source: int, source_port: int, destination: int, destination_port: int, data: bytes, *, checked: bool = True) -> bytes:
    """Header and data. Without a checksum if not `checked`: the receiver then believes what comes."""
    size = UdpHeader.SIZE + len(data)
    header = UdpHeader(source=u16(source_port), destination=u16(destination_port), length_bytes=u16(size))
    if checked:
        total = checksum(header.pack() + data, pseudo_header(source, destination, IpProtocol.UDP, size))
        header.checksum = u16(total if total != 0 else 0xFFFF)  # 0 would say that there is none
    return header.pack() + data


class Udp(Protocol):
    """The protocol."""

    def receive(self, packet: Packet) -> None:
        header = self._checked(packet)
        if header is None:
            statistics.udp.in_errors += 1
            return
        data = packet.payload[UdpHeader.SIZE : int(header.length_bytes)]
        source_port = int(header.source)
        port = int(header.destination)
        if packet.to_all:
            found = ports.find_all(packet, source_port, port)
            if len(found) == 0:
                statistics.udp.ignored_multi += 1
            for endpoint in found:
                endpoint.deliver(packet, source_port, data)
            return
        best = ports.find(packet, source_port, port)
        if best is None:
            statistics.udp.no_ports += 1
            icmp_errors.port_unreachable(packet)
            return
        best.deliver(packet, source_port, data)

    def _checked(self, packet: Packet) -> UdpHeader | None:
        """The header of a datagram that is as long as it says and undamaged."""
        if len(packet.payload) < UdpHeader.SIZE:
            return None
        header = UdpHeader.parse(packet.payload)
        size = int(header.length_bytes)
        if size < UdpHeader.SIZE or size > len(packet.payload):
            return None
        if header.checksum != 0:
            start = pseudo_header(packet.source, packet.destination, IpProtocol.UDP, size)
            if checksum(packet.payload[:size], start) != 0:
                statistics.udp.in_csum_errors += 1
                return None
        return header

    def not_delivered(self, packet: Packet, error: DeliveryError) -> None:
        """Only who sent it is told: the endpoint with this local address and port, and this peer if it has one."""
        header = UdpHeader.parse(packet.payload)
        endpoint = ports.find_sender(packet, int(header.source), int(header.destination))
        if endpoint is not None:
            endpoint.failed(packet, error)


def bind(endpoint: Endpoint, address: int, port: int) -> None:
    """Give an endpoint its port, any free one for 0. EADDRINUSE."""
    ports.bind(endpoint, address, port)


def start() -> None:
    """Let packets in."""
    protocols.announce(IpProtocol.UDP, Udp())
