"""What the leases say of names: the text of /proc/net/pnp, which is a resolv.conf(5). (Linux: Documentation/admin-guide/nfs/nfsroot.rst)"""

from net.addresses import text_of
from net.dhcp.client import DhcpClient

_clients: list[DhcpClient] = []


def add(client: DhcpClient) -> None:
    """One more client whose lease counts."""
    _clients.append(client)


def clients() -> list[DhcpClient]:
    """All of them."""
    return _clients


def resolver_text() -> bytes:
    """The name servers of all leases, and the domain of the first that has one."""
    lines = "#PROTO: DHCP\n" if len(_clients) > 0 else "#MANUAL\n"
    domain = b""
    for client in _clients:
        lease = client.lease
        if lease is None:
            continue
        if len(domain) == 0 and len(lease.domain) > 0:
            domain = lease.domain
            lines += f"domain {domain.decode()}\n"
        for server in lease.name_servers:
            lines += f"nameserver {text_of(server)}\n"
        lines += f"bootserver {text_of(lease.server)}\n"
    return lines.encode()
