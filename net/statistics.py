"""What the protocols count, by the names of /proc/net/snmp. (RFC 1213; proc(5))"""

from typing import Final


class IpStatistics:
    """The line `Ip:`."""

    def __init__(self) -> None:
        self.in_receives = 0
        self.in_hdr_errors = 0
        self.in_addr_errors = 0
        self.in_unknown_protos = 0
        self.in_discards = 0
        self.in_delivers = 0
        self.out_requests = 0
        self.out_discards = 0
        self.out_no_routes = 0
        self.reasm_timeout = 0
        self.reasm_reqds = 0
        self.reasm_oks = 0
        self.reasm_fails = 0
        self.frag_oks = 0
        self.frag_fails = 0
        self.frag_creates = 0


class IcmpStatistics:
    """The line `Icmp:`."""

    def __init__(self) -> None:
        self.in_msgs = 0
        self.in_errors = 0
        self.in_csum_errors = 0
        self.out_msgs = 0
        self.out_errors = 0
        self.in_types: dict[int, int] = {}
        """How many of each type came, and went."""
        self.out_types: dict[int, int] = {}


class UdpStatistics:
    """The line `Udp:`."""

    def __init__(self) -> None:
        self.in_datagrams = 0
        self.no_ports = 0
        self.in_errors = 0
        self.out_datagrams = 0
        self.rcvbuf_errors = 0
        self.sndbuf_errors = 0
        self.in_csum_errors = 0
        self.ignored_multi = 0


ip: Final = IpStatistics()
icmp: Final = IcmpStatistics()
udp: Final = UdpStatistics()


def count_type(types: dict[int, int], type: int) -> None:
    """One more of this type."""
    types[type] = types.get(type, 0) + 1
