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
        self.rng_seed = b""
        self.extensions = b""
        self.model = b""
