"""The hardware a run gets beside memory and harts: as arguments for QEMU, and as models for the hosted machine.

Each kind of device has a field, a part of arguments() and a part of models(). The virtio devices go into the slots of QEMU's `virt` from
the first on, the disks before all others, so that /dev/vda is what the user named first.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scarlet.cli import display
from scarlet.cli.diskimage import DiskImage
from scarlet.cli.display import Display
from scarlet.cli.errors import Status, UserError
from scarlet.cli.network import Network

if TYPE_CHECKING:
    from scarlet.machine.hosted.devices.virtio import Model


DISK_QUEUE = 256
"""Twice QEMU's usual: a request may then have 254 pieces of memory."""
STREAMS = "streams"
"""QEMU's name for its own standard input and output."""
WINDOW = "window"
"""And for what tells the size of the terminal's window."""
SLOTS = 8
"""virtio-mmio transports of QEMU's `virt`."""


@dataclass(frozen=True)
class Hardware:
    """What the user asked for. `home`: the first disk keeps /home and /data."""

    disks: tuple[DiskImage, ...] = ()
    home: bool = False
    entropy: bool = True
    display: Display | None = None
    """A screen with a keyboard and a mouse."""
    network: Network | None = None
    streams: bool = False
    """Standard input and output are a virtio port's, not the UART's."""
    window: int | None = None
    """Where the sizes of the terminal's window come from (window.py), to go through a virtio port."""

    def arguments(self) -> list[str]:
        """QEMU's."""
        words: list[str] = []
        devices: list[str] = []
        for number, disk in enumerate(self.disks):
            name = f"disk{number}"
            words += ["-blockdev", _blockdev(name, disk)]
            devices.append(f"virtio-blk-device,drive={name},queue-size={DISK_QUEUE}")
        if self.display is not None:
            devices += display.DEVICES
        words += self.display.arguments() if self.display is not None else ["-display", "none"]
        if self.network is not None:
            words += self.network.arguments()
            devices.append(self.network.device)
        if self.entropy:
            devices.append("virtio-rng-device")
        if self.streams or self.window is not None:
            devices.append("virtio-serial-device,max_ports=2,id=lines")
        _require_slots(len(devices))
        for slot, device in enumerate(devices):
            words += ["-device", f"{device},bus=virtio-mmio-bus.{slot}"]
        if self.streams:
            words += ["-device", f"virtserialport,bus=lines.0,nr=1,chardev={STREAMS}"]
        elif self.window is not None:
            words += ["-chardev", f"socket,id={WINDOW},fd={self.window}", "-device", f"virtserialport,bus=lines.0,nr=1,chardev={WINDOW}"]
        words += ["-serial", "null" if self.streams else f"chardev:{STREAMS}"]
        return words

    def models(self, seed: int) -> "list[Model]":
        """The same for the hosted machine, whose entropy comes from the seed."""
        from scarlet.machine.hosted.devices import input
        from scarlet.machine.hosted.devices.disk import Disk, mapped
        from scarlet.machine.hosted.devices.entropy import Entropy
        from scarlet.machine.hosted.devices.gpu import Gpu
        from scarlet.machine.hosted.devices.line import Line
        from scarlet.machine.hosted.devices.uart import FileInput

        models: list[Model] = []
        for disk in self.disks:
            models.append(Disk(mapped(disk.descriptor, disk.size, read_only=disk.read_only), read_only=disk.read_only))
        if self.display is not None:
            models += [Gpu(), input.keyboard(), input.tablet()]
        if self.network is not None:
            models.append(self.network.model())
        if self.entropy:
            models.append(Entropy(seed))
        if self.window is not None:
            models.append(Line(source=FileInput(self.window)))
        _require_slots(len(models))
        return models

    @property
    def command_line(self) -> list[str]:
        """What the kernel must be told."""
        return ["home=vda"] if self.home else []


def _require_slots(count: int) -> None:
    if count > SLOTS:
        raise UserError(f"{count} devices are too many: the machine has {SLOTS} slots", Status.USAGE)


def _blockdev(name: str, disk: DiskImage) -> str:
    path = str(disk.path.absolute()).replace(",", ",,")
    read_only = ",read-only=on" if disk.read_only else ""
    return f"driver=raw,node-name={name},discard=unmap,file.driver=file,file.filename={path},file.discard=unmap{read_only}"
