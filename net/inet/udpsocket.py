"""UDP sockets. (udp(7))"""

import weakref
from typing import Final

from net import interfaces, statistics, udp
from net.addresses import ANY
from net.inet.datagram import Datagram, DatagramSocket
from net.inet.options import decode_number, encode_number
from net.ipv4 import output
from net.ipv4.packet import Packet
from net.ports import PRIVILEGED, Endpoint
from net.protocols import DeliveryError, IpProtocol
from objects.credentials import CAP_NET_BIND_SERVICE
from objects.object import Status
from objects.socket import SocketType
from objects.socketaddress import Address, Family, InetAddress
from objects.socketmessage import Ancillary, MessageFlags
from objects.task import current_task
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EACCES, EINVAL, EMSGSIZE, ENOPROTOOPT, Errno

LEVEL_UDP: Final = 17
UDP_CORK: Final = 1


class UdpSocket(DatagramSocket):
    """One. It has a port from bind(), connect() or the first send on."""

    def __init__(self, status: Status) -> None:
        super().__init__(SocketType.DATAGRAM, IpProtocol.UDP, status)
        self._endpoint = SocketEndpoint(weakref.ref(self))
        self._port_by_user = False
        self._corked = False
        """UDP_CORK: collect what is sent."""
        self._pending: list[bytes] = []
        """Parts of the datagram that is being collected, for `_pending_to`."""
        self._pending_to: InetAddress | None = None

    def __del__(self) -> None:
        udp.ports.unbind(self._endpoint)
        self.closing()

    # Addresses

    def bind(self, address: Address) -> None:
        wanted = self.require_inet(address)
        if self.local_port != 0:
            raise Errno(EINVAL, "the socket has a name already")
        self.check_local(wanted.host)
        if 0 < wanted.port < PRIVILEGED and not current_task().credentials.capable(CAP_NET_BIND_SERVICE):
            raise Errno(EACCES, "that port needs CAP_NET_BIND_SERVICE")
        self._take_port(wanted.host, wanted.port)
        self.local = wanted.host
        self.bound_by_user = wanted.host != ANY
        self._port_by_user = wanted.port != 0

    def _take_port(self, host: int, port: int) -> None:
        self._endpoint.interface = self.bound_interface()
        udp.bind(self._endpoint, host, port)
        self.local_port = self._endpoint.port

    def connect(self, address: Address) -> None:
        """Only datagrams of the peer are taken from now on. No packet is sent."""
        if address.family == Family.UNSPEC:
            self._disconnect()
            return
        self.set_peer(address)
        if self.local_port == 0:
            self._take_port(self.local, 0)
        self._tell_endpoint()

    def _disconnect(self) -> None:
        self.clear_peer()
        if not self._port_by_user and self.local_port != 0:
            udp.ports.unbind(self._endpoint)
            self.local_port = 0
        self._tell_endpoint()

    def _tell_endpoint(self) -> None:
        peer = self.peer
        self._endpoint.address = self.local
        self._endpoint.peer_address = peer.host if peer is not None else ANY
        self._endpoint.peer_port = peer.port if peer is not None else 0

    # Sending

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        self.check_sending(flags)
        pending_to = self._pending_to
        target = pending_to if pending_to is not None else self.destination(address)
        if target.port == 0:
            raise Errno(EINVAL, "no datagram goes to port 0")
        held = 0
        for part in self._pending:
            held += len(part)
        if held + buffer.length > udp.MAX_PAYLOAD:
            raise Errno(EMSGSIZE, "no datagram is that large")
        data = buffer.read(0, buffer.length)
        if self._corked or flags & MessageFlags.MORE:
            self._pending.append(data)
            self._pending_to = target
            return len(data)
        self.wait_for_room(flags)
        if pending_to is not None:
            self._pending.append(data)
            self._send_pending(ancillary, flags)
        else:
            self._send(target, data, ancillary, flags)
        return len(data)

    def _send_pending(self, ancillary: Ancillary | None, flags: MessageFlags) -> None:
        """What has been collected is one datagram. Whatever becomes of it, it is collected no more."""
        target = self._pending_to
        data = b"".join(self._pending)
        self._pending = []
        self._pending_to = None
        if target is not None:
            self._send(target, data, ancillary, flags)

    def _send(self, target: InetAddress, data: bytes, ancillary: Ancillary | None, flags: MessageFlags) -> None:
        path = self.find_way(target, ancillary, flags)
        if self.local_port == 0:
            self._take_port(self.local, 0)
        checked = not self.options.no_check
        datagram = udp.make_datagram(path.source, self.local_port, path.destination, target.port, data, checked=checked)
        try:
            output.send(path, IpProtocol.UDP, datagram, self.send_options(path, ancillary))
        except Errno as error:
            if error.code == EMSGSIZE:
                self.too_large(path, target, data)
            raise
        statistics.udp.out_datagrams += 1

    # Options

    def option(self, level: int, name: int, length: int) -> bytes:
        if level == LEVEL_UDP:
            if name != UDP_CORK:
                raise Errno(ENOPROTOOPT, "no such option of UDP")
            return encode_number(int(self._corked), length)
        return super().option(level, name, length)

    def set_option(self, level: int, name: int, value: bytes) -> None:
        if level != LEVEL_UDP:
            super().set_option(level, name, value)
            return
        if name != UDP_CORK:
            raise Errno(ENOPROTOOPT, "no such option of UDP")
        self._corked = decode_number(value) != 0
        if not self._corked and self._pending_to is not None:
            self._send_pending(None, MessageFlags.NONE)

    def options_changed(self) -> None:
        super().options_changed()
        self._endpoint.interface = interfaces.by_name(self.options.device) if len(self.options.device) > 0 else None


class SocketEndpoint(Endpoint):
    """The socket in the table of ports, which does not keep it open."""

    def __init__(self, socket: "weakref.ref[UdpSocket]") -> None:
        super().__init__()
        self._socket = socket

    def deliver(self, packet: Packet, source_port: int, data: bytes) -> None:
        socket = self._socket()
        if socket is None:
            return
        if socket.take_in(Datagram(packet, data, source_port)):
            statistics.udp.in_datagrams += 1
        else:
            statistics.udp.in_errors += 1
            statistics.udp.rcvbuf_errors += 1

    def failed(self, packet: Packet, error: DeliveryError) -> None:
        socket = self._socket()
        if socket is not None:
            header = udp.UdpHeader.parse(packet.payload)
            socket.not_delivered(InetAddress(packet.destination, int(header.destination)), packet.payload[udp.UdpHeader.SIZE :], error)

    def shares_address(self) -> bool:
        socket = self._socket()
        return socket is not None and socket.options.reuse_address

    def shares_port(self) -> bool:
        socket = self._socket()
        return socket is not None and socket.options.reuse_port

    def owner(self) -> int:
        socket = self._socket()
        return socket.file.uid if socket is not None else 0

    def listens_to(self, packet: Packet) -> bool:
        socket = self._socket()
        if socket is None:
            return False
        return socket.hears_group(packet)
