"""The network that a machine's card is plugged into: QEMU's user mode network, in which the machine is 10.0.2.15, the host 10.0.2.2 and
the name server 10.0.2.3. On the hosted machine a network of that shape exists inside the process alone: its gateway answers, nothing
leaves it.
"""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scarlet.cli.errors import Status, UserError

if TYPE_CHECKING:
    from scarlet.machine.hosted.devices.virtio import Model

CHOICES = ("user", "none")
PROTOCOLS = ("udp",)
"""What the kernel speaks: a forwarded TCP port would lead nowhere."""
LAST_PORT = 65535


@dataclass(frozen=True)
class Forward:
    """What comes to a port of the host's own address goes to one of the machine."""

    protocol: str
    host_port: int
    guest_port: int

    def __str__(self) -> str:
        return f"{self.protocol}:127.0.0.1:{self.host_port}-:{self.guest_port}"


@dataclass(frozen=True)
class Network:
    """A card in the user mode network."""

    forwards: tuple[Forward, ...] = ()

    def arguments(self) -> list[str]:
        """QEMU's, beside the device."""
        return ["-netdev", ",".join(["user,id=net0", *(f"hostfwd={forward}" for forward in self.forwards)])]

    @property
    def device(self) -> str:
        return "virtio-net-device,netdev=net0"

    def model(self) -> "Model":
        """The card of the hosted machine."""
        from scarlet.machine.hosted.devices.card import Card
        from scarlet.machine.hosted.devices.usernet import UserNetwork

        return Card(UserNetwork())


def parse_forward(text: str) -> Forward:
    """HOST:GUEST/udp."""
    ports, _slash, protocol = text.partition("/")
    host, _colon, guest = ports.partition(":")
    if not (host.isdecimal() and guest.isdecimal() and 0 < int(host) <= LAST_PORT and 0 < int(guest) <= LAST_PORT):
        raise UserError(f"--forward {text}: write HOST:GUEST/udp, two ports", Status.USAGE)
    if protocol not in PROTOCOLS:
        raise UserError(f"--forward {text}: the machine has no TCP and no other protocol with ports; write {ports}/udp", Status.USAGE)
    return Forward(protocol, int(host), int(guest))


def _require_free(rule: Forward) -> None:
    """UserError, in clearer words than QEMU's, when somebody else has the host's port."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", rule.host_port))
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise UserError(f"--forward {rule.host_port}:{rule.guest_port}/{rule.protocol}: {reason}") from None


def chosen(choice: str | None, forwards: list[str], *, hosted: bool) -> Network | None:
    """The network the user asked for. Without a word: the user mode network under QEMU, and none on the hosted machine."""
    if choice is not None and choice not in CHOICES:
        raise UserError(f"--net {choice}: one of {', '.join(CHOICES)}", Status.USAGE)
    if forwards and choice == "none":
        raise UserError("--forward needs a network", Status.USAGE)
    if forwards and hosted:
        raise UserError("--forward needs QEMU: nothing leaves the network of the hosted machine", Status.USAGE)
    if choice == "none" or choice is None and hosted:
        return None
    rules = tuple(parse_forward(text) for text in forwards)
    ports = {(rule.protocol, rule.host_port) for rule in rules}
    if len(ports) < len(rules):
        raise UserError("--forward: a port of the host leads to one place only", Status.USAGE)
    for rule in rules:
        _require_free(rule)
    return Network(rules)
