"""The DHCP client of one interface: a state machine that lives on timers and answers. (RFC 2131 4.4)

    SELECTING: ask who has an address -> REQUESTING: ask one server for what it offered -> BOUND
    BOUND, half of the time over -> RENEWING: ask that server -> BOUND; at seven eighths -> REBINDING: ask all; at the end -> SELECTING
    BOUND, the cable was out -> REBOOTING: ask whether the address is good here -> BOUND

What is not answered is sent again, after one second and then after twice as long each time, up to a minute, give or take one: a bridge
that drops what comes first is normal. The first answer that makes sense is taken. No probe is sent before an address is used: the server
has done that.
"""

from enum import Enum, auto
from typing import Final

from net import udp
from net.addresses import ANY, BROADCAST, text_of, to_bytes
from net.dhcp import settings
from net.dhcp.lease import Lease, read_lease
from net.dhcp.message import CLIENT_PORT, SERVER_PORT, WANTED_OPTIONS, Message, MessageType, Option, make_request, option, parse
from net.ethernetlink import EthernetInterface
from net.ipv4.output import Discover, Path, PathKind, SendOptions, find_path, send
from net.ipv4.packet import Packet
from net.ports import Endpoint
from net.protocols import IpProtocol
from net.worker import Work
from objects.random import random_bytes
from objects.uts import MAX_NAME, uts
from scarlet.kernel import clock, log
from scarlet.kernel.clock import NEVER, NS_PER_SECOND
from scarlet.lang import Errno

FIRST_RETRY_NS: Final = NS_PER_SECOND
LAST_RETRY_NS: Final = 64 * NS_PER_SECOND
PATIENCE: Final = 5
"""Times that a server is asked for what it offered, before others are."""
REBOOT_PATIENCE: Final = 2
RENEW_RETRY_NS: Final = 60 * NS_PER_SECOND
"""The shortest time between two questions about a lease that still runs."""
REFUSED_NS: Final = 10 * NS_PER_SECOND
"""After a refusal, so that a server that is out of order is not asked all the time."""


class DhcpState(Enum):
    """RFC 2131, figure 5"""

    STOPPED = auto()
    SELECTING = auto()
    REQUESTING = auto()
    BOUND = auto()
    RENEWING = auto()
    REBINDING = auto()
    REBOOTING = auto()


