"""Device registers, by physical address, through the direct map: exactly one access each, in program order."""

from scarlet.lang import raw, u8, u16, u32, u64
from scarlet.lang.raw import inline
from scarlet.machine.kernel_space import direct


@inline
def read8(address: int) -> int:
    return int(raw.mmio_read8(direct(address)))


@inline
def read16(address: int) -> int:
    return int(raw.mmio_read16(direct(address)))


@inline
def read32(address: int) -> int:
    return int(raw.mmio_read32(direct(address)))


@inline
def read64(address: int) -> u64:
    return raw.mmio_read64(direct(address))


@inline
def write8(address: int, value: int) -> None:
    raw.mmio_write8(direct(address), u8(value))


@inline
def write16(address: int, value: int) -> None:
    raw.mmio_write16(direct(address), u16(value))


@inline
def write32(address: int, value: int) -> None:
    raw.mmio_write32(direct(address), u32(value))


@inline
def write64(address: int, value: u64) -> None:
    raw.mmio_write64(direct(address), value)


@inline
def fence() -> None:
    """What was written to memory or devices before is seen by devices before anything after it."""
    raw.fence_io()
