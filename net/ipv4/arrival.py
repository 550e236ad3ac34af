"""Taking in IPv4 packets: what is damaged, forged or not for us is dropped; the rest goes to its protocol. (RFC 1122 3.2.1, RFC 1812 5.3.7)

This machine is a host: it passes nothing on.
"""

from typing import Final

from net import icmp_errors, interfaces, protocols, statistics
from net.addresses import ANY, BROADCAST, is_loopback, is_multicast, is_reserved
from net.interface import Interface, InterfaceFlags
from net.ipv4 import groups
from net.ipv4.packet import Packet, parse
from net.ipv4.reassembly import Reassembly
from net.loopqueue import queue
from net.protocols import DeliveryError
from scarlet.lang.errno import EHOSTUNREACH


def received(interface: Interface, data: bytes, *, link_broadcast: bool) -> None:
    """A packet that came by an interface; `link_broadcast`: in a frame for everybody."""
    statistics.ip.in_receives += 1
    packet = parse(data)
    if packet is None:
        statistics.ip.in_hdr_errors += 1
        return
    packet.interface = interface
    if not _source_is_sane(interface, packet.source) or not _is_for_us(interface, packet, link_broadcast):
        statistics.ip.in_addr_errors += 1
        return
    if packet.is_fragment:
        whole = reassembly.add(packet)
        if whole is None:
            return
        packet = whole
    _deliver(packet)


def _looped(interface: Interface, data: bytes) -> None:
    """A packet of our own that comes back."""
    if not interface.up:
        return
    if interface.kind_flags & InterfaceFlags.LOOPBACK:
        interface.counters.sent(len(data))
        interface.counters.received(len(data))
    statistics.ip.in_receives += 1
    packet = parse(data)
    if packet is None:
        statistics.ip.in_hdr_errors += 1
        return
    packet.interface = interface
    packet.to_all = is_multicast(packet.destination) or interfaces.is_broadcast(packet.destination)
    whole: Packet | None = packet
    if packet.is_fragment:
        whole = reassembly.add(packet)
    if whole is not None:
        _deliver(whole)


def _source_is_sane(interface: Interface, source: int) -> bool:
    """Nobody on a link may speak as many, as this machine, or as nobody (but in DHCP, whose answers come from the server's address)."""
    if is_multicast(source) or is_reserved(source) or is_loopback(source):
        return False
    return not interfaces.is_own(source) and not interface.is_broadcast(source)


def _is_for_us(interface: Interface, packet: Packet, link_broadcast: bool) -> bool:
    """Also sets `to_all`. (A packet for one in a frame for all is somebody's mistake: RFC 1122 3.3.6; but a DHCP client that has no address
    takes what comes for it.)"""
    destination = packet.destination
    if is_loopback(destination):
        return False
    if destination == BROADCAST or interface.is_broadcast(destination):
        packet.to_all = True
        return True
    if is_multicast(destination):
        packet.to_all = True
        return groups.is_member(interface, destination)
    if len(interface.addresses) == 0:
        return destination != ANY and interface.expects_any
    return interfaces.is_own(destination) and not link_broadcast


def _deliver(packet: Packet) -> None:
    tapped = protocols.tapped(packet)
    protocol = protocols.find(packet.protocol)
    if protocol is not None:
        statistics.ip.in_delivers += 1
        protocol.receive(packet)
    elif tapped:
        statistics.ip.in_delivers += 1
    else:
        statistics.ip.in_unknown_protos += 1
        icmp_errors.protocol_unreachable(packet)


def not_delivered(data: bytes) -> None:
    """A packet of ours that waited for a neighbour who does not answer: as if a router had said so."""
    packet = parse(data)
    if packet is not None and packet.offset == 0:
        error = DeliveryError(EHOSTUNREACH, fatal=False, type=icmp_errors.UNREACHABLE, code_number=icmp_errors.HOST, offender=packet.source)
        protocols.failed(packet, error)


reassembly: Final = Reassembly(icmp_errors.reassembly_timed_out)
queue.take_in = _looped
