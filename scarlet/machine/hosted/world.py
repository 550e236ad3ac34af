"""The machine that is switched on: its memory, hart, clock and devices. The twins of scarlet.machine find theirs through `current`.

One machine at a time is on in a process. There always is one, so that unit tests can use physical memory without a
Machine; `scarlet.machine.hosted.run` installs others. With the same arguments a machine does the same: time is counted
in instructions, entropy comes from the seed.
"""

import ctypes
import gc
import mmap
import random
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import greenlet

from scarlet.machine import physmem
from scarlet.machine.hosted.clock import Clock
from scarlet.machine.hosted.devices.bus import Bus
from scarlet.machine.hosted.devices.finisher import Finisher
from scarlet.machine.hosted.devices.plic import Plic
from scarlet.machine.hosted.devices.rtc import Rtc
from scarlet.machine.hosted.devices.uart import Input, Uart
from scarlet.machine.hosted.layout import (
    FINISHER_BASE,
    PCI_ECAM_BASE,
    PCI_ECAM_SIZE,
    PCI_IRQ,
    PCI_LINES,
    PCI_WINDOW_BASE,
    PCI_WINDOW_SIZE,
    PLIC_BASE,
    RAM_BASE,
    RTC_BASE,
    UART_BASE,
    UART_IRQ,
    VIRTIO_BASE,
    VIRTIO_IRQ,
    VIRTIO_SLOTS,
    VIRTIO_STRIDE,
)  # fmt: skip
from scarlet.machine.hosted.mmu import Mmu

if TYPE_CHECKING:
    from scarlet.machine.cpu import Hart
    from scarlet.machine.hosted.devices.pci import VirtioPci
    from scarlet.machine.hosted.devices.virtio import Model, VirtioMmio
    from scarlet.machine.hosted.engine import Engine

DEFAULT_MEMORY = 64 << 20


class MachineExit(BaseException):
    """The machine was switched off with an exit status."""

    def __init__(self, status: int, *, restart: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.restart = restart


class World:
    """Memory, clock and devices of one machine; `devices` are put into its virtio slots, the first into the first, or on its PCI bus."""

    def __init__(
        self,
        memory: int = DEFAULT_MEMORY,
        *,
        initrd: bytes = b"",
        command_line: bytes = b"",
        stdin: Input | bytes = b"",
        stdout: BinaryIO | None = None,
        log: BinaryIO | None = None,
        seed: int = 0,
        realtime: bool = False,
        devices: "Sequence[Model]" = (),
        legacy_virtio: bool = False,
        pci: bool = False,
    ) -> None:
        self.memory = memory
        self.ram_base = RAM_BASE
        self.ram = mmap.mmap(-1, memory)
        self.ram_address = ctypes.addressof(ctypes.c_char.from_buffer(self.ram))
        self.initrd = initrd
        self.command_line = command_line
        self.log = log
        self.random = random.Random(seed)
        self.clock = Clock(realtime=realtime)
        self.mmu = Mmu()
        self.bus = Bus()
        self.plic = Plic()
        self.uart = Uart(stdin, stdout if stdout is not None else sys.stdout.buffer, lambda level: self.plic.set_level(UART_IRQ, level))
        self.bus.add(PLIC_BASE, 0x60_0000, self.plic)
        self.bus.add(FINISHER_BASE, 0x1000, Finisher(self.power_off))
        self.bus.add(RTC_BASE, 0x1000, Rtc(self.clock))
        self.bus.add(UART_BASE, 0x100, self.uart)
        self.virtio = [self._plug(slot, model, legacy_virtio) for slot, model in enumerate(() if pci else devices)]
        self.pci = self._plug_pci(devices) if pci else []
        self.runner: greenlet.greenlet = greenlet.getcurrent()
        self.hart: Hart | None = None
        self.engine: Engine | None = None
        self.off = False

    def _plug(self, slot: int, model: "Model", legacy: bool) -> "VirtioMmio":
        """Put a device into a virtio slot, as on QEMU's virt."""
        from scarlet.machine.hosted.devices.virtio import VirtioMmio  # which reaches memory through the machine that is on

        if slot >= VIRTIO_SLOTS:
            raise ValueError(f"the machine has {VIRTIO_SLOTS} virtio slots")
        device = VirtioMmio(model, partial(self.plic.set_level, VIRTIO_IRQ + slot), legacy=legacy)
        self.bus.add(VIRTIO_BASE + slot * VIRTIO_STRIDE, VIRTIO_STRIDE, device)
        return device

    def _plug_pci(self, devices: "Sequence[Model]") -> "list[VirtioPci]":
        """Put devices into the slots of a PCI bus, as on QEMU's virt: the interrupt pins of neighbours end on different lines."""
        from scarlet.machine.hosted.devices.pci import Ecam, VirtioPci, Window

        functions: list[VirtioPci] = []
        levels: dict[int, bool] = {}

        def set_level(slot: int, level: bool) -> None:
            levels[slot] = level
            line = slot % PCI_LINES
            self.plic.set_level(PCI_IRQ + line, any(up for other, up in levels.items() if other % PCI_LINES == line))

        for slot, model in enumerate(devices, 1):
            functions.append(VirtioPci(model, partial(set_level, slot)))
        self.bus.add(PCI_ECAM_BASE, PCI_ECAM_SIZE, Ecam(functions))
        self.bus.add(PCI_WINDOW_BASE, PCI_WINDOW_SIZE, Window(functions, PCI_WINDOW_BASE))
        return functions

    def poll(self) -> None:
        """Let the devices take in what has come from the host."""
        self.uart.poll()
        for device in (*self.virtio, *self.pci):
            device.model.poll()

    def power_off(self, status: int, restart: bool = False) -> None:
        """Leave whatever thread runs and end Machine.run; does not return."""
        self.off = True
        stop = MachineExit(status, restart=restart)
        if greenlet.getcurrent() is self.runner:
            raise stop
        self.runner.throw(stop)

    def log_stream(self) -> BinaryIO:
        """Where the debug channel goes."""
        return self.log if self.log is not None else sys.stderr.buffer


def install(world: World) -> World:
    """Make a world the current one; gives the one before.

    What nothing uses any more ends before, in its own world: the next one has the same addresses.
    """
    global current
    gc.collect()
    before, current = current, world
    physmem.attach(world.ram)
    return before


current = World()
physmem.attach(current.ram)
