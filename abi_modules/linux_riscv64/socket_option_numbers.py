"""The numbers of socket options and their levels: those there are, and those that programs ask for. (socket(7), asm-generic/socket.h)"""

from enum import IntEnum


class OptionLevel(IntEnum):
    """getsockopt(2)"""

    SOL_IP = 0
    SOL_SOCKET = 1
    SOL_TCP = 6
    SOL_UDP = 17
    SOL_IPV6 = 41
    SOL_RAW = 255
    SOL_PACKET = 263
    SOL_NETLINK = 270


class SocketOption(IntEnum):
    """asm-generic/socket.h"""

    SO_DEBUG = 1
    SO_REUSEADDR = 2
    SO_TYPE = 3
    SO_ERROR = 4
    SO_DONTROUTE = 5
    SO_BROADCAST = 6
    SO_SNDBUF = 7
    SO_RCVBUF = 8
    SO_KEEPALIVE = 9
    SO_OOBINLINE = 10
    SO_NO_CHECK = 11
    SO_PRIORITY = 12
    SO_LINGER = 13
    SO_BSDCOMPAT = 14
    SO_REUSEPORT = 15
    SO_PASSCRED = 16
    SO_PEERCRED = 17
    SO_RCVLOWAT = 18
    SO_SNDLOWAT = 19
    SO_RCVTIMEO_OLD = 20
    SO_SNDTIMEO_OLD = 21
    SO_BINDTODEVICE = 25
    SO_ATTACH_FILTER = 26
    SO_DETACH_FILTER = 27
    SO_PEERNAME = 28
    SO_TIMESTAMP_OLD = 29
    SO_ACCEPTCONN = 30
    SO_PEERSEC = 31
    SO_SNDBUFFORCE = 32
    SO_RCVBUFFORCE = 33
    SO_PASSSEC = 34
    SO_TIMESTAMPNS_OLD = 35
    SO_MARK = 36
    SO_TIMESTAMPING_OLD = 37
    SO_PROTOCOL = 38
    SO_DOMAIN = 39
    SO_RXQ_OVFL = 40
    SO_PEEK_OFF = 42
    SO_LOCK_FILTER = 44
    SO_BUSY_POLL = 46
    SO_INCOMING_CPU = 49
    SO_COOKIE = 57
    SO_PEERGROUPS = 59
    SO_ZEROCOPY = 60
    SO_TIMESTAMP_NEW = 63
    SO_TIMESTAMPNS_NEW = 64
    SO_RCVTIMEO_NEW = 66
    SO_SNDTIMEO_NEW = 67
