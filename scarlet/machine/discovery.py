"""From the device tree to BootInfo: which node is which device.

Source: Devicetree Specification v0.4, chapter 3 (memory, reserved-memory, chosen, cpus); the bindings of ns16550a,
sifive,plic-1.0.0, google,goldfish-rtc, sifive,test0, virtio,mmio and host-generic-pci. The first device of a kind is taken.
"""

from typing import Final

from scarlet.machine.bootinfo import BootInfo, MemoryRange, PciHost, PciRoute, PciWindow, VirtioSlot
from scarlet.machine.devicetree import DeviceTree, Node, combine

PCI_ADDRESS_CELLS: Final = 3
PCI_SIZE_CELLS: Final = 2
PCI_ROUTE_CELLS: Final = 6
"""Of an entry of interrupt-map, with a controller whose interrupts have no address and one cell."""
PCI_SPACE: Final = 0x03000000
PCI_MEMORY_32: Final = 0x02000000
PCI_MEMORY_64: Final = 0x03000000
PCI_PREFETCHABLE: Final = 0x40000000
PCI_DEVICE_SHIFT: Final = 11
PCI_DEVICES: Final = 31
SUPERVISOR_EXTERNAL: Final = 9
"""The number of the supervisor external interrupt at a hart's own controller."""


def describe(tree: DeviceTree, boot_hart: int) -> BootInfo:
    """What the tree says about the machine."""
    info = BootInfo()
    info.boot_hart = boot_hart
    info.model = tree.root.text(b"model")
    for base, size in tree.reserved:
        info.reserved.append(MemoryRange(base, size))
    for node in tree.root.children:
        if node.text(b"device_type") == b"memory" and node.enabled():
            info.memory.extend(_ranges(node, tree.root))
        elif node.name == b"reserved-memory":
            for area in node.children:
                info.reserved.extend(_ranges(area, node))
        elif node.name == b"chosen":
            _chosen(info, node)
        elif node.name == b"cpus":
            _cpus(info, node)
    _devices(info, tree.root, tree.root)
    return info


def _ranges(node: Node, parent: Node) -> list[MemoryRange]:
    return [MemoryRange(base, size) for base, size in node.registers(parent) if size > 0]


def _chosen(info: BootInfo, node: Node) -> None:
    info.command_line = node.text(b"bootargs")
    start = node.number(b"linux,initrd-start", 0)
    end = node.number(b"linux,initrd-end", 0)
    if end > start:
        info.initrd = MemoryRange(start, end - start)
        info.reserved.append(MemoryRange(start, end - start))
    info.rng_seed = node.properties.get(b"rng-seed", b"")


def _cpus(info: BootInfo, cpus: Node) -> None:
    info.timebase_frequency = cpus.number(b"timebase-frequency", info.timebase_frequency)
    count = 0
    for node in cpus.children:
        if node.text(b"device_type") != b"cpu" or not node.enabled():
            continue
        count += 1
        if node.number(b"reg", -1) == info.boot_hart:
            info.extensions = node.text(b"riscv,isa")
            controller = node.child(b"interrupt-controller")
            if controller is not None:
                info.boot_hart_controller = controller.number(b"phandle", 0)
    info.hart_count = max(1, count)


def _devices(info: BootInfo, node: Node, parent: Node) -> None:
    """Look at a node and everything below it."""
    if node.enabled():
        _device(info, node, parent)
        for child in node.children:
            _devices(info, child, node)


def _device(info: BootInfo, node: Node, parent: Node) -> None:
    registers = node.registers(parent) if b"compatible" in node.properties else []
    if not registers:
        return
    base, size = registers[0]
    interrupts = node.cells(b"interrupts")
    irq = interrupts[0] if interrupts else 0
    if node.compatible(b"ns16550a") and info.uart_base == 0:
        info.uart_base = base
        info.uart_irq = irq
        info.uart_clock = node.number(b"clock-frequency", 0)
    elif (node.compatible(b"sifive,plic-1.0.0") or node.compatible(b"riscv,plic0")) and info.plic_base == 0:
        info.plic_base = base
        info.plic_context = _plic_context(node.cells(b"interrupts-extended"), info.boot_hart_controller)
    elif node.compatible(b"google,goldfish-rtc") and info.rtc_base == 0:
        info.rtc_base = base
        info.rtc_irq = irq
    elif node.compatible(b"sifive,test0") and info.finisher_base == 0:
        info.finisher_base = base
    elif node.compatible(b"virtio,mmio"):
        info.virtio.append(VirtioSlot(base, size, irq))
    elif node.compatible(b"pci-host-ecam-generic") and info.pci is None:
        info.pci = _pci_host(node, parent, base, size)


def _pci_host(node: Node, parent: Node, base: int, size: int) -> PciHost:
    """`ranges`: kind and address on the bus (three cells), address for the processor, size. `interrupt-map`: a device's address (three
    cells), its pin, a controller and the line there. Maps with other counts of cells lead to no interrupts."""
    host = PciHost(base, size)
    ranges = node.cells(b"ranges")
    step = PCI_ADDRESS_CELLS + parent.address_cells + PCI_SIZE_CELLS
    for start in range(0, len(ranges) - step + 1, step):
        kind = ranges[start]
        middle = start + PCI_ADDRESS_CELLS
        if kind & PCI_SPACE in (PCI_MEMORY_32, PCI_MEMORY_64):
            host.windows.append(
                PciWindow(
                    combine(ranges[start + 1 : middle]), combine(ranges[middle : middle + parent.address_cells]),
                    combine(ranges[middle + parent.address_cells : start + step]),
                    wide=kind & PCI_SPACE == PCI_MEMORY_64, prefetchable=kind & PCI_PREFETCHABLE != 0,
                )
            )  # fmt: skip
    mask = node.cells(b"interrupt-map-mask")
    entries = node.cells(b"interrupt-map")
    if len(mask) == PCI_ADDRESS_CELLS + 1 and len(entries) % PCI_ROUTE_CELLS == 0:
        host.device_mask = mask[0] >> PCI_DEVICE_SHIFT & PCI_DEVICES
        for start in range(0, len(entries), PCI_ROUTE_CELLS):
            device = entries[start] >> PCI_DEVICE_SHIFT & PCI_DEVICES
            host.routes.append(PciRoute(device, entries[start + PCI_ADDRESS_CELLS] & mask[PCI_ADDRESS_CELLS], entries[start + 5]))
    return host


def _plic_context(targets: list[int], controller: int) -> int:
    """A context of the PLIC is an entry of interrupts-extended: (phandle of a hart's controller, interrupt). Ours is
    the boot hart's supervisor one."""
    for context in range(len(targets) // 2):
        if targets[2 * context] == controller and targets[2 * context + 1] == SUPERVISOR_EXTERNAL:
            return context
    return 1
