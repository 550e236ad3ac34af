"""What the machine has, the hosted twin: from the options of the Machine."""

from scarlet.machine.bootinfo import BootInfo, MemoryRange, PciHost, PciRoute, PciWindow, VirtioSlot
from scarlet.machine.hosted import layout, world


def boot_info() -> BootInfo:
    """The machine's description; the initrd lies at the end of memory, in `reserved` too."""
    here = world.current
    info = BootInfo()
    info.memory = [MemoryRange(layout.RAM_BASE, here.memory)]
    if here.initrd:
        start = (layout.RAM_BASE + here.memory - len(here.initrd)) & ~4095
        here.ram[start - layout.RAM_BASE : start - layout.RAM_BASE + len(here.initrd)] = here.initrd
        info.initrd = MemoryRange(start, len(here.initrd))
        info.reserved = [MemoryRange(start, (len(here.initrd) + 4095) & ~4095)]
    info.command_line = here.command_line
    info.hart_count = 1
    info.uart_base = layout.UART_BASE
    info.uart_irq = layout.UART_IRQ
    info.plic_base = layout.PLIC_BASE
    info.rtc_base = layout.RTC_BASE
    info.finisher_base = layout.FINISHER_BASE
    for slot in range(len(here.virtio)):
        base = layout.VIRTIO_BASE + slot * layout.VIRTIO_STRIDE
        info.virtio.append(VirtioSlot(base, layout.VIRTIO_STRIDE, layout.VIRTIO_IRQ + slot))
    if here.pci:
        info.pci = _pci()
    info.rng_seed = here.random.randbytes(32)
    return info


def _pci() -> PciHost:
    host = PciHost(layout.PCI_ECAM_BASE, layout.PCI_ECAM_SIZE)
    host.windows.append(PciWindow(layout.PCI_WINDOW_BASE, layout.PCI_WINDOW_BASE, layout.PCI_WINDOW_SIZE, wide=False, prefetchable=False))
    host.device_mask = layout.PCI_LINES - 1
    for slot in range(layout.PCI_LINES):
        for pin in range(1, 5):
            host.routes.append(PciRoute(slot, pin, layout.PCI_IRQ + (slot + pin - 1) % layout.PCI_LINES))
    return host
