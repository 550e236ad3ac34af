"""Devices: looks into the machine's virtio slots and through its PCI bus, starts the driver of each device found there, and hands on
what it offers.

Layers above a driver never see it: each kind of device is made known in a registry of theirs, so a machine without it has an empty
registry. A device that cannot be started is a line in the log, and the machine boots without it.

Nothing here may sleep: it runs before there are threads. A driver that must ask its device first does so in a thread
(scarlet.kernel.deferred).
"""

from typing import Final

from drivers.pci.bridge import HostBridge
from drivers.virtio.blk import VirtioBlock, VirtioDisk
from drivers.virtio.console import VirtioConsole
from drivers.virtio.device import VirtioDevice
from drivers.virtio.gpu_screen import GpuDriver
from drivers.virtio.input import VirtioInput
from drivers.virtio.mmio import MmioTransport
from drivers.virtio.net import VirtioNet
from drivers.virtio.pci import PciTransport, is_virtio
from drivers.virtio.queue import DeviceError
from drivers.virtio.rng import HostEntropy, VirtioRng
from drivers.virtio.transport import DeviceType, Transport
from objects import framebuffer, keyboard, netdevice, random
from objects import input as inputs
from objects.terminal_device import TerminalDevice
from scarlet.kernel import irq, log
from scarlet.kernel.power import before_off
from scarlet.lang.errno import Errno
from scarlet.machine.bootinfo import BootInfo, PciHost
from vfs import blockdevices, framebuffernodes, inputnodes, screenterminals

disks: Final[list[VirtioDisk]] = []
"""In the order of their slots."""


lines: Final[list[TerminalDevice]] = []
"""To the host."""


def start(info: BootInfo) -> None:
    """Start what is in the slots, the lowest first."""
    inputnodes.start()
    framebuffernodes.start()
    screenterminals.start()
    keyboard.start()
    for slot in sorted(info.virtio, key=lambda slot: slot.base):
        start_on(MmioTransport(slot.base), slot.irq)
    if info.pci is not None:
        _start_on_pci(info.pci)


def _start_on_pci(host: PciHost) -> None:
    bridge = HostBridge(host)
    for function in bridge.functions():
        if not is_virtio(function):
            continue
        line = bridge.line(function)
        if line == 0:
            log.error(f"pci {function.name}: its interrupt leads nowhere")
            continue
        try:
            start_on(PciTransport(function), line)
        except Errno as error:
            log.error(f"a device does not start: {error}")


def start_on(transport: Transport, line: int) -> None:
    """Start the device behind a transport that interrupts on this line, if there is one."""
    try:
        driver = _driver(transport)
        if driver is not None:
            irq.register(line, driver)
    except (Errno, DeviceError) as error:
        log.error(f"a device does not start: {error}")
    except MemoryError:
        log.error("a device does not start: out of memory")


def _driver(transport: Transport) -> VirtioDevice | None:
    """The driver of a device, told to whom it may concern; None when there is no device, or nobody knows it."""
    kind = transport.device_type()
    match kind:
        case DeviceType.NONE:
            return None
        case DeviceType.NET:
            return _card(transport)
        case DeviceType.BLOCK:
            return _disk(transport)
        case DeviceType.CONSOLE:
            return _line(transport)
        case DeviceType.ENTROPY:
            return _entropy(transport)
        case DeviceType.GPU:
            return _screen(transport)
        case DeviceType.INPUT:
            return _input(transport)
        case _:
            log.info(f"virtio: a device of type {kind}, which nobody drives")
            return None


def _disk(transport: Transport) -> VirtioDevice:
    driver = VirtioBlock(transport, f"vd{chr(ord('a') + len(disks))}")
    disk = VirtioDisk(driver)
    disks.append(disk)
    blockdevices.add(driver.name.encode(), disk)
    log.info(f"{driver.name}: {disk.size // 1024} KiB{', read-only' if disk.read_only else ''}")
    return driver


def _card(transport: Transport) -> VirtioDevice:
    driver = VirtioNet(transport, f"virtio-net{len(netdevice.devices())}")
    netdevice.register(driver.card)
    return driver


def _line(transport: Transport) -> VirtioDevice:
    driver = VirtioConsole(transport, f"virtio-console{len(lines)}")
    lines.append(driver.line)
    return driver


def _entropy(transport: Transport) -> VirtioDevice:
    driver = VirtioRng(transport, "virtio-rng")
    random.add_source(HostEntropy(driver))
    return driver


def _screen(transport: Transport) -> VirtioDevice:
    driver = GpuDriver(transport, f"virtio-gpu{len(framebuffer.framebuffers)}")
    framebuffer.register(driver.screen)
    before_off.append(driver.screen.show_now)
    log.info(f"fb{framebuffer.framebuffers.index(driver.screen)}: {driver.name}")
    return driver


def _input(transport: Transport) -> VirtioDevice:
    driver = VirtioInput(transport, f"virtio-input{len(inputs.devices())}")
    inputs.register(driver.device)
    log.info(f"event{driver.device.number}: {driver.device.name.decode(errors='replace')}")
    return driver
