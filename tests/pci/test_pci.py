"""The PCI bus: functions found, placed and routed; virtio devices driven through it; functions that lie about themselves."""

import random
from collections.abc import Iterator

import pytest

from drivers.pci.bridge import HostBridge
from drivers.pci.config import Function
from drivers.plic import Plic
from drivers.virtio.blk import VirtioBlock, VirtioDisk
from drivers.virtio.pci import PciTransport, is_virtio
from drivers.virtio.queue import DeviceError
from scarlet.kernel import irq
from scarlet.kernel.memory import frames
from scarlet.lang.errno import Errno
from scarlet.machine import platform
from scarlet.machine.bootinfo import MemoryRange, PciHost, PciWindow
from scarlet.machine.hosted import layout, world
from scarlet.machine.hosted.devices.disk import Disk
from scarlet.machine.hosted.devices.entropy import Entropy
from scarlet.machine.hosted.devices.virtio import Model
from tests.kernel.threads import Run


class Bus:
    """A machine with devices on its PCI bus; the body of a test runs in a thread of it."""

    def __init__(self) -> None:
        self.run = Run()
        frames.init([MemoryRange(layout.RAM_BASE, 8 << 20)], [])
        irq.install(Plic(layout.PLIC_BASE, 1))

    def plug(self, *models: Model) -> HostBridge:
        here = world.current
        here.pci = here._plug_pci(models)
        info = platform.boot_info()
        assert info.pci is not None
        return HostBridge(info.pci)

    def close(self) -> None:
        self.run.close()


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus()
    yield bus
    bus.close()


def test_functions_are_found_and_get_places_that_do_not_overlap(bus: Bus) -> None:
    bridge = bus.plug(Disk(bytearray(8192)), Entropy(1), Disk(bytearray(4096)))
    functions = bridge.functions()
    assert [function.name for function in functions] == ["00:01.0", "00:02.0", "00:03.0"]
    assert all(is_virtio(function) for function in functions)
    assert [PciTransport(function).device_type() for function in functions] == [2, 4, 2]
    places = sorted((bar.address, bar.size) for function in functions for bar in function.bars.values())
    assert len(places) == 3
    for (start, size), (following, _) in zip(places, places[1:], strict=False):
        assert start % size == 0
        assert start + size <= following


def test_neighbours_interrupt_on_different_lines_and_every_fifth_shares(bus: Bus) -> None:
    bridge = bus.plug(*(Disk(bytearray(512)) for _ in range(6)))
    lines = [bridge.line(function) for function in bridge.functions()]
    assert lines == [33, 34, 35, 32, 33, 34]


def test_disks_on_one_line_both_work(bus: Bus) -> None:
    bridge = bus.plug(*(Disk(bytearray(bytes([number]) * 65536)) for number in range(5)))
    disks = []
    for function in bridge.functions():
        driver = VirtioBlock(PciTransport(function), f"disk {function.name}")
        irq.register(bridge.line(function), driver)
        disks.append(VirtioDisk(driver))

    def body() -> None:
        for number, disk in enumerate(disks):
            assert disk.read(0, 4096) == bytes([number]) * 4096
            disk.write(512, b"w" * 1024)
            disk.flush()
            assert disk.read(512, 1024) == b"w" * 1024

    bus.run.thread(body)
    bus.run.go()


class Mad(Disk):
    """Once `on`, it interrupts again as soon as its interrupt was seen; a reset does not help if it is `stubborn`, and if it is `sly`
    it does not say why."""

    def __init__(self, *, stubborn: bool = False, sly: bool = False) -> None:
        super().__init__(bytearray(65536))
        self.stubborn = stubborn
        self.sly = sly
        self.on = False

    def go_mad(self) -> None:
        self.on = True
        front = self.device
        plain = front.set_level

        def set_level(level: bool) -> None:
            if not level and self.on and (self.stubborn or front.status != 0):
                front.reasons = 0 if self.sly else 1
                level = True
            plain(level)

        front.set_level = set_level
        set_level(False)


