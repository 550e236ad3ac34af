"""The hardware a run gets beside memory and harts: as arguments for QEMU, and as models for the hosted machine.

Each kind of device has a field, a part of arguments() and a part of models(). The virtio devices go into the slots of QEMU's `virt` from the
first on, the disks before all others, so that /dev/vda is what the user named first.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scarlet.cli.diskimage import DiskImage

if TYPE_CHECKING:
    from scarlet.machine.hosted.devices.virtio import Model


@dataclass(frozen=True)
class Hardware:
    """What the user asked for. `home`: the first disk keeps /home and /data."""

    disks: tuple[DiskImage, ...] = ()
    home: bool = False

    def arguments(self) -> list[str]:
        """QEMU's."""
        words: list[str] = []
        devices: list[str] = []
        for number, disk in enumerate(self.disks):
            name = f"disk{number}"
            words += ["-blockdev", _blockdev(name, disk)]
            devices.append(f"virtio-blk-device,drive={name}")
        for slot, device in enumerate(devices):
            words += ["-device", f"{device},bus=virtio-mmio-bus.{slot}"]
        return words

    def models(self) -> "list[Model]":
        """The same for the hosted machine."""
        from scarlet.machine.hosted.devices.disk import Disk, mapped

        return [Disk(mapped(disk.descriptor, disk.size, read_only=disk.read_only), read_only=disk.read_only) for disk in self.disks]

    @property
    def command_line(self) -> list[str]:
        """What the kernel must be told."""
        return ["home=vda"] if self.home else []


def _blockdev(name: str, disk: DiskImage) -> str:
    path = str(disk.path.absolute()).replace(",", ",,")
    read_only = ",read-only=on" if disk.read_only else ""
    return f"driver=raw,node-name={name},discard=unmap,file.driver=file,file.filename={path},file.discard=unmap{read_only}"
