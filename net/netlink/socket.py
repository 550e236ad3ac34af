"""Netlink sockets: requests to the kernel go out, answers and announcements come in. (netlink(7))

The kernel answers while the request is being sent, so answers wait before send() returns. A socket has a port, by which the kernel calls
it: its process's number, if that is free. Announcements of the groups it has joined are dropped when nobody reads them, and the next
receive says so (ENOBUFS).
"""

import weakref
from collections import deque
from typing import Final

from net.netlink.options import NetlinkOption, Switches, netlink_number, require_netlink
from net.netlink.service import serve
from objects.object import PollEvents, Status
from objects.socket import Socket, SocketType, wait_for
from objects.socketaddress import Address, Family, NetlinkAddress
from objects.socketmessage import Ancillary, Identity, MessageFlags, Received
from objects.task import current_task
from scarlet.kernel.memory.buffer import Buffer
from scarlet.kernel.waitqueue import Waiter
from scarlet.lang.errno import (
    EADDRINUSE,
    ECONNREFUSED,
    EINVAL,
    EMSGSIZE,
    ENOBUFS,
    EOPNOTSUPP,
    EPERM,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
    Errno,
)  # fmt: skip

ROUTE: Final = 0
"""NETLINK_ROUTE, the one protocol there is."""
GROUP_LINK: Final = 1
GROUP_ADDRESS: Final = 5
GROUPS: Final = 1 << (GROUP_LINK - 1) | 1 << (GROUP_ADDRESS - 1)
"""The groups there are, as the bits of nl_groups: RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR."""
CHUNK: Final = 4096
"""Messages of one dump go out together up to that size."""
KERNEL: Final = Identity(0, 0, 0)


class Incoming:
    """What one receive gives."""

    def __init__(self, data: bytes, group: int) -> None:
        self.data = data
        self.group = group
        """The group it was announced to, 0 for an answer."""


