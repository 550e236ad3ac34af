"""Makes AF_UNIX sockets, and lets socket(2) know of them. (unix(7))"""

from net.unix.datagram import DatagramSocket
from net.unix.seqpacket import SeqpacketSocket
from net.unix.stream import StreamSocket
from objects.object import Status
from objects.socket import Socket, SocketType
from objects.socketaddress import Family
from objects.socketfamilies import register
from scarlet.lang.errno import EPROTONOSUPPORT, ESOCKTNOSUPPORT, Errno


def make(type: int, protocol: int, status: Status) -> Socket:
    """A new socket. EPROTONOSUPPORT for a protocol, ESOCKTNOSUPPORT for another type; a raw socket is a datagram one, as on Linux."""
    if protocol not in (0, Family.UNIX):
        raise Errno(EPROTONOSUPPORT, "AF_UNIX has no protocols")
    match type:
        case SocketType.STREAM:
            return StreamSocket(status)
        case SocketType.DATAGRAM | SocketType.RAW:
            return DatagramSocket(status)
        case SocketType.SEQPACKET:
            return SeqpacketSocket(status)
        case _:
            raise Errno(ESOCKTNOSUPPORT, "no such type of socket")


def start() -> None:
    """Register the family."""
    register(Family.UNIX, make)