def shared_line(bus: Bus, mad: Mad) -> list[tuple[VirtioBlock, VirtioDisk]]:
    """Five disks that work; the mad one shares its line with the last."""
    bridge = bus.plug(mad, *(Disk(bytearray(65536)) for _ in range(4)))
    disks = []
    for function in bridge.functions():
        driver = VirtioBlock(PciTransport(function), f"disk {function.name}")
        irq.register(bridge.line(function), driver)
        disks.append((driver, VirtioDisk(driver)))
    return disks


@pytest.mark.parametrize("stubborn", [False, True], ids=["it heeds a reset", "it does not"])
@pytest.mark.parametrize("sly", [False, True], ids=["it says that it asks", "only its pin does"])
def test_a_storm_on_a_shared_line_takes_the_guilty_device_offline_alone(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, stubborn: bool, sly: bool
) -> None:
    monkeypatch.setattr(irq, "STORM", 100)
    monkeypatch.setattr(irq, "TRIAL", 20)
    mad = Mad(stubborn=stubborn, sly=sly)
    disks = shared_line(bus, mad)

    def body() -> None:
        for _, disk in disks:
            assert disk.read(0, 512) == bytes(512)
        mad.go_mad()
        for _, disk in disks[1:]:
            disk.write(0, b"w" * 4096)
            assert disk.read(0, 4096) == b"w" * 4096
        assert [driver.online for driver, _ in disks] == [False, True, True, True, True]
        with pytest.raises(Errno):
            disks[0][1].read(0, 512)

    bus.run.thread(body)
    bus.run.go()


def test_a_shared_line_that_nobody_owns_up_to_is_given_up_with_all_its_devices(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(irq, "STORM", 100)
    monkeypatch.setattr(irq, "TRIAL", 20)
    disks = shared_line(bus, Mad())

    def body() -> None:
        plic = world.current.plic
        complete = plic._complete
        line = 33

        def stuck(context: int, source: int) -> None:
            plic._level |= 1 << line
            complete(context, source)

        monkeypatch.setattr(plic, "_complete", stuck)
        plic.set_level(line, True)
        for _, disk in disks[1:4]:
            assert disk.read(0, 512) == bytes(512)
        assert [driver.online for driver, _ in disks] == [False, True, True, True, False]

    bus.run.thread(body)
    bus.run.go()


def test_registers_without_room_leave_the_function_out(bus: Bus) -> None:
    bus.plug(Disk(bytearray(512)), Disk(bytearray(512)), Disk(bytearray(512)))
    host = PciHost(layout.PCI_ECAM_BASE, layout.PCI_ECAM_SIZE)
    host.windows.append(PciWindow(layout.PCI_WINDOW_BASE, layout.PCI_WINDOW_BASE, 0x8000, wide=False, prefetchable=False))
    assert len(HostBridge(host).functions()) == 2


def test_a_bus_with_nothing_on_it(bus: Bus) -> None:
    here = world.current
    here._plug_pci([])
    assert HostBridge(PciHost(layout.PCI_ECAM_BASE, layout.PCI_ECAM_SIZE)).functions() == []


@pytest.mark.parametrize("seed", range(300))
def test_whatever_a_function_says_of_itself_is_an_error_at_worst(bus: Bus, seed: int) -> None:
    """Random bytes in the capabilities and base addresses: the device is refused, or found and driven within its registers."""
    noise = random.Random(seed)
    bridge = bus.plug(Disk(bytearray(4096)))
    space = world.current.pci[0].space
    for _ in range(noise.randrange(1, 6)):
        space[noise.choice([0x0E, 0x34, 0x3D, *range(0x40, 0x90)])] = noise.randrange(256)
    for function in bridge.functions():
        bridge.line(function)
        try:
            transport = PciTransport(function)
            VirtioBlock(transport, "vda")
        except (Errno, DeviceError):
            pass
        except AssertionError as refused:
            assert "queue" in str(refused)  # the model complains of the driver, which was told to do so


def test_a_list_of_capabilities_in_a_circle_ends(bus: Bus) -> None:
    bridge = bus.plug(Disk(bytearray(512)))
    space = world.current.pci[0].space
    space[0x41] = 0x40
    (function,) = bridge.functions()
    assert isinstance(function, Function)
    assert len(function.capabilities(9)) == 48
    with pytest.raises(Errno):
        PciTransport(function)
