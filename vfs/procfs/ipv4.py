"""/proc/sys/net/ipv4: what holds for the Internet protocols. Nothing of it can be changed. (ip(7), udp(7), icmp(7))"""

from typing import Final

from net.inet.options import MAX_MEMBERSHIPS
from net.ipv4.output import DEFAULT_TTL
from net.ipv4.reassembly import MAX_BYTES, TIMEOUT_NS
from net.ports import FIRST_EPHEMERAL, LAST_EPHEMERAL, PRIVILEGED
from scarlet.kernel.clock import NS_PER_SECOND
from vfs.procfs.tree import add_file

_VALUES: Final[list[tuple[bytes, str]]] = [
    (b"icmp_echo_ignore_all", "0"),
    (b"icmp_echo_ignore_broadcasts", "1"),
    (b"igmp_max_memberships", f"{MAX_MEMBERSHIPS}"),
    (b"ip_default_ttl", f"{DEFAULT_TTL}"),
    (b"ip_forward", "0"),
    (b"ip_local_port_range", f"{FIRST_EPHEMERAL}\t{LAST_EPHEMERAL}"),
    (b"ip_no_pmtu_disc", "0"),
    (b"ip_nonlocal_bind", "0"),
    (b"ip_unprivileged_port_start", f"{PRIVILEGED}"),
    (b"ipfrag_high_thresh", f"{MAX_BYTES}"),
    (b"ipfrag_time", f"{TIMEOUT_NS // NS_PER_SECOND}"),
    (b"ping_group_range", "0\t2147483647"),
]


def announce() -> None:
    """Put the files into /proc."""
    for name, value in _VALUES:
        _add(name, value)


def _add(name: bytes, value: str) -> None:
    add_file(b"sys/net/ipv4/" + name, lambda: f"{value}\n".encode())
