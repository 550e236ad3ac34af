"""Makes the sockets of AF_INET: what types and protocols there are. (ip(7))"""

from net.inet.pingsocket import PingSocket
from net.inet.rawsocket import RawSocket
from net.inet.udpsocket import UdpSocket
from net.protocols import IpProtocol
from objects.credentials import CAP_NET_RAW
from objects.object import Status
from objects.socket import Socket, SocketType
from objects.socketaddress import Family
from objects.socketfamilies import register
from objects.task import current_task
from scarlet.lang.errno import EINVAL, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, Errno


def make(type: int, protocol: int, status: Status) -> Socket:
    """A new socket. ESOCKTNOSUPPORT, EPROTONOSUPPORT; EPERM for a raw socket without CAP_NET_RAW. There is no TCP yet."""
    if not 0 <= protocol <= 255:
        raise Errno(EINVAL, "no protocol has that number")
    match type:
        case SocketType.DATAGRAM:
            if protocol == IpProtocol.IP or protocol == IpProtocol.UDP:
                return UdpSocket(status)
            if protocol == IpProtocol.ICMP:
                return PingSocket(status)
            raise Errno(EPROTONOSUPPORT, "no such protocol of datagrams")
        case SocketType.RAW:
            if protocol == IpProtocol.IP:
                raise Errno(EPROTONOSUPPORT, "a raw socket is for one protocol")
            if not current_task().credentials.capable(CAP_NET_RAW):
                raise Errno(EPERM, "raw sockets need CAP_NET_RAW")
            return RawSocket(protocol, status)
        case SocketType.STREAM:
            raise Errno(EPROTONOSUPPORT, "there is no TCP yet")
        case _:
            raise Errno(ESOCKTNOSUPPORT, "no such type of socket")


def start() -> None:
    """Let programs make them."""
    register(Family.INET, make)
