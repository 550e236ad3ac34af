"""ioctl(2) on sockets about interfaces, routes and neighbours, as ifconfig, route and arp use it. (netdevice(7))"""

import struct

import pytest

from net import interfaces, routes
from objects.credentials import Credentials
from scarlet.lang import errno
from tests.sockets.support import AF_INET, AF_UNIX, DATAGRAM, IOCTL, Sockets
from tests.sockets.test_netlink import Netlink, network

GIFNAME, GIFCONF, GIFFLAGS, SIFFLAGS, GIFADDR, SIFADDR = 0x8910, 0x8912, 0x8913, 0x8914, 0x8915, 0x8916
GIFBRDADDR, SIFBRDADDR, GIFNETMASK, SIFNETMASK, GIFMETRIC = 0x8919, 0x891A, 0x891B, 0x891C, 0x891D
GIFMTU, SIFMTU, SIFNAME, GIFHWADDR, GIFINDEX = 0x8921, 0x8922, 0x8923, 0x8927, 0x8933
ADDRT, DELRT, DARP, GARP, SARP = 0x890B, 0x890C, 0x8953, 0x8954, 0x8955
UP, BROADCAST, RUNNING, MULTICAST = 1, 2, 0x40, 0x1000


def inet(*host: int) -> bytes:
    return struct.pack("<HH", AF_INET, 0) + bytes(host) + bytes(8)


class Requests:
    """Requests on one socket."""

    def __init__(self, sockets: Sockets, family: int = AF_UNIX) -> None:
        self.sockets = sockets
        self.fd = sockets.pair(DATAGRAM)[0]
        self.socket = sockets.program.task.handles.object(self.fd)
        self.socket.family = family  # type: ignore[attr-defined]
        """The requests look at the family alone."""

    def raw(self, request: int, data: bytes) -> tuple[int, bytes]:
        place = self.sockets.scratch()
        self.sockets.program.put(data)
        result = self.sockets.program.call(IOCTL, self.fd, request, place)
        return (result, self.sockets.program.get(place, len(data)))

    def ask(self, request: int, name: str, value: bytes = b"") -> bytes | int:
        """The 24 bytes behind the name, or the errno."""
        result, data = self.raw(request, name.encode().ljust(16, b"\0") + value.ljust(24, b"\0"))
        return data[16:] if result == 0 else result


def test_an_interface_describes_itself_to_any_socket() -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_UNIX)
        flags = requests.ask(GIFFLAGS, "eth0")
        assert isinstance(flags, bytes) and int.from_bytes(flags[:2], "little") == UP | BROADCAST | RUNNING | MULTICAST
        assert requests.ask(GIFINDEX, "eth0") == struct.pack("<i", 2).ljust(24, b"\0")
        assert requests.ask(GIFMTU, "eth0") == struct.pack("<i", 1500).ljust(24, b"\0")
        assert requests.ask(GIFHWADDR, "eth0") == (struct.pack("<H", 1) + b"\x52\x54\0\0\0\1").ljust(24, b"\0")
        assert requests.ask(GIFHWADDR, "lo") == struct.pack("<H", 772).ljust(24, b"\0")
        assert requests.ask(GIFMETRIC, "lo") == bytes(24)
        assert requests.ask(GIFFLAGS, "eth1") == -errno.ENODEV
        assert requests.ask(GIFADDR, "eth0") == -errno.ENOTTY, "addresses are for AF_INET sockets"
        assert requests.raw(GIFNAME, bytes(16) + struct.pack("<i", 2) + bytes(20))[1][:5] == b"eth0\0"
        assert requests.raw(GIFNAME, bytes(16) + struct.pack("<i", 9) + bytes(20))[0] == -errno.ENODEV
        assert requests.raw(0x89FF, bytes(40))[0] == -errno.ENOTTY

    network(body)


def test_addresses_are_told_and_set() -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_INET)
        assert requests.ask(GIFADDR, "eth0") == inet(10, 0, 0, 2).ljust(24, b"\0")
        assert requests.ask(GIFNETMASK, "eth0:1") == inet(255, 255, 255, 0).ljust(24, b"\0")
        assert requests.ask(GIFBRDADDR, "eth0") == inet(10, 0, 0, 255).ljust(24, b"\0")
        assert isinstance(requests.ask(SIFADDR, "eth0", inet(192, 168, 5, 6)), bytes)
        assert requests.ask(GIFNETMASK, "eth0") == inet(255, 255, 255, 0).ljust(24, b"\0")
        assert isinstance(requests.ask(SIFNETMASK, "eth0", inet(255, 255, 0, 0)), bytes)
        assert requests.ask(GIFBRDADDR, "eth0") == inet(192, 168, 255, 255).ljust(24, b"\0")
        route = routes.find(0xC0A80101)
        assert route is not None and route.prefix == 16
        assert requests.ask(SIFNETMASK, "eth0", inet(255, 0, 255, 0)) == -errno.EINVAL
        assert isinstance(requests.ask(SIFBRDADDR, "eth0", inet(192, 168, 1, 1)), bytes)
        assert requests.ask(SIFADDR, "eth0", struct.pack("<H", AF_UNIX)) == -errno.EINVAL
        assert isinstance(requests.ask(SIFADDR, "eth0", inet(0, 0, 0, 0)), bytes)
        assert requests.ask(GIFADDR, "eth0") == -errno.EADDRNOTAVAIL

    network(body)


