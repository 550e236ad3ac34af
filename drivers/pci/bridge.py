"""The host bridge: looks through its bus, gives every function's registers a place in one of its windows, and knows where the four
interrupt pins of a slot end.

Only the bridge's own bus is looked at: what is behind another bridge (a PCI Express root port) is not found, and the log says so.

Source: PCI Bus Binding to IEEE 1275, 4.1 (ranges, interrupt-map); Devicetree binding "host-generic-pci".
"""

from typing import Final

from drivers.pci.config import INTERRUPT_PIN, NORMAL, Bar, Function
from scarlet.kernel import log
from scarlet.machine.bootinfo import PciHost, PciWindow

DEVICES: Final = 32
FUNCTIONS: Final = 8
FUNCTION_SPACE: Final = 4096
REACHABLE: Final = 64 << 30
"""Registers above cannot be reached: the direct map ends there."""


class Region:
    """What of a window is still free."""

    def __init__(self, window: PciWindow) -> None:
        self.window = window
        self._next = window.bus_address

    def take(self, size: int) -> int:
        """The address on the bus of a free range, aligned to its size; -1 when there is none."""
        start = (self._next + size - 1) // size * size
        if start + size > self.window.bus_address + self.window.size:
            return -1
        self._next = start + size
        return start

    def to_processor(self, bus_address: int) -> int:
        return bus_address - self.window.bus_address + self.window.address


class HostBridge:
    """The bridge that `host` describes."""

    def __init__(self, host: PciHost) -> None:
        self._host = host
        self._regions = [Region(window) for window in host.windows if window.address + window.size <= REACHABLE]

    def functions(self) -> list[Function]:
        """What is on the bus, ready for use; a function whose registers find no place is left out, with a line in the log."""
        found: list[Function] = []
        for device in range(min(DEVICES, self._host.size // (FUNCTION_SPACE * FUNCTIONS))):
            first = self._function(device, 0)
            if not first.exists:
                continue
            numbers = FUNCTIONS if first.has_siblings else 1
            for number in range(numbers):
                function = self._function(device, number)
                if function.exists and self._prepare(function):
                    found.append(function)
        return found

    def _function(self, device: int, number: int) -> Function:
        return Function(self._host.base + (device * FUNCTIONS + number) * FUNCTION_SPACE, device, number)

    def _prepare(self, function: Function) -> bool:
        if function.header_type != NORMAL:
            log.warn(f"pci {function.name}: a bridge; what is behind it is not looked for")
            return False
        for bar in sorted(function.find_bars(), key=lambda bar: -bar.size):
            if not self._place(function, bar):
                log.error(f"pci {function.name}: no room for {bar.size} bytes of registers")
                return False
        function.enable()
        return True

    def _place(self, function: Function, bar: Bar) -> bool:
        """In a window of 32-bit addresses if possible: there every register can be."""
        for wide in [False, True]:
            for region in self._regions:
                if region.window.wide == wide and (bar.wide or not wide) and (bar.prefetchable or not region.window.prefetchable):
                    start = region.take(bar.size)
                    if start >= 0:
                        function.place(bar, start, region.to_processor(start))
                        return True
        return False

    def line(self, function: Function) -> int:
        """The interrupt line of a function, 0 when it has none."""
        pin = function.read8(INTERRUPT_PIN)
        for route in self._host.routes:
            if route.device == function.device & self._host.device_mask and route.pin == pin:
                return route.line
        return 0
