"""What UDP, raw and ping sockets have in common: a bounded queue of datagrams that came, a budget for those that go, local and remote
address.

What arrives when the queue is full is dropped and counted; what is to be sent waits until less than SO_SNDBUF is on its way. An error that
the network reports is pending until the next call fails with it.
"""

import weakref
from collections import deque
from typing import Final

from net import interfaces
from net.addresses import ANY, is_multicast
from net.inet import table
from net.inet.errorqueue import ErrorQueue, ErrorReport, report_of, too_large_report
from net.inet.options import LEVEL_IP, IpOption, IpOptions, encode_number
from net.interface import Interface
from net.ipv4.output import Discover, Path, PathKind, SendOptions, find_path
from net.ipv4.packet import Packet
from net.protocols import DeliveryError
from objects.netdevice import PACKET_COST, SendBudget
from objects.object import PollEvents, Status
from objects.socket import NO_WAIT, Shutdown, Socket, SocketType, wait_for
from objects.socketaddress import Address, Family, InetAddress
from objects.socketmessage import Ancillary, MessageFlags, PacketInfo, Received
from scarlet.kernel import clock
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import (
    EACCES,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EDESTADDRREQ,
    EMSGSIZE,
    ENETUNREACH,
    ENODEV,
    ENOPROTOOPT,
    ENOTCONN,
    EOPNOTSUPP,
    Errno,
)  # fmt: skip

UNSENDABLE: Final = MessageFlags.OOB


class Datagram:
    """One that came."""

    def __init__(self, packet: Packet, data: bytes, port: int) -> None:
        self.data = data
        self.host = packet.source
        self.port = port
        self.ttl = packet.ttl
        self.tos = packet.tos
        self.destination = packet.destination
        self.to_all = packet.to_all
        self.interface: Interface | None = packet.interface
        self.time_ns = clock.realtime_ns()

    @property
    def cost(self) -> int:
        """What it counts in the queue."""
        return len(self.data) + PACKET_COST