def test_all_addresses_are_listed_as_far_as_there_is_room() -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_UNIX)
        program = netlink.sockets.program
        for room, count in [(200, 2), (80, 2), (79, 1), (0, 0)]:
            place = netlink.sockets.scratch() + 0x1000
            result, data = requests.raw(GIFCONF, struct.pack("<iiQ", room, 0, place))
            assert result == 0 and struct.unpack_from("<i", data)[0] == 40 * count
        result, data = requests.raw(GIFCONF, struct.pack("<iiQ", 0, 0, 0))
        assert struct.unpack_from("<i", data)[0] == 80
        requests.raw(GIFCONF, struct.pack("<iiQ", 80, 0, place))
        assert program.get(place, 3) == b"lo\0" and program.get(place + 40 + 20, 4) == bytes([10, 0, 0, 2])

    network(body)


def test_flags_and_mtu_are_changed_by_the_privileged_and_nothing_else_is() -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_INET)
        eth0 = interfaces.every()[1]
        assert isinstance(requests.ask(SIFFLAGS, "eth0", struct.pack("<H", BROADCAST | MULTICAST)), bytes)
        assert not eth0.up
        assert isinstance(requests.ask(SIFFLAGS, "eth0", struct.pack("<H", UP | BROADCAST | MULTICAST)), bytes)
        assert eth0.up
        assert requests.ask(SIFFLAGS, "eth0", struct.pack("<H", UP | MULTICAST | 0x100)) == -errno.EOPNOTSUPP
        assert isinstance(requests.ask(SIFMTU, "eth0", struct.pack("<i", 1200)), bytes) and eth0.mtu == 1200
        assert requests.ask(SIFMTU, "eth0", struct.pack("<i", -1)) == -errno.EINVAL
        assert requests.ask(SIFNAME, "eth0", b"net0") == -errno.EOPNOTSUPP
        task = netlink.sockets.program.task
        task.process.credentials = Credentials(5, 5)
        task.refresh()
        for request in (SIFFLAGS, SIFMTU, SIFADDR, SIFNAME):
            assert requests.ask(request, "eth0", inet(10, 9, 9, 9)) == -errno.EPERM
        for request in (ADDRT, DELRT):
            assert requests.raw(request, bytes(120))[0] == -errno.EPERM

    network(body)


def rtentry(destination: bytes, gateway: bytes, mask: bytes, flags: int, metric: int = 0, device: int = 0) -> bytes:
    return bytes(8) + destination + gateway + mask + struct.pack("<HhiQQhxxxxxxQQQHxxxxxx", flags, 0, 0, 0, 0, metric, device, 0, 0, 0)


def test_routes_come_and_go() -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_INET)
        network_mask = inet(255, 255, 0, 0)
        entry = rtentry(inet(172, 16, 0, 0), inet(10, 0, 0, 9), network_mask, 3, metric=5)
        assert len(entry) == 120
        assert requests.raw(ADDRT, entry)[0] == 0
        found = routes.find(0xAC100101)
        assert found is not None and (found.gateway, found.metric, found.prefix) == (0x0A000009, 4, 16)
        assert requests.raw(ADDRT, entry)[0] == -errno.EEXIST
        assert requests.raw(DELRT, entry)[0] == 0 and requests.raw(DELRT, entry)[0] == -errno.ESRCH
        name = netlink.sockets.scratch() + 0x2000
        netlink.sockets.program.next = name
        netlink.sockets.program.put(b"eth0")
        assert requests.raw(ADDRT, rtentry(inet(172, 17, 0, 1), bytes(16), bytes(16), 5, device=name))[0] == 0
        found = routes.find(0xAC110001)
        assert found is not None and (found.prefix, found.gateway, found.interface.name) == (32, 0, b"eth0")
        for wrong, code in [
            (rtentry(bytes(16), inet(10, 0, 0, 9), network_mask, 3), errno.EAFNOSUPPORT),
            (rtentry(inet(172, 16, 0, 0), inet(0, 0, 0, 0), network_mask, 3), errno.EINVAL),
            (rtentry(inet(172, 16, 0, 0), inet(10, 0, 0, 9), inet(255, 0, 255, 0), 3), errno.EINVAL),
            (rtentry(inet(172, 16, 0, 0), bytes(16), network_mask, 1), errno.ENODEV),
            (rtentry(inet(172, 16, 0, 0), bytes(16), network_mask, 0x201), errno.EOPNOTSUPP),
        ]:
            assert requests.raw(ADDRT, wrong)[0] == -code

    network(body)


def arpreq(host: bytes, hardware: bytes = b"", flags: int = 0, device: bytes = b"") -> bytes:
    return host + (struct.pack("<H", 1) + hardware).ljust(16, b"\0") + struct.pack("<I", flags) + bytes(16) + device.ljust(16, b"\0")


@pytest.mark.parametrize("device", [b"", b"eth0"])
def test_neighbours_are_told_set_and_forgotten(device: bytes) -> None:
    def body(netlink: Netlink) -> None:
        requests = Requests(netlink.sockets, AF_INET)
        host = inet(10, 0, 0, 77)
        assert requests.raw(GARP, arpreq(host, device=device))[0] == -errno.ENXIO
        assert requests.raw(SARP, arpreq(host, b"\2\0\0\0\0\7", 6, device))[0] == 0
        result, data = requests.raw(GARP, arpreq(host, device=device))
        assert result == 0 and data[18:24] == b"\2\0\0\0\0\7" and data[32:36] == struct.pack("<I", 6) and data[52:57] == b"eth0\0"
        assert requests.raw(SARP, arpreq(host, b"\2\0\0\0\0\7", 8, device))[0] == -errno.EOPNOTSUPP
        assert requests.raw(DARP, arpreq(host, device=device))[0] == 0
        assert requests.raw(DARP, arpreq(host, device=device))[0] == -errno.ENXIO
        assert requests.raw(GARP, arpreq(host, device=b"eth9"))[0] == -errno.ENODEV
        assert requests.raw(GARP, arpreq(host, device=b"lo"))[0] == -errno.ENXIO

    network(body)
