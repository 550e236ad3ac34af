"""An interface over an Ethernet card: frames in and out, and ARP for who is where. (RFC 894, RFC 826, RFC 5227)"""

from collections.abc import Callable
from typing import Final

from net import arp, interfaces
from net.addresses import (
    BROADCAST,
    HARDWARE_BROADCAST,
    NO_HARDWARE,
    hardware_text,
    is_group_hardware,
    is_host,
    is_loopback,
    is_multicast,
    multicast_hardware,
    text_of,
)  # fmt: skip
from net.arp import ArpOperation, ArpPacket
from net.ethernet import HEADER, TYPE_ARP, TYPE_IPV4, ethertype_of, make_frame
from net.interface import HardwareType, Interface, InterfaceFlags
from net.ipv4 import arrival
from net.neighbours import NeighbourLink, NeighbourTable
from net.ratelimit import RateLimit
from objects.netdevice import NetDevice, SendBudget
from scarlet.kernel import log

SHARE: Final = 64
"""Frames taken in before other threads get their turn."""


class EthernetInterface(Interface):
    """eth0 and its like. The card, the interface and its table of neighbours refer to one another: they live as long as the machine."""

    def __init__(self, device: NetDevice) -> None:
        flags = InterfaceFlags.BROADCAST | InterfaceFlags.MULTICAST
        super().__init__(device.name, device.hardware, device.mtu, device.counters, flags, HardwareType.ETHERNET)
        self.device = device
        self.neighbours = NeighbourTable(_ArpLink(self))
        self._conflicts = RateLimit(per_second=1, burst=1)
        self._link_watchers: list[Callable[[], None]] = []
        self._link_moved = False
        device.receiver = self

    @property
    def carrier(self) -> bool:
        return self.device.link_up

    # The card's side

    def frames_wait(self) -> None:
        """Something came: look at it in the network thread."""
        self.post()

    def link_changed(self) -> None:
        """The cable was pulled, or is back."""
        self._link_moved = True
        self.post()

    def on_link(self, watcher: Callable[[], None]) -> None:
        """Have watcher() called when the link has changed."""
        self._link_watchers.append(watcher)

    def work(self) -> bool:
        if self._link_moved:
            self._link_moved = False
            log.info(f"{self.name.decode()}: the link is {'up' if self.device.link_up else 'down'}")
            self.neighbours.clear()  # who was a neighbour may not be one any more
            interfaces.changed(self)
            for watcher in self._link_watchers:
                watcher()
        return self.device.poll(SHARE)

    def frame_received(self, frame: bytes) -> None:
        """One frame, whatever is in it."""
        if not self.up:
            self.counters.rx_dropped += 1
            return
        destination = frame[0:6]
        to_all = len(frame) >= HEADER and is_group_hardware(destination)
        if to_all:
            self.counters.rx_multicast += 1
        elif destination != self.hardware:
            self.counters.rx_dropped += 1
            return
        ethertype = ethertype_of(frame)
        if ethertype == TYPE_IPV4:
            arrival.received(self, frame[HEADER:], link_broadcast=to_all)
        elif ethertype == TYPE_ARP:
            self._arp_received(frame[HEADER:])
        else:
            self.counters.rx_dropped += 1

    # Sending

    def transmit(self, packet: bytes, next_hop: int, budget: SendBudget | None) -> None:
        if not self.up or not self.device.link_up:
            self.counters.tx_dropped += 1
        elif is_multicast(next_hop):
            self.send_frame(multicast_hardware(next_hop), TYPE_IPV4, packet, budget)
        elif next_hop == BROADCAST or self.is_broadcast(next_hop):
            self.send_frame(HARDWARE_BROADCAST, TYPE_IPV4, packet, budget)
        else:
            self.neighbours.send(packet, next_hop, budget)

    def send_frame(self, destination: bytes, ethertype: int, payload: bytes, budget: SendBudget | None) -> None:
        """One frame; the card counts it."""
        self.device.send(make_frame(destination, self.hardware, ethertype, payload), budget)

    def closed(self) -> None:
        self.neighbours.clear()

    def opened(self) -> None:
        """Tell the neighbours our addresses, in case that another machine had them before. (RFC 5227 2.3)"""
        for entry in self.addresses:
            self.announce(entry.address)

    def announce(self, address: int) -> None:
        """A gratuitous ARP: a request for our own address."""
        if self.device.link_up:
            packet = arp.make_packet(ArpOperation.REQUEST, self.hardware, address, NO_HARDWARE, address)
            self.send_frame(HARDWARE_BROADCAST, TYPE_ARP, packet, None)

    # ARP

    def _arp_received(self, payload: bytes) -> None:
        packet = arp.parse(payload)
        if packet is None or not self._is_sane(packet):
            self.counters.rx_dropped += 1
            return
        sender = int(packet.sender)
        mine = self.find_address(int(packet.target)) is not None
        if self.find_address(sender) is not None:
            if self._conflicts.allow():
                log.warn(f"{self.name.decode()}: {hardware_text(packet.sender_hardware)} says that it has our address {text_of(sender)}")
            return
        if packet.operation == ArpOperation.REQUEST:
            if sender != 0:
                self.neighbours.heard(sender, packet.sender_hardware, answer=False, create=mine)
            if mine:
                self._answer(packet)
        elif sender != 0:
            self.neighbours.heard(sender, packet.sender_hardware, answer=mine, create=False)

    def _is_sane(self, packet: ArpPacket) -> bool:
        """A packet that nobody honest sends teaches us nothing."""
        sender = int(packet.sender)
        if packet.operation != ArpOperation.REQUEST and packet.operation != ArpOperation.REPLY:
            return False
        if is_group_hardware(packet.sender_hardware) or packet.sender_hardware == NO_HARDWARE:
            return False
        return packet.sender_hardware != self.hardware and (sender == 0 or is_host(sender) and not is_loopback(sender))

    def _answer(self, packet: ArpPacket) -> None:
        reply = arp.make_packet(ArpOperation.REPLY, self.hardware, int(packet.target), packet.sender_hardware, int(packet.sender))
        self.send_frame(packet.sender_hardware, TYPE_ARP, reply, None)


class _ArpLink(NeighbourLink):
    """What the table of neighbours asks of the interface."""

    def __init__(self, interface: EthernetInterface) -> None:
        self._interface = interface

    def ask(self, target: int, hardware: bytes) -> None:
        interface = self._interface
        packet = arp.make_packet(ArpOperation.REQUEST, interface.hardware, interfaces.source_on(interface, target), NO_HARDWARE, target)
        interface.send_frame(HARDWARE_BROADCAST if hardware == NO_HARDWARE else hardware, TYPE_ARP, packet, None)

    def deliver(self, packet: bytes, hardware: bytes, budget: SendBudget | None) -> None:
        self._interface.send_frame(hardware, TYPE_IPV4, packet, budget)

    def unreachable(self, packet: bytes) -> None:
        self._interface.counters.tx_errors += 1
        arrival.not_delivered(packet)