class DatagramSocket(Socket):
    """The common part. `local` is ANY until the socket is bound or connected; `peer` is None while it is not connected."""

    def __init__(self, type: SocketType, protocol: int, status: Status) -> None:
        super().__init__(Family.INET, type, protocol, status)
        self.ip = IpOptions(Discover.WANT)
        self.local = ANY
        self.local_port = 0
        self.peer: InetAddress | None = None
        self.bound_by_user = False
        """Did a program choose the local address?"""
        self.drops = 0
        self.queued = 0
        self.budget = SendBudget(self.options.send_buffer, self.drained)
        self._queue: deque[Datagram] = deque()
        self._reports = ErrorQueue()
        table.add(self.number, table.Entry(weakref.ref(self)))

    def closing(self) -> None:
        """For the destructors: leave what all of them are in."""
        table.remove(self.number)
        self.ip.leave_all()

    # Addresses

    def name(self) -> Address:
        return InetAddress(self.local, self.local_port)

    def peer_name(self) -> Address:
        if self.peer is None:
            raise Errno(ENOTCONN, "the socket has no peer")
        return self.peer

    def require_inet(self, address: Address) -> InetAddress:
        """EAFNOSUPPORT for an address of another family."""
        if not isinstance(address, InetAddress):
            raise Errno(EAFNOSUPPORT, "not an IPv4 address")
        return address

    def check_local(self, host: int) -> None:
        """EADDRNOTAVAIL for an address that is neither ours nor everybody's."""
        fits = host == ANY or is_multicast(host) or interfaces.is_own(host) or interfaces.is_broadcast(host)
        if not fits and not self.ip.free_bind:
            raise Errno(EADDRNOTAVAIL, "that is not an address of this machine")

    def bound_interface(self) -> Interface | None:
        """The interface that the socket is bound to. ENODEV when it is gone. (SO_BINDTODEVICE)"""
        if len(self.options.device) == 0:
            return None
        found = interfaces.by_name(self.options.device)
        if found is None:
            raise Errno(ENODEV, "the interface that the socket is bound to is gone")
        return found

    def set_peer(self, address: Address) -> None:
        """The common part of connect(): the way there, and the address that is ours on it."""
        target = self.require_inet(address)
        path = self.find_way(target, None)
        if self.local == ANY:
            self.local = path.source
        self.peer = InetAddress(path.destination, target.port)

    def clear_peer(self) -> None:
        """The common part of connect() to no address."""
        self.peer = None
        if not self.bound_by_user:
            self.local = ANY

    # Sending

    def destination(self, address: Address | None) -> InetAddress:
        """Where a message goes: to the address, else to the peer. EDESTADDRREQ."""
        if address is not None:
            return self.require_inet(address)
        if self.peer is None:
            raise Errno(EDESTADDRREQ, "the socket has no peer, and no address is given")
        return self.peer

    def check_sending(self, flags: MessageFlags) -> None:
        """EPIPE with SIGPIPE after shutdown(), a pending error, EOPNOTSUPP."""
        if flags & UNSENDABLE:
            raise Errno(EOPNOTSUPP, "nothing here is out of band")
        self.raise_pending()
        if self.shut & Shutdown.SEND:
            raise self.broken_pipe(flags)

    def find_way(self, target: InetAddress, ancillary: Ancillary | None, flags: MessageFlags = MessageFlags.NONE) -> Path:
        """The way to a destination. EACCES to everybody without SO_BROADCAST, ENETUNREACH through a gateway with MSG_DONTROUTE, and what
        find_path raises."""
        interface = self.bound_interface()
        source = self.local
        if is_multicast(source) or interfaces.is_broadcast(source):
            source = ANY
        if ancillary is not None and ancillary.packet_info is not None:
            info = ancillary.packet_info
            source = info.local if info.local != ANY else source
            if info.interface != 0:
                interface = interfaces.by_index(info.interface)
                if interface is None:
                    raise Errno(ENODEV, "there is no such interface")
        if is_multicast(target.host) and interface is None and self.ip.multicast_interface is not None:
            interface = self.ip.multicast_interface
            source = source if source != ANY else self.ip.multicast_source
        path = find_path(target.host, source, interface)
        if path.kind is PathKind.BROADCAST and not self.options.broadcast:
            raise Errno(EACCES, "SO_BROADCAST is not set")
        if path.through_gateway and (self.options.dont_route or flags & MessageFlags.DONTROUTE):
            raise Errno(ENETUNREACH, "only a gateway leads there")
        return path

    def send_options(self, path: Path, ancillary: Ancillary | None) -> SendOptions:
        """How it is sent."""
        ttl = self.ip.multicast_ttl if path.kind is PathKind.MULTICAST else self.ip.ttl
        tos = self.ip.tos
        if ancillary is not None:
            ttl = ancillary.ttl if ancillary.ttl > 0 else ttl
            tos = ancillary.tos if ancillary.tos >= 0 else tos
        return SendOptions(ttl=ttl, tos=tos, discover=self.ip.discover, loop=self.ip.multicast_loop, budget=self.budget)

    def wait_for_room(self, flags: MessageFlags) -> None:
        """Sleep until there is room to send in. EAGAIN, Interrupted, EPIPE."""
        deadline_ns = self.send_deadline(flags)
        while not self.budget.has_room:
            wait_for(self.drained, deadline_ns)
            self.check_sending(flags)

    def unsent(self) -> int:
        return self.budget.in_flight

    # Receiving

    def take_in(self, datagram: Datagram) -> bool:
        """A datagram came; False when there is no room for it."""
        if self.shut & Shutdown.RECEIVE or self.queued + datagram.cost > self.options.receive_buffer and self.queued > 0:
            self.drops += 1
            return False
        self._queue.append(datagram)
        self.queued += datagram.cost
        self.arrived.wake_one()
        return True

    def hears_group(self, packet: Packet) -> bool:
        """Does a datagram for everybody, or for that group, concern this socket? (IP_MULTICAST_ALL)"""
        if not is_multicast(packet.destination) or self.ip.multicast_all:
            return True
        return self.ip.is_in(packet.interface, packet.destination)

    def not_delivered(self, target: InetAddress, data: bytes, error: DeliveryError) -> None:
        """Some data that was sent did not arrive. Without IP_RECVERR only who is connected is told, if there is no hope. (RFC 1122
        4.1.3.3)"""
        if self.ip.receive_errors:
            self._report(report_of(target, data, error))
        elif self.peer is not None and (error.fatal or error.code == EMSGSIZE and self.ip.discover is not Discover.DONT):
            self._fail(error.code)

    def too_large(self, path: Path, target: InetAddress, data: bytes) -> None:
        """What was to be sent may not be divided, and is larger than goes through."""
        if self.ip.receive_errors:
            self._report(too_large_report(target, data, path.mtu(self.ip.discover)))

    def _report(self, report: ErrorReport) -> None:
        if self._reports.put(report):
            self._fail(report.error.code)

    def _fail(self, code: int) -> None:
        """The next call fails with that."""
        self.error = code
        self.arrived.wake_all()
        self.drained.wake_all()

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        if flags & MessageFlags.ERRQUEUE:
            received = self._reports.receive(buffer)
            self.error = self._reports.first_code()
            return received
        deadline_ns = self.receive_deadline(flags)
        self.raise_pending()
        while len(self._queue) == 0:
            if self.shut & Shutdown.RECEIVE and deadline_ns != NO_WAIT:
                return Received(0)
            wait_for(self.arrived, deadline_ns)
            self.raise_pending()
        datagram = self._queue.popleft()
        if flags & MessageFlags.PEEK:
            self._queue.appendleft(datagram)
        else:
            self.queued -= datagram.cost
        if len(self._queue) > 0:
            self.arrived.wake_one()
        return self._hand_over(datagram, buffer, flags)

    def _hand_over(self, datagram: Datagram, buffer: Buffer, flags: MessageFlags) -> Received:
        size = len(datagram.data)
        count = min(size, buffer.length)
        buffer.write(0, datagram.data if count == size else datagram.data[:count])
        received = Received(size if flags & MessageFlags.TRUNC else count)
        if count < size:
            received.flags |= MessageFlags.TRUNC
        received.address = InetAddress(datagram.host, datagram.port)
        received.ancillary = self._told(datagram)
        return received

    def _told(self, datagram: Datagram) -> Ancillary | None:
        """What the program wants to know beside the data."""
        ip = self.ip
        stamped = self.options.timestamp or self.options.timestamp_ns
        if not (ip.packet_info or ip.receive_ttl or ip.receive_tos or stamped):
            return None
        told = Ancillary()
        if ip.packet_info:
            interface = datagram.interface
            index = interface.index if interface is not None else 0
            local = datagram.destination
            if datagram.to_all and interface is not None:
                local = interfaces.source_on(interface, datagram.host)
            told.packet_info = PacketInfo(index, local, datagram.destination)
        if ip.receive_ttl:
            told.ttl = datagram.ttl
        if ip.receive_tos:
            told.tos = datagram.tos
        if stamped:
            told.timestamp_ns = datagram.time_ns
        return told

    def available(self) -> int:
        """The size of the next datagram."""
        return len(self._queue[0].data) if len(self._queue) > 0 else 0

    def shutdown(self, how: Shutdown) -> None:
        connected = self.peer is not None
        self.shut |= how
        self.arrived.wake_all()
        self.drained.wake_all()
        if not connected:
            raise Errno(ENOTCONN, "the socket has no peer")

    def poll(self, waiter: Waiter | None) -> PollEvents:
        if waiter is not None:
            waiter.add(self.arrived)
            waiter.add(self.drained)
        events = PollEvents.NONE
        if len(self._queue) > 0:
            events |= PollEvents.READABLE
        if self.shut & Shutdown.RECEIVE:
            events |= PollEvents.READABLE | PollEvents.RDHUP
        if self.shut == Shutdown.BOTH:
            events |= PollEvents.HUP
        if self.error != 0 or self._reports.first_code() != 0:
            events |= PollEvents.ERR
        if self.budget.has_room:
            events |= PollEvents.WRITABLE | PollEvents.WRBAND
        return events

    # Options

    def option(self, level: int, name: int, length: int) -> bytes:
        if level != LEVEL_IP:
            raise Errno(ENOPROTOOPT, "no such level of options")
        if name == IpOption.MTU:
            if self.peer is None:
                raise Errno(ENOTCONN, "only a connected socket knows its way")
            return encode_number(self.find_way(self.peer, None).mtu(self.ip.discover), length)
        return self.ip.get(name, length)

    def set_option(self, level: int, name: int, value: bytes) -> None:
        if level != LEVEL_IP:
            raise Errno(ENOPROTOOPT, "no such level of options")
        self.ip.set(name, value)
        if not self.ip.receive_errors:
            self._reports.clear()

    def options_changed(self) -> None:
        self.budget.limit = self.options.send_buffer
        self.drained.wake_all()
