"""The network from programs: DHCP, ping, names, datagrams in both directions, in QEMU's user mode network and in the hosted machine's."""

import socket
import threading
from collections.abc import Iterator

import pytest

from scarlet.machine.hosted.devices.usernet import UserNetwork
from tests.qemu.conftest import LIMIT_S, Run, added, runner

ADDRESS_HERE = "until grep -q nameserver /etc/resolv.conf; do usleep 10000; done"
"""A machine that has just started may still be asking for its address."""


class HostServer:
    """A UDP server on the host, which the machine reaches at the gateway."""

    def __init__(self, answer: "object") -> None:
        assert callable(answer)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                data, where = self.socket.recvfrom(65536)
                self.socket.sendto(self.answer(data), where)
            except OSError:
                return

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def names() -> Iterator[HostServer]:
    server = HostServer(UserNetwork()._resolve)
    yield server
    server.close()


@pytest.fixture
def echo() -> Iterator[HostServer]:
    server = HostServer(lambda data: data)
    yield server
    server.close()


@pytest.fixture
def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.hosted
def test_the_network_of_the_hosted_machine() -> None:
    script = f"""{ADDRESS_HERE}
        cat /etc/resolv.conf
        ping -c 2 10.0.2.2 | grep received
        ping -c 1 -w 5 10.0.2.99 | grep received
        nslookup -type=a name.test | tail -n 3
        ping -c 1 gateway.test | grep received
        datagrams ask 7 20 1000
        datagrams ask 7 5 8000
        datagrams ask 99 1 10 | tail -n 1
        ping -c 1 127.0.0.1 | grep received
        cut -f 1-3 /proc/net/route | sort
        cat /proc/sys/net/ipv4/ip_local_port_range"""
    done = runner("--hosted", "--net", "user")("sh", "-c", script, options=added("datagrams"))
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        "#PROTO: DHCP",
        "nameserver 10.0.2.3",
        "bootserver 10.0.2.2",
        "2 packets transmitted, 2 packets received, 0% packet loss",
        "1 packets transmitted, 0 packets received, 100% packet loss",
        "Name:\tname.test",
        "Address: 192.0.2.7",
        "",
        "1 packets transmitted, 1 packets received, 0% packet loss",
        "ready",
        "20 came back",
        "ready",
        "5 came back",
        "recvfrom: -111",
        "1 packets transmitted, 1 packets received, 0% packet loss",
        "Iface\tDestination\tGateway ",
        "eth0\t00000000\t0202000A",
        "eth0\t0002000A\t00000000",
        "32768\t60999",
    ]


@pytest.mark.qemu
def test_the_user_mode_network(run: Run, names: HostServer, echo: HostServer, free_port: int) -> None:
    asked = threading.Thread(target=_ask_until_answered, args=(free_port, answers := []))
    asked.start()
    script = f"""{ADDRESS_HERE}
        grep -c nameserver /etc/resolv.conf
        ping -c 2 10.0.2.2 | grep received
        nslookup -type=a name.test 10.0.2.2:{names.port} | tail -n 3
        datagrams ask {echo.port} 200 1472
        datagrams ask {echo.port} 5 8000
        for n in 1 2 3 4 5 6; do datagrams ask {echo.port} 100 3000 >/dev/null; grep -E '^(objects|frames_free) ' /proc/scarlet/memory; done
        datagrams serve 7777 1"""
    done = run("sh", "-c", script, options=[*added("datagrams"), "--forward", f"{free_port}:7777/udp"])
    asked.join(LIMIT_S)
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    memory = [line for line in lines if line.startswith(("objects", "frames_free"))]
    objects, free = ([int(line.split()[1]) for line in memory if line.startswith(name)] for name in ("objects", "frames_free"))
    assert (len(objects), len(free)) == (6, 6)
    # A packet of the host's may be on its way whenever one looks; what is left of each round would be there in all later ones.
    assert min(objects[3:]) <= objects[2] and max(free[3:]) >= free[2], f"something is left of a hundred datagrams: {memory}"
    assert [line for line in lines if line not in memory] == [
        "1",
        "2 packets transmitted, 2 packets received, 0% packet loss",
        "Name:\tname.test",
        "Address: 192.0.2.7",
        "",
        "ready",
        "200 came back",
        "ready",
        "5 came back",
        "ready",
    ]
    assert answers == [b"from the host"]


def _ask_until_answered(port: int, answers: list[bytes]) -> None:
    """Send a datagram to the machine again and again, until it is there and answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.settimeout(0.2)
        for _try in range(LIMIT_S * 5):
            try:
                mine.sendto(b"from the host", ("127.0.0.1", port))
                answers.append(mine.recv(100))
                return
            except OSError:
                continue


@pytest.mark.qemu
def test_a_machine_without_a_card(run: Run) -> None:
    done = run("sh", "-c", "ping -c 1 127.0.0.1 | grep received; ping -c 1 10.0.2.2; ls /proc/net/dev", options=["--net", "none"])
    assert done.stdout.decode().splitlines()[0] == "1 packets transmitted, 1 packets received, 0% packet loss"
    assert done.stderr == b"ping: sendto: Network is unreachable\n"
