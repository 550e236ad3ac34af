"""Raw sockets: packets of one protocol, with their headers. (raw(7), icmp(7))

A raw socket gets a copy of every packet of its protocol that comes for this machine, whoever else gets it. What it sends is the payload
of a packet, or with IP_HDRINCL the whole packet.
"""

import weakref
from typing import Final

from net import protocols
from net.addresses import ANY
from net.checksum import checksum
from net.inet.datagram import Datagram, DatagramSocket
from net.inet.options import LEVEL_IP, IpOption, decode_number
from net.ipv4 import output
from net.ipv4.output import Path
from net.ipv4.packet import MAX_PACKET, MIN_HEADER, Ipv4Header, Packet
from net.protocols import DeliveryError, IpProtocol, Tap
from objects.object import Status
from objects.socket import SocketType
from objects.socketaddress import Address, Family, InetAddress
from objects.socketmessage import Ancillary, MessageFlags
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang import u16, u32
from scarlet.lang.errno import EINVAL, EMSGSIZE, ENOPROTOOPT, Errno

LEVEL_RAW: Final = 255
ICMP_FILTER: Final = 1
FILTER_BYTES: Final = 4


class RawSocket(DatagramSocket):
    """One."""

    def __init__(self, protocol: int, status: Status) -> None:
        super().__init__(SocketType.RAW, protocol, status)
        self.ip.header_included = protocol == IpProtocol.RAW
        self.local_port = protocol  # as getsockname(2) and /proc/net/raw show it
        self.filter = 0
        """Bit n: no ICMP messages of type n. (ICMP_FILTER)"""
        self._tap = RawTap(weakref.ref(self))
        if protocol != IpProtocol.RAW:
            protocols.add_tap(protocol, self._tap)

    def __del__(self) -> None:
        protocols.remove_tap(self.protocol, self._tap)
        self.closing()

    def bind(self, address: Address) -> None:
        wanted = self.require_inet(address)
        if self.peer is not None:
            raise Errno(EINVAL, "the socket is connected")
        self.check_local(wanted.host)
        self.local = wanted.host
        self.bound_by_user = wanted.host != ANY

    def connect(self, address: Address) -> None:
        if address.family == Family.UNSPEC:
            self.clear_peer()
        else:
            self.set_peer(address)

    # Receiving

    def wants(self, packet: Packet) -> bool:
        """Is it from and to whom the socket speaks?"""
        peer = self.peer
        if self.local != ANY and self.local != packet.destination or peer is not None and peer.host != packet.source:
            return False
        if len(self.options.device) > 0 and (packet.interface is None or packet.interface.name != self.options.device):
            return False
        if self.protocol == IpProtocol.ICMP and len(packet.payload) > 0 and packet.payload[0] < 32:
            if self.filter >> packet.payload[0] & 1 != 0:
                return False
        return self.hears_group(packet)

    # Sending

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        self.check_sending(flags)
        if buffer.length > MAX_PACKET:
            raise Errno(EMSGSIZE, "no packet is that large")
        target = self.destination(address)
        path = self.find_way(target, ancillary, flags)
        self.wait_for_room(flags)
        data = buffer.read(0, buffer.length)
        if self.ip.header_included:
            output.send_raw(path, _complete(path, data), self.budget)
        else:
            output.send(path, self.protocol, data, self.send_options(path, ancillary))
        return len(data)

    # Options

    def option(self, level: int, name: int, length: int) -> bytes:
        if level == LEVEL_RAW and self.protocol == IpProtocol.ICMP and name == ICMP_FILTER:
            return self.filter.to_bytes(FILTER_BYTES, "little")[:length]
        return super().option(level, name, length)

    def set_option(self, level: int, name: int, value: bytes) -> None:
        if level == LEVEL_RAW:
            if self.protocol != IpProtocol.ICMP or name != ICMP_FILTER:
                raise Errno(ENOPROTOOPT, "no such option of raw sockets")
            self.filter = int.from_bytes(value[:FILTER_BYTES], "little")
        elif level == LEVEL_IP and name == IpOption.HDRINCL:
            self.ip.header_included = decode_number(value) != 0
        else:
            super().set_option(level, name, value)


def _complete(path: Path, packet: bytes) -> bytes:
    """What the kernel fills in of a header that a program made: source and identification that are 0, length and checksum. (raw(7))"""
    if len(packet) < MIN_HEADER:
        raise Errno(EINVAL, "not even a header")
    header = Ipv4Header.parse(packet)
    size = int(header.version_ihl & 15) * 4
    if size < MIN_HEADER or size > len(packet):
        raise Errno(EINVAL, "the header is not as long as it says")
    if header.source == 0:
        header.source = u32(path.source)
    if header.identification == 0:
        header.identification = u16(output.identification())
    header.total_length = u16(len(packet))
    header.checksum = u16(0)
    header.checksum = u16(checksum(header.pack() + packet[MIN_HEADER:size]))
    return header.pack() + packet[MIN_HEADER:]


class RawTap(Tap):
    """The socket among the taps of its protocol, which do not keep it open."""

    def __init__(self, socket: "weakref.ref[RawSocket]") -> None:
        self._socket = socket

    def tapped(self, packet: Packet) -> bool:
        socket = self._socket()
        if socket is None or not socket.wants(packet):
            return False
        socket.take_in(Datagram(packet, packet.head + packet.payload, 0))
        return True

    def tap_error(self, packet: Packet, error: DeliveryError) -> None:
        socket = self._socket()
        if socket is not None:
            peer = socket.peer
            if peer is None or peer.host == packet.destination:
                data = packet.head + packet.payload if socket.ip.header_included else packet.payload
                socket.not_delivered(InetAddress(packet.destination, 0), data, error)
