"""The bus: which device answers at which physical address."""

from typing import Protocol


class Device(Protocol):
    """Registers at offsets from the device's base; `size` is the width of the access in bytes."""

    def read(self, offset: int, size: int) -> int: ...

    def write(self, offset: int, size: int, value: int) -> None: ...


class Bus:
    """An access that no device answers raises LookupError: a driver bug, as the access fault of the bare machine would be."""

    def __init__(self) -> None:
        self._devices: list[tuple[int, int, Device]] = []

    def add(self, base: int, size: int, device: Device) -> None:
        self._devices.append((base, size, device))

    def _find(self, address: int) -> tuple[Device, int]:
        for base, size, device in self._devices:
            if base <= address < base + size:
                return device, address - base
        raise LookupError(f"no device at 0x{address:x}")

    def read(self, address: int, size: int) -> int:
        device, offset = self._find(address)
        return device.read(offset, size)

    def write(self, address: int, size: int, value: int) -> None:
        device, offset = self._find(address)
        device.write(offset, size, value & ((1 << 8 * size) - 1))
