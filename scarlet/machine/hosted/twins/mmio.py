"""Device registers, the hosted twin: accesses go to the Python device at that physical address."""

from scarlet.machine.hosted import world


def read8(address: int) -> int:
    return world.current.bus.read(address, 1)


def read16(address: int) -> int:
    return world.current.bus.read(address, 2)


def read32(address: int) -> int:
    return world.current.bus.read(address, 4)


def read64(address: int) -> int:
    return world.current.bus.read(address, 8)


def write8(address: int, value: int) -> None:
    world.current.bus.write(address, 1, value)


def write16(address: int, value: int) -> None:
    world.current.bus.write(address, 2, value)


def write32(address: int, value: int) -> None:
    world.current.bus.write(address, 4, value)


def write64(address: int, value: int) -> None:
    world.current.bus.write(address, 8, value)


def fence() -> None:
    """Python devices see everything in order."""
