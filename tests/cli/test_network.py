"""--net and --forward: what the user asked for, as QEMU's words, and what cannot be."""

import socket

import pytest

from scarlet.cli.errors import UserError
from scarlet.cli.hardware import Hardware
from scarlet.cli.network import Forward, Network, chosen, parse_forward


def test_the_usual_network() -> None:
    assert chosen(None, [], hosted=False) == Network()
    assert chosen(None, [], hosted=True) is None
    assert chosen("user", [], hosted=True) == Network()
    assert chosen("none", [], hosted=False) is None


def test_forwards_are_qemu_s() -> None:
    network = chosen("user", ["8080:80/udp", "5353:53/udp"], hosted=False)
    assert network == Network((Forward("udp", 8080, 80), Forward("udp", 5353, 53)))
    assert network is not None
    assert network.arguments() == ["-netdev", "user,id=net0,hostfwd=udp:127.0.0.1:8080-:80,hostfwd=udp:127.0.0.1:5353-:53"]
    words = Hardware(network=network).arguments()
    assert any(word.startswith("virtio-net-device,netdev=net0,bus=virtio-mmio-bus.") for word in words)
    assert "-netdev" not in Hardware().arguments()


@pytest.mark.parametrize("text", ["", "80", "80:", ":80", "a:b", "0:80", "80:65536/udp", "80:80/sctp", "1:2:3/udp"])
def test_what_is_no_forward(text: str) -> None:
    with pytest.raises(UserError, match="--forward"):
        parse_forward(text)


@pytest.mark.parametrize("text", ["80:80", "80:80/tcp"])
def test_a_port_of_tcp_would_lead_nowhere(text: str) -> None:
    with pytest.raises(UserError, match="has no TCP .* write 80:80/udp$"):
        parse_forward(text)


def test_what_does_not_go_together() -> None:
    one, twice = ["1:2/udp"], ["5001:1/udp", "5001:2/udp"]
    for choice, forwards, hosted in (("wifi", [], False), ("none", one, False), ("user", one, True), ("user", twice, False)):
        with pytest.raises(UserError):
            chosen(choice, forwards, hosted=hosted)


def test_a_port_of_the_host_that_somebody_has() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"--forward {port}:53/udp: address already in use"):
            chosen(None, [f"{port}:53/udp"], hosted=False)
    assert chosen(None, [f"{port}:53/udp"], hosted=False) is not None
