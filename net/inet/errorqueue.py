"""The error queue of a socket with IP_RECVERR: all that is known of what did not arrive, until a program asks for it with MSG_ERRQUEUE.
(ip(7))
"""

from collections import deque
from typing import Final

from net.addresses import ANY
from net.protocols import DeliveryError
from objects.socketaddress import InetAddress
from objects.socketmessage import Ancillary, ErrorOrigin, ExtendedError, MessageFlags, Received
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EAGAIN, EMSGSIZE, Errno

MAX_REPORTS: Final = 64
"""Errors that wait to be asked for; more are forgotten."""


class ErrorReport:
    """The data that did not arrive, as far as it is known, where it was to go, and why it did not."""

    def __init__(self, target: InetAddress, data: bytes, error: ExtendedError) -> None:
        self.target = target
        self.data = data
        self.error = error


def report_of(target: InetAddress, data: bytes, error: DeliveryError) -> ErrorReport:
    """What the network said."""
    told = ExtendedError(error.code, ErrorOrigin.ICMP, error.type, error.code_number, error.info, error.offender)
    return ErrorReport(target, data, told)


def too_large_report(target: InetAddress, data: bytes, mtu: int) -> ErrorReport:
    """It was not even sent: EMSGSIZE, and what would fit."""
    return ErrorReport(target, data, ExtendedError(EMSGSIZE, ErrorOrigin.LOCAL, 0, 0, mtu, ANY))


class ErrorQueue:
    """The reports, oldest first."""

    def __init__(self) -> None:
        self._reports: deque[ErrorReport] = deque()

    def put(self, report: ErrorReport) -> bool:
        """One more; False when there are too many."""
        if len(self._reports) >= MAX_REPORTS:
            return False
        self._reports.append(report)
        return True

    def first_code(self) -> int:
        """The error that comes next, 0 when there is none."""
        return self._reports[0].error.code if len(self._reports) > 0 else 0

    def clear(self) -> None:
        """Nobody is going to ask for them."""
        self._reports.clear()

    def receive(self, buffer: Buffer) -> Received:
        """The oldest report, as recvmsg(2) gives it: the data, the address it was sent to, and the error beside it. EAGAIN."""
        if len(self._reports) == 0:
            raise Errno(EAGAIN, "no errors are queued")
        report = self._reports.popleft()
        count = min(len(report.data), buffer.length)
        buffer.write(0, report.data[:count])
        received = Received(count)
        received.flags |= MessageFlags.ERRQUEUE
        if count < len(report.data):
            received.flags |= MessageFlags.TRUNC
        received.address = report.target
        received.ancillary = Ancillary()
        received.ancillary.extended_error = report.error
        return received
