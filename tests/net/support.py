"""A machine with a network card whose cable ends in a network of Python: unit tests of the protocols run in it, on the hosted machine's
clock.

    with Lab() as lab:
        lab.run(body)          # body runs in a kernel thread, beside the network thread

Time jumps to the next timer whenever all threads sleep, so a test of minutes takes milliseconds.
"""

import struct
from collections.abc import Callable

from drivers.plic import Plic
from drivers.virtio.mmio import MmioTransport
from drivers.virtio.net import VirtioNet
from net import icmp, interfaces, loopqueue, protocols, routes, start, statistics, udp, worker
from net.dhcp import resolver
from net.ethernetlink import EthernetInterface
from net.inet import table
from net.ipv4 import arrival, groups, pathmtu
from objects import netdevice
from scarlet.kernel import clock, irq, log, scheduler, timer
from scarlet.kernel.memory import frames
from scarlet.kernel.threadqueue import SleepQueue
from scarlet.machine.bootinfo import MemoryRange
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.card import Card
from scarlet.machine.hosted.devices.usernet import GATEWAY, GUEST, UserNetwork, checksum, make_ip, make_udp
from scarlet.machine.hosted.devices.virtio import VirtioMmio
from scarlet.machine.hosted.layout import PLIC_BASE, RAM_BASE
from tests.kernel.threads import Run

BASE = 0x1000_1000
IRQ = 1
SECOND = 1_000_000_000
MEMORY = 8 << 20
NETWORK_THREAD = 0


def forget() -> None:
    """The protocols as they are before they start."""
    while timer._heap:
        timer._heap[0].cancel()
    interfaces._all.clear()
    interfaces._watchers.clear()
    routes._table.clear()
    protocols._protocols.clear()
    protocols._taps.clear()
    udp.ports._by_port.clear()
    icmp.listeners.clear()
    pathmtu._known.clear()
    groups._members.clear()
    table._entries.clear()
    resolver._clients.clear()
    netdevice._devices.clear()
    netdevice._listeners.clear()
    worker._queue.clear()
    worker._arrivals.sleepers = SleepQueue()
    loopqueue.queue.packets.clear()
    loopqueue.queue.queued = False
    arrival.reassembly._assemblies.clear()
    arrival.reassembly.bytes = 0
    arrival.reassembly.queued = False
    for counters in (statistics.ip, statistics.icmp, statistics.udp):
        counters.__init__()  # type: ignore[misc]


class Plugged:
    """A card in the machine that is on now, and the protocols over it."""

    def __init__(self, network: UserNetwork, *, legacy: bool = False, dhcp: bool = True, card: Card | None = None) -> None:
        forget()
        here = world.current
        irq.install(Plic(PLIC_BASE, 1))
        self.network = network
        self.card = card or Card(network)
        self.mmio = VirtioMmio(self.card, lambda level: here.plic.set_level(IRQ, level), legacy=legacy)
        here.bus.add(BASE, 0x200, self.mmio)
        self.driver = VirtioNet(MmioTransport(BASE), "virtio-net0")
        irq.register(IRQ, self.driver)
        self.thread = start.start(NETWORK_THREAD, b"" if dhcp else b"ip=off")
        netdevice.register(self.driver.card)

    @property
    def interface(self) -> EthernetInterface:
        found = interfaces.by_name(b"eth0")
        assert isinstance(found, EthernetInterface)
        return found

    def answer_to(self, packet: bytes) -> list[bytes]:
        """What the machine sends within a moment of getting a packet, as packets."""
        before = len(self.network.seen)
        self.network.give(self.card.mac, packet)
        pause(SECOND // 100)
        return [frame[14:] for frame in self.network.seen[before:] if frame[12:14] == b"\x08\x00"]


class Lab:
    """A machine with one card."""

    def __init__(self, *, legacy: bool = False, dhcp: bool = True, network: UserNetwork | None = None, card: Card | None = None) -> None:
        self.machine = Run()
        frames.init([MemoryRange(RAM_BASE, MEMORY)], [])
        network = network or UserNetwork()
        self.log_before = len(log.lines())
        self.plugged = Plugged(network, legacy=legacy, dhcp=dhcp, card=card or Card(network))
        self.network = network

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_error: object) -> None:
        forget()
        del self.plugged
        self.machine.close()

    def run(self, *bodies: Callable[[], None]) -> None:
        for body in bodies:
            self.machine.thread(body)
        self.machine.go()

    def card_gives(self, frame: bytes) -> None:
        """A frame comes out of the cable."""
        self.plugged.card.receive(frame)

    def complaints(self) -> list[str]:
        """What the kernel logged as failed."""
        return [line.text for line in log.lines()[self.log_before :] if line.level is log.Level.ERROR]


def pause(ns: int) -> None:
    """Let the machine run for a while."""
    scheduler.sleep(clock.monotonic_ns() + ns, interruptible=False)


def icmp_message(kind: int, code: int, rest: bytes) -> bytes:
    """With its checksum."""
    message = struct.pack(">BBH", kind, code, 0) + rest
    return message[:2] + struct.pack(">H", checksum(message)) + message[4:]


def echo_request(data: bytes = b"hello", *, source: bytes = GATEWAY, destination: bytes = GUEST, number: int = 1) -> bytes:
    """A packet."""
    return make_ip(source, destination, 1, icmp_message(8, 0, struct.pack(">HH", 7, number) + data))


__all__ = ["GATEWAY", "GUEST", "Lab", "Plugged", "UserNetwork", "checksum", "echo_request", "icmp_message", "make_ip", "make_udp", "pause"]
