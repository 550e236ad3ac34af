"""Kernels that break in the way the command line says: what a panic tells."""

from scarlet.machine import context, cpu, physmem, platform
from scarlet.machine.context import Context
from tests.machine.worlds import registers
from tests.machine.worlds.space import say


def wild_store() -> None:
    """A store to an address that the direct map does not reach."""
    physmem.store64(64 << 30, 1)


def deep(level: int) -> int:
    """Never ends, and is no tail call."""
    return deep(level + 1) + level if level >= 0 else 0


class Deep(Context):
    def run(self) -> None:
        say(f"{deep(0)}")


def patch_itself() -> None:
    """Write into the kernel's text through the direct map."""
    physmem.store32(0x80200000, 0)


def uncaught() -> None:
    raise KeyError("nobody catches this")


def main() -> None:
    words = platform.boot_info().command_line.split()
    name = words[len(words) - 1]
    if name == b"wild_store":
        wild_store()
    elif name == b"deep":
        thread = Deep()
        thread.start()
        context.switch(Context(), thread)
    elif name == b"patch_itself":
        patch_itself()
    elif name == b"uncaught":
        uncaught()
    elif name.startswith(b"trap="):
        registers.run(words[len(words) - 2].removeprefix(b"before="), name.removeprefix(b"trap="))
    say(f"{name!r} did not break hart {cpu.this_hart().id}")


if __name__ == "__main__":
    main()
