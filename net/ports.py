"""Ports and the endpoints that have them: who may share one, and who gets what comes for it. (ip(7), socket(7))

Two endpoints may have the same port when their addresses differ, or they are on different interfaces, or both allow it: by SO_REUSEADDR,
or by SO_REUSEPORT of the same user. Of those that fit a datagram, the most precise gets it: with a peer before without, with an address
before any. Among equals the last that came gets it, but those that share by SO_REUSEPORT get their share each.
"""

from typing import Final

from net.addresses import ANY
from net.interface import Interface
from net.ipv4.packet import Packet
from net.protocols import DeliveryError
from objects.random import random_bytes
from scarlet.lang.errno import EADDRINUSE, EAGAIN, Errno

FIRST_EPHEMERAL: Final = 32768
LAST_EPHEMERAL: Final = 60999
"""ip_local_port_range"""
PRIVILEGED: Final = 1024
"""Lower ports are for CAP_NET_BIND_SERVICE."""


class Endpoint:
    """One end of a conversation. Derive from it. `address` is ANY or one of ours; `peer_port` is 0 while there is no peer."""

    def __init__(self) -> None:
        self.address = ANY
        self.port = 0
        """0 while it is in no table."""
        self.peer_address = ANY
        self.peer_port = 0
        self.interface: Interface | None = None
        """The only one that it uses, if there is one."""

    def deliver(self, packet: Packet, source_port: int, data: bytes) -> None:
        """A datagram for it. Must not block."""
        raise NotImplementedError("Endpoint.deliver")

    def failed(self, packet: Packet, error: DeliveryError) -> None:
        """One that it sent did not arrive."""

    def shares_address(self) -> bool:
        """SO_REUSEADDR"""
        return False

    def shares_port(self) -> bool:
        """SO_REUSEPORT"""
        return False

    def owner(self) -> int:
        """The user whose it is."""
        return 0

    def listens_to(self, packet: Packet) -> bool:
        """Is it in the multicast group that a packet was sent to?"""
        return True


class PortTable:
    """The endpoints of one protocol."""

    def __init__(self) -> None:
        self._by_port: dict[int, list[Endpoint]] = {}

    def every(self) -> list[Endpoint]:
        """All endpoints."""
        found: list[Endpoint] = []
        for endpoints in self._by_port.values():
            found.extend(endpoints)
        return found

    # Binding

    def bind(self, endpoint: Endpoint, address: int, port: int) -> None:
        """Give an endpoint address and port; for port 0 any that is free. EADDRINUSE; EAGAIN when none is."""
        if port == 0:
            port = self._free_port(endpoint, address)
        elif self._is_taken(endpoint, address, port):
            raise Errno(EADDRINUSE, "another socket has the port")
        endpoint.address = address
        endpoint.port = port
        if port not in self._by_port:
            self._by_port[port] = []
        self._by_port[port].append(endpoint)

    def unbind(self, endpoint: Endpoint) -> None:
        """Take it out of the table."""
        endpoints = self._by_port.get(endpoint.port)
        if endpoints is None:
            return
        for place in range(len(endpoints)):
            if endpoints[place] is endpoint:
                endpoints.pop(place)
                break
        if len(endpoints) == 0:
            del self._by_port[endpoint.port]
        endpoint.port = 0

    def _free_port(self, endpoint: Endpoint, address: int) -> int:
        """A port by chance, so that nobody outside can guess it. (RFC 6056)"""
        count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1
        chance = random_bytes(4)
        start = (chance[0] << 24 | chance[1] << 16 | chance[2] << 8 | chance[3]) % count
        for step in range(count):
            port = FIRST_EPHEMERAL + (start + step) % count
            if port not in self._by_port or not self._is_taken(endpoint, address, port):
                return port
        raise Errno(EAGAIN, "all ports are taken")

    def _is_taken(self, endpoint: Endpoint, address: int, port: int) -> bool:
        for other in self._by_port.get(port, _NOBODY):
            if _conflict(endpoint, address, other):
                return True
        return False

    # Finding

    def find(self, packet: Packet, source_port: int, port: int) -> Endpoint | None:
        """Who gets a datagram for one."""
        best = -1
        chosen: list[Endpoint] = []
        for endpoint in self._by_port.get(port, _NOBODY):
            score = _score(endpoint, packet, source_port)
            if score < 0 or score < best:
                continue
            if score > best or not (endpoint.shares_port() and chosen[0].shares_port()):
                chosen.clear()
            best = score
            chosen.append(endpoint)
        if len(chosen) == 0:
            return None
        return chosen[_spread(packet.source, source_port, packet.destination) % len(chosen)]

    def find_all(self, packet: Packet, source_port: int, port: int) -> list[Endpoint]:
        """Who gets one for everybody."""
        found: list[Endpoint] = []
        for endpoint in self._by_port.get(port, _NOBODY):
            if _score(endpoint, packet, source_port) >= 0 and endpoint.listens_to(packet):
                found.append(endpoint)
        return found

    def find_sender(self, packet: Packet, port: int, peer_port: int) -> Endpoint | None:
        """Who sent a packet of ours from this port to that one."""
        unconnected: Endpoint | None = None
        for endpoint in self._by_port.get(port, _NOBODY):
            if endpoint.address != ANY and endpoint.address != packet.source:
                continue
            if endpoint.peer_port == 0:
                unconnected = endpoint
            elif endpoint.peer_port == peer_port and endpoint.peer_address == packet.destination:
                return endpoint
        return unconnected


_NOBODY: Final[list[Endpoint]] = []


def _conflict(endpoint: Endpoint, address: int, other: Endpoint) -> bool:
    if endpoint.shares_address() and other.shares_address():
        return False
    if endpoint.interface is not None and other.interface is not None and endpoint.interface is not other.interface:
        return False
    if address != ANY and other.address != ANY and address != other.address:
        return False
    return not (endpoint.shares_port() and other.shares_port() and endpoint.owner() == other.owner())


def _score(endpoint: Endpoint, packet: Packet, source_port: int) -> int:
    """How precisely an endpoint fits a datagram; -1 when it does not."""
    score = 0
    if endpoint.address != ANY:
        if endpoint.address != packet.destination:
            return -1
        score += 2
    if endpoint.peer_port != 0:
        if endpoint.peer_port != source_port or endpoint.peer_address != packet.source:
            return -1
        score += 4
    if endpoint.interface is not None:
        if endpoint.interface is not packet.interface:
            return -1
        score += 1
    return score


def _spread(source: int, source_port: int, destination: int) -> int:
    """A number that is the same for all datagrams of one conversation."""
    mixed = (source * 31 + source_port) * 31 + destination
    return (mixed ^ mixed >> 16) & 0xFFFF
