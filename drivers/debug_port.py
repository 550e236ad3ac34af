"""The machine's debug channel as a line that only sends: where standard error goes when there is no terminal."""

from objects.terminal_device import TerminalDevice
from scarlet.machine import debug


class DebugPort(TerminalDevice):
    """Takes everything at once."""

    def write(self, data: bytes) -> int:
        debug.write(data)
        return len(data)
