"""Lines that carry bytes: what a terminal needs of the device below it, and what that device tells whoever is above.

Neither side waits for the other: a device takes as many bytes as it has room for and says later that there is room again; a client
takes as many as room() promised and calls resume_input() when there is room again.
"""

import weakref


class LineClient:
    """Who is above a device: a terminal, or the plain streams of host.py. These methods run in interrupts and must not block."""

    def room(self) -> int:
        """Bytes that received() will take now. After an answer of 0, TerminalDevice.resume_input() follows."""
        raise NotImplementedError("LineClient.room")

    def received(self, data: bytes) -> None:
        """Bytes came in, at most as many as room() promised."""
        raise NotImplementedError("LineClient.received")

    def output_ready(self) -> None:
        """The device can take bytes again, or has sent the last."""

    def line_break(self) -> None:
        """The line was held in break."""

    def hang_up(self) -> None:
        """The line is gone."""


class TerminalDevice:
    """The base of serial lines, consoles and pseudo-terminal masters."""

    def __init__(self) -> None:
        self._client: weakref.ref[LineClient] | None = None

    def attach(self, client: LineClient) -> None:
        """This one gets what comes in from now on."""
        self._client = weakref.ref(client)

    def client(self) -> LineClient | None:
        """Who is attached."""
        return self._client() if self._client is not None else None

    def write(self, data: bytes) -> int:
        """Take bytes to send, as many as there is room for: how many. When that was not all, output_ready() follows."""
        raise NotImplementedError("TerminalDevice.write")

    def unsent(self) -> int:
        """Bytes taken and not yet sent; when none is left output_ready() follows."""
        return 0

    def flush(self) -> None:
        """Come back when everything that was taken is sent, without sleeping: for the machine's last words."""

    def discard(self) -> None:
        """Forget what was taken and not yet sent."""

    def resume_input(self) -> None:
        """The client, which had no room for what came in, has some."""

    def send_break(self, duration_ns: int) -> None:
        """A break on the line; nothing where there is none. (tcsendbreak(3))"""
