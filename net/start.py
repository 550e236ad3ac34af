"""Starts the protocols: the loopback interface, an interface for each card, and a DHCP client for each of those unless `ip=off` was
said.
"""

from net import configuration, icmp, interfaces, protocols, udp, worker
from net.addresses import LOOPBACK
from net.dhcp import resolver
from net.dhcp.client import DhcpClient
from net.ethernetlink import EthernetInterface
from net.inet import family
from net.loopback import LoopbackInterface
from net.protocols import IpProtocol
from objects import netdevice
from objects.netdevice import NetDevice
from scarlet.kernel.thread import Thread

OFF = b"ip=off"
"""The word of the kernel's command line. (Linux: nfsroot.rst)"""


def start(tid: int, command_line: bytes) -> Thread:
    """Start all of it; the thread, whose number is `tid`, is to be kept alive by the caller."""
    protocols.announce(IpProtocol.ICMP, icmp.Icmp())
    udp.start()
    family.start()
    loopback = LoopbackInterface()
    interfaces.add(loopback)
    configuration.set_up(loopback)
    configuration.add_address(loopback, LOOPBACK, 8)
    if OFF in command_line.split(b" "):
        netdevice.on_new(_add)
    else:
        netdevice.on_new(_add_with_dhcp)
    return worker.start(tid)


def _add(device: NetDevice) -> None:
    _new_interface(device)


def _new_interface(device: NetDevice) -> EthernetInterface:
    interface = EthernetInterface(device)
    interfaces.add(interface)
    configuration.set_up(interface)
    interface.post()  # what came before anybody listened
    return interface


def _add_with_dhcp(device: NetDevice) -> None:
    client = DhcpClient(_new_interface(device))
    resolver.add(client)
    client.interface.on_link(client.link_changed)
    client.begin()
