"""Running the kernel as a library: `Machine(...).run(boot)`.

    with fresh_kernel():
        from scarlet import boot
        status = Machine(initrd=image, stdout=output).run(boot.main)

Kernel modules keep their state in module globals, so every run imports them anew (fresh_kernel).
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import greenlet

from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.uart import Input
from scarlet.machine.hosted.devices.virtio import Model

WIRING = ("scarlet.boot", "scarlet.console", "scarlet.devices", "scarlet.init", "scarlet.linked", "scarlet.runfile")
KERNEL_PACKAGES = ("scarlet.kernel", *WIRING, "objects", "vfs", "net", "drivers", "executor", "abi_modules")


CALL_DEPTH = 20_000
"""CPython counts the calls of a new greenlet from those of whoever switched to it first: the depths of a crowd of processes add up."""


class Machine:
    """One machine, to be run once. `stdin` is the serial line's input: bytes, or a devices.uart.Input; `devices` are what is in its
    virtio slots, or on its PCI bus (devices.disk.Disk ...)."""

    def __init__(
        self,
        memory: int = world.DEFAULT_MEMORY,
        *,
        initrd: bytes = b"",
        command_line: bytes = b"",
        stdin: Input | bytes = b"",
        stdout: BinaryIO | None = None,
        log: BinaryIO | None = None,
        seed: int = 0,
        realtime: bool = False,
        devices: Sequence[Model] = (),
        legacy_virtio: bool = False,
        pci: bool = False,
    ) -> None:
        self.world = world.World(
            memory, initrd=initrd, command_line=command_line, stdin=stdin, stdout=stdout, log=log, seed=seed, realtime=realtime,
            devices=devices, legacy_virtio=legacy_virtio, pci=pci,
        )  # fmt: skip

    def run(self, boot: Callable[[], None]) -> int:
        """Switch on and call boot() on the first hart; gives the exit status with which the kernel switched off.

        Whatever the kernel raises and does not catch comes out here, with its traceback. RuntimeError when boot() returns.
        """
        before = world.install(self.world)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), CALL_DEPTH))
        self.world.runner = greenlet.getcurrent()
        try:
            greenlet.greenlet(boot).switch()
            raise RuntimeError("the kernel returned without switching off")
        except world.MachineExit as stop:
            return stop.status
        finally:
            self.world.off = True
            self.world.uart.flush()
            world.install(before)


@contextmanager
def fresh_kernel(plugins: Sequence[str] = ()) -> Iterator[None]:
    """Within this context the kernel's modules are imported anew, those of `plugins` (packages) included; afterwards those of before
    are back."""
    import scarlet

    packages = (*KERNEL_PACKAGES, *plugins)

    def loaded() -> list[str]:
        return [name for name in sys.modules if any(name == package or name.startswith(package + ".") for package in packages)]

    before = {name: sys.modules.pop(name) for name in loaded()}
    try:
        yield
    finally:
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(before)
        for full in ("scarlet.kernel", *WIRING):
            name = full.removeprefix("scarlet.")
            if full in before:
                setattr(scarlet, name, before[full])
            elif hasattr(scarlet, name):
                delattr(scarlet, name)
