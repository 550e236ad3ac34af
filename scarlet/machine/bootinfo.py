"""What the firmware tells about the machine; on the bare machine from the device tree, in the hosted world from the
options of the Machine."""


class MemoryRange:
    """A range of physical memory: `size` bytes from `base`."""

    def __init__(self, base: int, size: int) -> None:
        self.base = base
        self.size = size

    @property
    def end(self) -> int:
        return self.base + self.size


class VirtioSlot:
    """One virtio-mmio transport: where its registers are, and its interrupt at the PLIC. The slot may be empty."""

    def __init__(self, base: int, size: int, irq: int) -> None:
        self.base = base
        self.size = size
        self.irq = irq


class PciWindow:
    """Addresses of the bus that the processor reaches: `bus_address` there is `address` here."""

    def __init__(self, bus_address: int, address: int, size: int, *, wide: bool, prefetchable: bool) -> None:
        self.bus_address = bus_address
        self.address = address
        self.size = size
        self.wide = wide
        """Its addresses need 64 bits."""
        self.prefetchable = prefetchable


class PciRoute:
    """An interrupt pin (1 to 4) of a device on the bus, and the line at the PLIC where it ends."""

    def __init__(self, device: int, pin: int, line: int) -> None:
        self.device = device
        self.pin = pin
        self.line = line


class PciHost:
    """A PCI host bridge whose configuration space lies in memory: `size` bytes from `base`."""

    def __init__(self, base: int, size: int) -> None:
        self.base = base
        self.size = size
        self.windows: list[PciWindow] = []
        self.routes: list[PciRoute] = []
        self.device_mask = 0
        """The bits of a device's number that routes look at."""


class BootInfo:
    """Bases are physical addresses, 0 when the machine has no such device. `reserved` lies within `memory` and is not to be used."""

    def __init__(self) -> None:
        self.memory: list[MemoryRange] = []
        self.reserved: list[MemoryRange] = []
        self.initrd: MemoryRange | None = None
        self.command_line = b""
        self.hart_count = 1
        self.boot_hart = 0
        self.boot_hart_controller = 0
        """The phandle of the boot hart's own interrupt controller."""
        self.timebase_frequency = 10_000_000
        self.uart_base = 0
        self.uart_irq = 0
        self.uart_clock = 0
        self.plic_base = 0
        self.plic_context = 1
        self.rtc_base = 0
        self.rtc_irq = 0
        self.finisher_base = 0
        self.virtio: list[VirtioSlot] = []
        self.pci: PciHost | None = None
        self.rng_seed = b""
        self.extensions = b""
        self.model = b""
