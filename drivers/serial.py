"""A serial port as the line below a terminal (objects/terminal_device.py): what the UART receives goes to the client, what the
client writes to the UART.

The port holds its receiver, the client holds its line, the line holds the port; the receiver knows the line weakly.
"""

import weakref

from drivers.uart import Line, SerialReceiver, Uart
from objects.terminal_device import TerminalDevice


class SerialLine(TerminalDevice):
    """The line of one port."""

    def __init__(self, uart: Uart) -> None:
        super().__init__()
        self._uart = uart
        uart.set_receiver(LineReceiver(self))

    def write(self, data: bytes) -> int:
        return self._uart.write(data)

    def unsent(self) -> int:
        return self._uart.unsent()

    def flush(self) -> None:
        self._uart.flush()

    def discard(self) -> None:
        self._uart.discard()

    def resume_input(self) -> None:
        self._uart.resume()


class LineReceiver(SerialReceiver):
    """Passes on what the port receives to whoever is attached to the line."""

    def __init__(self, line: SerialLine) -> None:
        self._line = weakref.ref(line)

    def room(self) -> int:
        line = self._line()
        client = line.client() if line is not None else None
        return client.room() if client is not None else 0

    def receive(self, data: bytes) -> None:
        line = self._line()
        client = line.client() if line is not None else None
        if client is not None:
            client.received(data)

    def line_error(self, errors: Line) -> None:
        line = self._line()
        client = line.client() if line is not None else None
        if client is not None and errors & Line.BREAK:
            client.line_break()

    def transmit_ready(self) -> None:
        line = self._line()
        client = line.client() if line is not None else None
        if client is not None:
            client.output_ready()
