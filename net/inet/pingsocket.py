"""Ping sockets: ICMP echo without privileges. The port of the socket is the identifier of its requests, and it gets nothing but their
replies. (icmp(7))
"""

import weakref
from typing import Final

from net import icmp, statistics
from net.addresses import ANY
from net.icmp_errors import ECHO_REQUEST, IcmpHeader, make_message
from net.inet.datagram import Datagram, DatagramSocket
from net.ipv4 import output
from net.ipv4.packet import MAX_PACKET, MIN_HEADER, Packet
from net.protocols import DeliveryError, IpProtocol
from objects.object import Status
from objects.random import random_bytes
from objects.socket import SocketType
from objects.socketaddress import Address, Family, InetAddress
from objects.socketmessage import Ancillary, MessageFlags
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EADDRINUSE, EINVAL, EMSGSIZE, Errno

IDENTIFIERS: Final = 65536


class PingSocket(DatagramSocket):
    """One."""

    def __init__(self, status: Status) -> None:
        super().__init__(SocketType.DATAGRAM, IpProtocol.ICMP, status)
        self._listener = PingListener(weakref.ref(self))

    def __del__(self) -> None:
        if self.local_port != 0:
            icmp.listeners.pop(self.local_port, None)
        self.closing()

    def bind(self, address: Address) -> None:
        wanted = self.require_inet(address)
        if self.local_port != 0:
            raise Errno(EINVAL, "the socket has a name already")
        self.check_local(wanted.host)
        self._take_identifier(wanted.port)
        self.local = wanted.host
        self.bound_by_user = wanted.host != ANY

    def _take_identifier(self, wanted: int) -> None:
        """EADDRINUSE."""
        if wanted == 0:
            chance = random_bytes(2)
            start = chance[0] << 8 | chance[1]
            for step in range(IDENTIFIERS):
                candidate = (start + step) % IDENTIFIERS
                if candidate != 0 and candidate not in icmp.listeners:
                    wanted = candidate
                    break
        if wanted == 0 or wanted in icmp.listeners:
            raise Errno(EADDRINUSE, "another socket has that identifier")
        icmp.listeners[wanted] = self._listener
        self.local_port = wanted

    def connect(self, address: Address) -> None:
        if address.family == Family.UNSPEC:
            self.clear_peer()
            return
        self.set_peer(address)
        if self.local_port == 0:
            self._take_identifier(0)

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """A whole echo request; identifier and checksum are filled in."""
        self.check_sending(flags)
        if buffer.length > MAX_PACKET - MIN_HEADER:
            raise Errno(EMSGSIZE, "no packet is that large")
        target = self.destination(address)
        if buffer.length < IcmpHeader.SIZE:
            raise Errno(EINVAL, "not even a header")
        data = buffer.read(0, buffer.length)
        if data[0] != ECHO_REQUEST or data[1] != 0:
            raise Errno(EINVAL, "only echo requests may be sent")
        path = self.find_way(target, ancillary, flags)
        self.wait_for_room(flags)
        if self.local_port == 0:
            self._take_identifier(0)
        message = make_message(ECHO_REQUEST, 0, self.local_port << 16 | data[6] << 8 | data[7], data[IcmpHeader.SIZE :])
        output.send(path, IpProtocol.ICMP, message, self.send_options(path, ancillary))
        statistics.icmp.out_msgs += 1
        statistics.count_type(statistics.icmp.out_types, ECHO_REQUEST)
        return len(data)

    def wants(self, packet: Packet) -> bool:
        """Is it from and to whom the socket speaks?"""
        peer = self.peer
        return (self.local == ANY or self.local == packet.destination) and (peer is None or peer.host == packet.source)


class PingListener(icmp.EchoListener):
    """The socket in the table of identifiers, which does not keep it open."""

    def __init__(self, socket: "weakref.ref[PingSocket]") -> None:
        self._socket = socket

    def replied(self, packet: Packet) -> None:
        socket = self._socket()
        if socket is not None and socket.wants(packet):
            socket.take_in(Datagram(packet, packet.payload, 0))

    def echo_failed(self, packet: Packet, error: DeliveryError) -> None:
        socket = self._socket()
        if socket is not None:
            socket.not_delivered(InetAddress(packet.destination, 0), packet.payload, error)