class NetlinkSocket(Socket):
    """An endpoint of NETLINK_ROUTE."""

    def __init__(self, type: SocketType, status: Status) -> None:
        super().__init__(Family.NETLINK, type, ROUTE, status)
        self.port = 0
        """0 before it is bound."""
        self.groups = 0
        self._peer: NetlinkAddress | None = None
        self._queue: deque[Incoming] = deque()
        self._queued = 0
        self.switches = Switches()

    def __del__(self) -> None:
        if self.port != 0:
            _ports.pop(self.port)

    # Names

    def bind(self, address: Address) -> None:
        """A port, 0 for one that is free, and groups. EINVAL when it has another, EADDRINUSE; EOPNOTSUPP for a group that is not there."""
        wanted = _netlink(address)
        _require_groups(wanted.groups)
        if self.port != 0 and wanted.port != self.port:
            raise Errno(EINVAL, "the socket has a port")
        if self.port == 0:
            self._take_port(wanted.port)
        self.groups = wanted.groups

    def _take_port(self, port: int) -> None:
        if port == 0:
            port = _free_port()
        elif port in _ports:
            raise Errno(EADDRINUSE, "another socket has that port")
        _ports[port] = weakref.ref(self)
        self.port = port

    def connect(self, address: Address) -> None:
        """Where messages without an address go; the kernel, if nothing is said. EPERM for another program."""
        if address.family == Family.UNSPEC:
            self._peer = None
            return
        wanted = _netlink(address)
        if wanted.port != 0 or wanted.groups != 0:
            raise Errno(EPERM, "programs do not talk to each other here")
        if self.port == 0:
            self._take_port(0)
        self._peer = wanted

    def name(self) -> Address:
        return NetlinkAddress(self.port, self.groups)

    def peer_name(self) -> Address:
        return self._peer if self._peer is not None else NetlinkAddress(0)

    # Transfer

    def send(self, buffer: Buffer, flags: MessageFlags, address: Address | None, ancillary: Ancillary | None) -> int:
        """Requests to the kernel. EPERM for other destinations, ECONNREFUSED; EMSGSIZE."""
        if flags & MessageFlags.OOB:
            raise Errno(EOPNOTSUPP, "no out-of-band data")
        if address is not None:
            wanted = _netlink(address)
            if wanted.groups != 0:
                raise Errno(EPERM, "programs do not announce")
            if wanted.port != 0:
                raise Errno(ECONNREFUSED, "programs do not talk to each other here")
        if self.port == 0:
            self._take_port(0)
        if buffer.length > self.options.send_buffer - 32:
            raise Errno(EMSGSIZE, "longer than the buffer for sending")
        chunk = bytearray()
        for answer in serve(buffer.read(0, buffer.length), self.port, capped=self.switches.capped):
            if len(chunk) > 0 and len(chunk) + len(answer) > CHUNK:
                self._enter(Incoming(bytes(chunk), 0))
                chunk = bytearray()
            chunk += answer
        if len(chunk) > 0:
            self._enter(Incoming(bytes(chunk), 0))
        return buffer.length

    def announce(self, data: bytes, group: int) -> None:
        """A message to a group. It is lost when too much is waiting already."""
        if self.groups >> (group - 1) & 1:
            if self._queued + len(data) > self.options.receive_buffer:
                if not self.switches.no_overflow:
                    self.error = ENOBUFS
                    self.arrived.wake_all()
            else:
                self._enter(Incoming(data, group))

    def _enter(self, incoming: Incoming) -> None:
        self._queue.append(incoming)
        self._queued += len(incoming.data)
        self.arrived.wake_all()

    def receive(self, buffer: Buffer, flags: MessageFlags) -> Received:
        """Answers and announcements, those together that were made together; what does not fit is lost. ENOBUFS when some were lost."""
        if flags & MessageFlags.OOB:
            raise Errno(EOPNOTSUPP, "no out-of-band data")
        deadline = self.receive_deadline(flags)
        while len(self._queue) == 0:
            self.raise_pending()
            wait_for(self.arrived, deadline)
        self.raise_pending()
        incoming = self._queue[0]
        if not flags & MessageFlags.PEEK:
            self._queue.popleft()
            self._queued -= len(incoming.data)
        count = min(len(incoming.data), buffer.length)
        buffer.write(0, incoming.data[:count])
        return self._result(incoming, count, flags)

    def _result(self, incoming: Incoming, count: int, flags: MessageFlags) -> Received:
        found = Received(len(incoming.data) if flags & MessageFlags.TRUNC else count)
        if count < len(incoming.data):
            found.flags |= MessageFlags.TRUNC
        found.address = NetlinkAddress(0, 1 << (incoming.group - 1) if incoming.group > 0 else 0)
        if self.switches.packet_info or self.options.pass_credentials:
            ancillary = Ancillary()
            if self.switches.packet_info:
                ancillary.group = incoming.group
            if self.options.pass_credentials:
                ancillary.identity = KERNEL
            found.ancillary = ancillary
        return found

    # Options

    def set_option(self, level: int, name: int, value: bytes) -> None:
        number = netlink_number(level, value)
        match name:
            case NetlinkOption.ADD_MEMBERSHIP:
                self._change_group(number, join=True)
            case NetlinkOption.DROP_MEMBERSHIP:
                self._change_group(number, join=False)
            case _:
                self.switches.set(name, number != 0)

    def _change_group(self, group: int, *, join: bool) -> None:
        if not 1 <= group <= 32:
            raise Errno(EINVAL, "no such group")
        bit = 1 << (group - 1)
        _require_groups(bit)
        if self.port == 0:
            self._take_port(0)
        self.groups = self.groups | bit if join else self.groups & ~bit

    def option(self, level: int, name: int, length: int) -> bytes:
        require_netlink(level)
        value = self.groups if name == NetlinkOption.LIST_MEMBERSHIPS else int(self.switches.get(name))
        return value.to_bytes(4, "little")

    # Looking

    def poll(self, waiter: Waiter | None) -> PollEvents:
        """IN with a message; sending never waits."""
        if waiter is not None:
            waiter.add(self.arrived)
        events = PollEvents.WRITABLE
        if self.error != 0:
            events |= PollEvents.ERR
        if len(self._queue) > 0:
            events |= PollEvents.READABLE
        return events

    def available(self) -> int:
        """Bytes of the first message."""
        return len(self._queue[0].data) if len(self._queue) > 0 else 0

    def queued(self) -> int:
        """Bytes that wait to be received."""
        return self._queued


_ports: Final[dict[int, weakref.ref[NetlinkSocket]]] = {}
"""The bound sockets."""


def sockets() -> list[NetlinkSocket]:
    """All bound ones. (/proc/net/netlink)"""
    found: list[NetlinkSocket] = []
    for reference in list(_ports.values()):
        socket = reference()
        if socket is not None:
            found.append(socket)
    return found


def _free_port() -> int:
    """The process's number, or one that no process has."""
    port = current_task().process.pid
    if port in _ports:
        port = 0xFFFFF000
        while port in _ports:
            port -= 1
    return port


def _netlink(address: Address) -> NetlinkAddress:
    if not isinstance(address, NetlinkAddress):
        raise Errno(EINVAL, "not a netlink address")
    return address


def _require_groups(groups: int) -> None:
    if groups & ~GROUPS:
        raise Errno(EOPNOTSUPP, "nothing is announced to that group")


def make(type: int, protocol: int, status: Status) -> Socket:
    """A new socket. ESOCKTNOSUPPORT, EPROTONOSUPPORT."""
    if type != SocketType.RAW and type != SocketType.DATAGRAM:
        raise Errno(ESOCKTNOSUPPORT, "netlink has raw sockets and datagrams")
    if protocol != ROUTE:
        raise Errno(EPROTONOSUPPORT, "NETLINK_ROUTE is all there is")
    return NetlinkSocket(SocketType(type), status)
