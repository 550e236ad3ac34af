"""/proc/net: what the network knows, as text. (proc_pid_net(5))

Addresses are printed as Linux prints them: the four bytes of an IPv4 address, as they stand in a packet, read as a little-endian number.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from net import interfaces, routes, statistics
from net.addresses import ANY, hardware_text, mask_of, text_of
from net.dhcp.resolver import resolver_text
from net.ethernetlink import EthernetInterface
from net.inet import table
from net.inet.datagram import DatagramSocket
from net.interface import Interface
from net.neighbours import NeighbourState
from net.netlink.socket import sockets as netlink_sockets
from net.protocols import IpProtocol
from net.unix.connecting import MAX_BACKLOG, ConnectingSocket, State
from net.unix.datagram import MAX_QUEUE
from net.unix.endpoint import UnixSocket
from net.unix.endpoint import sockets as unix_sockets
from objects.socket import SocketType
from objects.socketoptions import DEFAULT_BUFFER, MAX_BUFFER
from vfs.procfs import ipv4
from vfs.procfs.tree import add_file

LISTENS: Final = 0x10000
"""__SO_ACCEPTCON"""
UNCONNECTED: Final = 1
CONNECTING: Final = 2
CONNECTED: Final = 3
ESTABLISHED: Final = 1
CLOSED: Final = 7
ROUTE_UP: Final = 1
ROUTE_GATEWAY: Final = 2
ROUTE_HOST: Final = 4
NEIGHBOUR_KNOWN: Final = 2
NEIGHBOUR_PERMANENT: Final = 4
DEFAULT_TTL: Final = 64
NOT_FORWARDING: Final = 2
ICMP_TYPES: Final = (3, 11, 12, 4, 5, 8, 0, 13, 14, 17, 18)
ICMP_NAMES: Final = (
    "DestUnreachs", "TimeExcds", "ParmProbs", "SrcQuenchs", "Redirects", "Echos", "EchoReps", "Timestamps", "TimestampReps", "AddrMasks",
    "AddrMaskReps",
)  # fmt: skip

_LIMITS: Final = [
    (b"core/rmem_default", DEFAULT_BUFFER), (b"core/rmem_max", MAX_BUFFER), (b"core/wmem_default", DEFAULT_BUFFER),
    (b"core/wmem_max", MAX_BUFFER), (b"core/somaxconn", MAX_BACKLOG), (b"unix/max_dgram_qlen", MAX_QUEUE),
]  # fmt: skip

Row: TypeAlias = tuple[str, int]


def announce() -> None:
    """Put the files into /proc."""
    files: list[tuple[bytes, Callable[[], bytes]]] = [
        (b"arp", _arp), (b"dev", _devices), (b"icmp", _ping), (b"netlink", _netlink), (b"raw", _raw), (b"route", _routes),
        (b"pnp", resolver_text), (b"snmp", _snmp), (b"sockstat", _counts), (b"udp", _udp), (b"unix", _unix),
    ]  # fmt: skip
    for name, maker in files:
        add_file(b"net/" + name, maker)
    for path, value in _LIMITS:
        _add_limit(path, value)
    ipv4.announce()


def _add_limit(path: bytes, value: int) -> None:
    """A file of /proc/sys that says what holds; it cannot be written to."""
    add_file(b"sys/net/" + path, lambda: f"{value}\n".encode())


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


# --- interfaces, routes, neighbours -------------------------------------------------------------------------------------------


def _devices() -> bytes:
    """/proc/net/dev"""
    lines = [
        "Inter-|   Receive                                                |  Transmit",
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    ]
    for interface in interfaces.every():
        lines.append(_device(interface))
    return _text(lines)


def _device(interface: Interface) -> str:
    counts = interface.counters
    name = interface.name.decode()
    received = f"{counts.rx_bytes:7} {counts.rx_packets:7} {counts.rx_errors:4} {counts.rx_dropped:4}    0     0          0"
    sent = f"{counts.tx_bytes:8} {counts.tx_packets:7} {counts.tx_errors:4} {counts.tx_dropped:4}    0     0       0          0"
    return f"{name:>6}: {received} {counts.rx_multicast:9} {sent}"


def _routes() -> bytes:
    """/proc/net/route"""
    title = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
    lines = [f"{title:<127}"]
    for route in routes.by_destination():
        flags = ROUTE_UP | (ROUTE_GATEWAY if route.gateway != 0 else 0) | (ROUTE_HOST if route.prefix == 32 else 0)
        ends = f"{_address(route.destination)}\t{_address(route.gateway)}\t{flags:04X}"
        row = f"{route.interface.name.decode()}\t{ends}\t0\t0\t{route.metric}\t{_address(mask_of(route.prefix))}\t0\t0\t0"
        lines.append(f"{row:<127}")
    return _text(lines)


def _arp() -> bytes:
    """/proc/net/arp"""
    lines = ["IP address       HW type     Flags       HW address            Mask     Device"]
    for interface in interfaces.every():
        if isinstance(interface, EthernetInterface):
            for entry in interface.neighbours.every():
                flags = NEIGHBOUR_KNOWN if entry.usable else 0
                if entry.state is NeighbourState.PERMANENT:
                    flags |= NEIGHBOUR_PERMANENT
                start = f"{text_of(entry.address):<16} 0x{1:<10x}0x{flags:<10x}"
                lines.append(f"{start}{hardware_text(entry.hardware):<17}     *        {interface.name.decode()}")
    return _text(lines)


# --- sockets ------------------------------------------------------------------------------------------------------------------


def _udp() -> bytes:
    """/proc/net/udp"""
    title = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
    return _text([f"{title:<127}", *[f"{row:<127}" for row in _rows(SocketType.DATAGRAM, IpProtocol.UDP)]])


def _ping() -> bytes:
    """/proc/net/icmp"""
    title = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
    return _text([f"{title:<127}", *[f"{row:<127}" for row in _rows(SocketType.DATAGRAM, IpProtocol.ICMP)]])


def _raw() -> bytes:
    """/proc/net/raw"""
    title = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
    return _text([title, *_rows(SocketType.RAW, -1)])


def _inet(type: SocketType, protocol: int) -> list[DatagramSocket]:
    """The sockets of one table; -1 is every protocol. A UDP socket is in it from when it has a port."""
    found: list[DatagramSocket] = []
    for socket in table.sockets():
        if socket.type == type and (protocol < 0 or _protocol(socket) == protocol) and socket.local_port != 0:
            found.append(socket)
    return found


def _protocol(socket: DatagramSocket) -> int:
    return socket.protocol if socket.protocol != 0 else int(IpProtocol.UDP)


def _rows(type: SocketType, protocol: int) -> list[str]:
    rows: list[str] = []
    for socket in _inet(type, protocol):
        peer = socket.peer
        remote = f"{_address(peer.host)}:{peer.port:04X}" if peer is not None else f"{_address(ANY)}:0000"
        number = f"{len(rows):4}" if type is SocketType.RAW else f"{len(rows):5}"
        ends = f"{number}: {_address(socket.local)}:{socket.local_port:04X} {remote}"
        state = f"{ESTABLISHED if peer is not None else CLOSED:02X} {socket.budget.in_flight:08X}:{socket.queued:08X}"
        owner = f"{socket.file.uid:5} {0:8} {socket.number} 2 {0:016x} {socket.drops}"
        rows.append(f"{ends} {state} 00:00000000 00000000 {owner}")
    return rows


def _unix() -> bytes:
    """/proc/net/unix"""
    lines = [b"Num       RefCount Protocol Flags    Type St Inode Path"]
    for number in sorted(unix_sockets):
        socket = unix_sockets[number]()
        if socket is not None:
            lines.append(_unix_row(socket))
    return b"\n".join(lines) + b"\n"


def _unix_row(socket: UnixSocket) -> bytes:
    flags = LISTENS if socket.listening() else 0
    state = UNCONNECTED
    if isinstance(socket, ConnectingSocket) and socket.state is State.CONNECTED:
        state = CONNECTED if socket.accepted else CONNECTING
    elif not isinstance(socket, ConnectingSocket) and socket.peer is not None:
        state = CONNECTED
    inode = socket.number if state != CONNECTING else 0
    name = socket.own.address.name
    row = f"{0:016x}: {2:08X} {0:08X} {flags:08X} {int(socket.type):04X} {state:02X} {inode:5}".encode()
    return row + b" " + b"@".join(name.split(b"\0")) if len(name) > 0 else row


def _netlink() -> bytes:
    """/proc/net/netlink"""
    lines = ["sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode"]
    for socket in netlink_sockets():
        start = f"{0:016x} {socket.protocol:<3} {socket.port:<10} {socket.groups:08x}"
        lines.append(f"{start} {socket.queued():<8} {0:<8} {0:<5} {2:<8} {0:<8} {socket.number:<8}")
    return _text(lines)


def _counts() -> bytes:
    """/proc/net/sockstat, without the protocols that there are not."""
    used = len(unix_sockets) + len(table.sockets()) + len(netlink_sockets())
    udp = len(_inet(SocketType.DATAGRAM, IpProtocol.UDP))
    raw = len(_inet(SocketType.RAW, -1))
    return _text([f"sockets: used {used}", f"UDP: inuse {udp}", f"RAW: inuse {raw}"])


# --- statistics ---------------------------------------------------------------------------------------------------------------


def _snmp() -> bytes:
    """/proc/net/snmp"""
    lines: list[str] = []
    _add(lines, "Ip", _ip_rows())
    _add(lines, "Icmp", _icmp_rows())
    types = statistics.icmp
    by_type: list[Row] = [(f"InType{type}", types.in_types[type]) for type in sorted(types.in_types)]
    by_type += [(f"OutType{type}", types.out_types[type]) for type in sorted(types.out_types)]
    if len(by_type) > 0:
        _add(lines, "IcmpMsg", by_type)
    _add(lines, "Udp", _udp_rows())
    return _text(lines)


def _add(lines: list[str], title: str, rows: list[Row]) -> None:
    """Two lines: the names, and the values below them."""
    lines.append(f"{title}: " + " ".join([name for name, _value in rows]))
    lines.append(f"{title}: " + " ".join([str(value) for _name, value in rows]))


def _ip_rows() -> list[Row]:
    ip = statistics.ip
    return [
        ("Forwarding", NOT_FORWARDING), ("DefaultTTL", DEFAULT_TTL), ("InReceives", ip.in_receives), ("InHdrErrors", ip.in_hdr_errors),
        ("InAddrErrors", ip.in_addr_errors), ("ForwDatagrams", 0), ("InUnknownProtos", ip.in_unknown_protos),
        ("InDiscards", ip.in_discards), ("InDelivers", ip.in_delivers), ("OutRequests", ip.out_requests),
        ("OutDiscards", ip.out_discards), ("OutNoRoutes", ip.out_no_routes), ("ReasmTimeout", ip.reasm_timeout),
        ("ReasmReqds", ip.reasm_reqds), ("ReasmOKs", ip.reasm_oks), ("ReasmFails", ip.reasm_fails), ("FragOKs", ip.frag_oks),
        ("FragFails", ip.frag_fails), ("FragCreates", ip.frag_creates),
    ]  # fmt: skip


def _icmp_rows() -> list[Row]:
    icmp = statistics.icmp
    rows: list[Row] = [("InMsgs", icmp.in_msgs), ("InErrors", icmp.in_errors), ("InCsumErrors", icmp.in_csum_errors)]
    for place in range(len(ICMP_TYPES)):
        rows.append(("In" + ICMP_NAMES[place], icmp.in_types.get(ICMP_TYPES[place], 0)))
    rows += [("OutMsgs", icmp.out_msgs), ("OutErrors", icmp.out_errors)]
    for place in range(len(ICMP_TYPES)):
        rows.append(("Out" + ICMP_NAMES[place], icmp.out_types.get(ICMP_TYPES[place], 0)))
    return rows


def _udp_rows() -> list[Row]:
    udp = statistics.udp
    return [
        ("InDatagrams", udp.in_datagrams), ("NoPorts", udp.no_ports), ("InErrors", udp.in_errors), ("OutDatagrams", udp.out_datagrams),
        ("RcvbufErrors", udp.rcvbuf_errors), ("SndbufErrors", udp.sndbuf_errors), ("InCsumErrors", udp.in_csum_errors),
        ("IgnoredMulti", udp.ignored_multi),
    ]  # fmt: skip


def _address(host: int) -> str:
    """0100007F for 127.0.0.1"""
    return f"{int.from_bytes(host.to_bytes(4, 'big'), 'little'):08X}"