class DhcpClient(Work):
    """The client. `lease` is what the interface is configured by, `offer` what a server has been asked for."""

    def __init__(self, interface: EthernetInterface) -> None:
        super().__init__()
        self.interface = interface
        self.state = DhcpState.STOPPED
        self.lease: Lease | None = None
        self.leased_ns = 0
        """When the lease was asked for: its times count from then."""
        self._offer: Lease | None = None
        self._xid = 0
        self._asked_ns = 0
        self._began_ns = 0
        self._retry_ns = 0
        self._questions = 0
        self._endpoint = DhcpEndpoint(self)

    def begin(self) -> None:
        """Look for an address. EADDRINUSE when somebody has the port."""
        if self.state is DhcpState.STOPPED:
            self._endpoint.interface = self.interface
            udp.bind(self._endpoint, ANY, CLIENT_PORT)
        self._select()

    def stop(self) -> None:
        """Leave the interface as it is, and forget about it."""
        self.cancel()
        if self.state is not DhcpState.STOPPED:
            udp.ports.unbind(self._endpoint)
        self.interface.expects_any = False
        self.state = DhcpState.STOPPED

    def link_changed(self) -> None:
        """Another network may be at the other end of the cable now."""
        if self.state is DhcpState.STOPPED or not self.interface.carrier:
            return
        if self.lease is not None and self.state is not DhcpState.REBOOTING:
            self._begin_questions(DhcpState.REBOOTING)
        elif self.lease is None:
            self._select()

    # Asking

    def _select(self) -> None:
        self._offer = None
        self.interface.expects_any = True
        self._began_ns = clock.monotonic_ns()
        self._begin_questions(DhcpState.SELECTING)

    def _begin_questions(self, state: DhcpState) -> None:
        """Change the state and ask for the first time."""
        self.state = state
        self._questions = 0
        self._retry_ns = FIRST_RETRY_NS
        if state is not DhcpState.REQUESTING:  # which is the same conversation as SELECTING
            self._xid = int.from_bytes(random_bytes(4), "big")
        self._ask()

    def _ask(self) -> None:
        """Send the question of this state, and set the timer for the next time."""
        self._asked_ns = clock.monotonic_ns()
        self._questions += 1
        try:
            self._send()
        except Errno as error:
            log.debug(f"{self.interface.name.decode()}: DHCP: {error}")
        self.start(self._next_time())

    def _next_time(self) -> int:
        lease = self.lease
        if lease is not None and (self.state is DhcpState.RENEWING or self.state is DhcpState.REBINDING):
            until = lease.rebinds_ns if self.state is DhcpState.RENEWING else lease.ends_ns
            left = self.leased_ns + until - self._asked_ns
            return self._asked_ns + (max(left // 2, RENEW_RETRY_NS) if left > RENEW_RETRY_NS else max(left, 0))
        wait = self._retry_ns
        self._retry_ns = min(LAST_RETRY_NS, self._retry_ns * (4 if self._retry_ns == FIRST_RETRY_NS else 2))
        if wait > FIRST_RETRY_NS:
            chance = random_bytes(2)
            wait += ((chance[0] << 8 | chance[1]) - 32768) * NS_PER_SECOND // 32768
        return self._asked_ns + wait

    def _send(self) -> None:
        options = option(Option.WANTED, WANTED_OPTIONS) + option(Option.MAX_SIZE, (1500).to_bytes(2, "big"))
        options += option(Option.HOST_NAME, uts.nodename[:MAX_NAME]) if len(uts.nodename) > 0 else b""
        lease = self.lease
        offer = self._offer
        if self.state is DhcpState.SELECTING:
            self._send_to_all(MessageType.DISCOVER, ANY, options)
        elif self.state is DhcpState.REQUESTING and offer is not None:
            wanted = option(Option.REQUESTED_ADDRESS, to_bytes(offer.address)) + option(Option.SERVER, to_bytes(offer.server))
            self._send_to_all(MessageType.REQUEST, ANY, wanted + options)
        elif lease is not None and self.state is DhcpState.REBOOTING:
            self._send_to_all(MessageType.REQUEST, ANY, option(Option.REQUESTED_ADDRESS, to_bytes(lease.address)) + options)
        elif lease is not None and self.state is DhcpState.REBINDING:
            self._send_to_all(MessageType.REQUEST, lease.address, options)
        elif lease is not None and self.state is DhcpState.RENEWING:
            self._send_on(find_path(lease.server, lease.address, self.interface), MessageType.REQUEST, lease.address, options, to_all=False)

    def _send_to_all(self, type: MessageType, client_address: int, options: bytes) -> None:
        path = Path(PathKind.BROADCAST, client_address, BROADCAST, BROADCAST, self.interface)
        self._send_on(path, type, client_address, options, to_all=client_address == ANY)

    def _send_on(self, path: Path, type: MessageType, client_address: int, options: bytes, *, to_all: bool) -> None:
        seconds = (self._asked_ns - self._began_ns) // NS_PER_SECOND
        message = make_request(type, self.interface.hardware, self._xid, seconds, client_address, to_all=to_all, options=options)
        datagram = udp.make_datagram(path.source, CLIENT_PORT, path.destination, SERVER_PORT, message)
        send(path, IpProtocol.UDP, datagram, SendOptions(discover=Discover.DONT))

    # Time

    def work(self) -> bool:
        """The timer."""
        now = clock.monotonic_ns()
        lease = self.lease
        if self.state is DhcpState.STOPPED:
            return False
        if lease is not None and lease.ends_ns != NEVER and now >= self.leased_ns + lease.ends_ns:
            log.warn(f"{self.interface.name.decode()}: the lease of {text_of(lease.address)} is over")
            self._deconfigure()
            self._select()
            return False
        match self.state:
            case DhcpState.BOUND:
                self._begin_questions(DhcpState.RENEWING)
            case DhcpState.RENEWING if lease is not None and now >= self.leased_ns + lease.rebinds_ns:
                self._begin_questions(DhcpState.REBINDING)
            case DhcpState.REQUESTING if self._questions >= PATIENCE:
                self._select()
            case DhcpState.REBOOTING if self._questions >= REBOOT_PATIENCE and lease is not None:
                self._keep(lease)
            case _:
                self._ask()
        return False

    def _keep(self, lease: Lease) -> None:
        """The lease runs; look again when it is to be renewed."""
        self.state = DhcpState.BOUND
        self.interface.expects_any = False
        if lease.ends_ns == NEVER:
            self.cancel()
        else:
            self.start(max(self.leased_ns + lease.renews_ns, clock.monotonic_ns()))

    # Answers

    def answered(self, data: bytes) -> None:
        """A datagram came to the client's port."""
        message = parse(data)
        if message is None or message.header.op != 2 or message.header.xid != self._xid:
            return
        if message.header.chaddr[:6] != self.interface.hardware:
            return
        match message.number(Option.MESSAGE_TYPE, 1):
            case MessageType.OFFER:
                self._offered(message)
            case MessageType.ACK:
                self._granted(message)
            case MessageType.NAK:
                self._refused(message)
            case _:
                pass

    def _offered(self, message: Message) -> None:
        offer = read_lease(message)
        if self.state is DhcpState.SELECTING and offer is not None:
            self._offer = offer
            self._begin_questions(DhcpState.REQUESTING)

    def _granted(self, message: Message) -> None:
        if self.state is DhcpState.SELECTING or self.state is DhcpState.BOUND or self.state is DhcpState.STOPPED:
            return
        granted = read_lease(message)
        if granted is None:
            return
        offer = self._offer
        if self.state is DhcpState.REQUESTING and (offer is None or granted.server != offer.server):
            return
        self._configure(granted)
        self.leased_ns = self._asked_ns
        self._keep(granted)

    def _refused(self, message: Message) -> None:
        """NAK: the address is not good, or not here."""
        if self.state is DhcpState.SELECTING or self.state is DhcpState.BOUND or self.state is DhcpState.STOPPED:
            return
        offer = self._offer
        if self.state is DhcpState.REQUESTING and (offer is None or message.number(Option.SERVER, 4) != offer.server):
            return
        self._deconfigure()
        self.state = DhcpState.SELECTING
        self._offer = None
        self._began_ns = clock.monotonic_ns()
        self._retry_ns = FIRST_RETRY_NS
        self._xid = int.from_bytes(random_bytes(4), "big")
        self.interface.expects_any = True
        self.start(clock.deadline_after(REFUSED_NS))

    # The interface

    def _configure(self, lease: Lease) -> None:
        """Let the interface be what the lease says."""
        before = self.lease
        if before is not None and (before.address != lease.address or before.prefix != lease.prefix):
            self._deconfigure()
        self.lease = lease
        ends_ns = NEVER if lease.ends_ns == NEVER else self._asked_ns + lease.ends_ns
        if not settings.apply(self.interface, lease, ends_ns):
            return
        if before is None:
            router = f", router {text_of(lease.routers[0])}" if len(lease.routers) > 0 else ""
            log.info(f"{self.interface.name.decode()}: {text_of(lease.address)}/{lease.prefix}{router}")

    def _deconfigure(self) -> None:
        """The address is not ours any more."""
        lease = self.lease
        self.lease = None
        if lease is not None:
            settings.withdraw(self.interface, lease)


class DhcpEndpoint(Endpoint):
    """The client's end. Client and endpoint refer to one another: both live as long as the interface."""

    def __init__(self, client: DhcpClient) -> None:
        super().__init__()
        self._client = client

    def deliver(self, packet: Packet, source_port: int, data: bytes) -> None:
        if source_port == SERVER_PORT:
            self._client.answered(data)
