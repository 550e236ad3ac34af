"""A lease: what a server offers, taken from its message as far as it makes sense. (RFC 2131 4.4.1, 4.4.5)"""

from typing import Final

from net.addresses import BROADCAST, is_host, is_loopback, mask_of, natural_prefix, prefix_of
from net.dhcp.message import Message, Option
from scarlet.kernel.clock import NEVER, NS_PER_SECOND

FOR_EVER: Final = 0xFFFFFFFF
SHORTEST_SECONDS: Final = 60
"""Whoever leases for less would have us ask all the time."""
MAX_SERVERS: Final = 3
"""Name servers that programs ask. (resolv.conf(5))"""
MIN_USABLE_MTU: Final = 576


class Lease:
    """Times are in nanoseconds from when it was asked for; NEVER for one without an end."""

    def __init__(self, address: int, server: int, message: Message) -> None:
        self.address = address
        self.server = server
        prefix = prefix_of(max(message.number(Option.SUBNET_MASK, 4), 0))
        self.prefix = prefix if prefix > 0 else natural_prefix(address)
        everybody = address | BROADCAST & ~mask_of(self.prefix)
        told = message.number(Option.BROADCAST, 4)
        self.broadcast = told if told > 0 and not is_host(told) or told == everybody else everybody if self.prefix < 31 else 0
        self.routers = [router for router in message.addresses(Option.ROUTER) if is_host(router) and router != address]
        self.name_servers = [name_server for name_server in message.addresses(Option.DNS) if is_host(name_server)][:MAX_SERVERS]
        self.domain = _clean_name(message.options.get(Option.DOMAIN_NAME, b""))
        self.host_name = _clean_name(message.options.get(Option.HOST_NAME, b""))
        mtu = message.number(Option.MTU, 2)
        self.mtu = mtu if mtu >= MIN_USABLE_MTU else 0
        """0: the server does not say."""
        seconds = message.number(Option.LEASE_TIME, 4)
        self.ends_ns = NEVER if seconds == FOR_EVER else max(seconds, SHORTEST_SECONDS) * NS_PER_SECOND
        self.rebinds_ns = _time(message.number(Option.REBINDING_TIME, 4), self.ends_ns, 7, 8)
        self.renews_ns = _time(message.number(Option.RENEWAL_TIME, 4), self.ends_ns, 1, 2)
        if self.renews_ns > self.rebinds_ns:
            self.renews_ns = self.rebinds_ns // 8 * 4


def read_lease(message: Message) -> Lease | None:
    """What a message offers; None when no host could have the address, the server is not named, or there is no time."""
    address = int(message.header.your_address)
    server = message.number(Option.SERVER, 4)
    seconds = message.number(Option.LEASE_TIME, 4)
    if not is_host(address) or is_loopback(address) or server <= 0 or not is_host(server) or seconds < 0:
        return None
    return Lease(address, server, message)


def _time(told_seconds: int, ends_ns: int, part: int, of: int) -> int:
    """A time that the server says, if it is before the end; else the usual part of the lease."""
    if ends_ns == NEVER:
        return NEVER
    if 0 < told_seconds * NS_PER_SECOND < ends_ns:
        return told_seconds * NS_PER_SECOND
    return ends_ns // of * part


def _clean_name(name: bytes) -> bytes:
    """A name of letters, digits, dots and dashes; empty for any other: it is going to stand in files."""
    name = name.rstrip(b"\0")
    for byte in name:
        if not (48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte in b".-_"):
            return b""
    return name[:255]
