"""From the device tree to BootInfo: which node is which device.

Source: Devicetree Specification v0.4, chapter 3 (memory, reserved-memory, chosen, cpus); the bindings of ns16550a,
sifive,plic-1.0.0, google,goldfish-rtc, sifive,test0 and virtio,mmio. The first device of a kind is taken.
"""

from typing import Final

from scarlet.machine.bootinfo import BootInfo, MemoryRange, VirtioSlot
from scarlet.machine.devicetree import DeviceTree, Node

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


def _plic_context(targets: list[int], controller: int) -> int:
    """A context of the PLIC is an entry of interrupts-extended: (phandle of a hart's controller, interrupt). Ours is
    the boot hart's supervisor one."""
    for context in range(len(targets) // 2):
        if targets[2 * context] == controller and targets[2 * context + 1] == SUPERVISOR_EXTERNAL:
            return context
    return 1
