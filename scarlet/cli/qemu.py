"""QEMU's command line, and its process: it dies with us, whatever happens to us."""

import ctypes
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scarlet.cli.errors import Status, UserError
from scarlet.cli.hardware import STREAMS, Hardware

PROGRAM = "qemu-system-riscv64"
PR_SET_PDEATHSIG = 1
RAM_BASE = 0x8000_0000
KERNEL_BASE = 0x8020_0000
MIB = 1 << 20
SMALLEST_MIB = 16


@dataclass(frozen=True)
class Machine:
    """What the user chose about the machine."""

    kernel: Path
    initrd: Path
    command_line: str
    memory_mib: int = 256
    harts: int = 1
    hardware: Hardware = field(default_factory=Hardware)
    extra: list[str] = field(default_factory=list)


def find() -> str:
    """The emulator, or how to get it."""
    path = shutil.which(PROGRAM)
    if path is None:
        raise UserError(f"{PROGRAM} is missing; it comes with Debian's package qemu-system-misc (scripts/setup installs it)")
    return path


def parse_memory(text: str) -> int:
    """MiB of `64M`, `1G` or `64`; at least 16, at most 64 GiB."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].upper() in ("M", "G") else (text, "M")
    if not number.isdecimal() or not SMALLEST_MIB <= (size := int(number) * (1024 if unit == "G" else 1)) <= 65536:
        raise UserError(f"--memory {text}: write a number of MiB from {SMALLEST_MIB} on, such as 64M, or GiB, such as 1G", Status.USAGE)
    return size


def parse_extra(text: str) -> list[str]:
    """The words of --qemu."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UserError(f"--qemu: {error}", Status.USAGE) from None


def initrd_room(memory_mib: int) -> int:
    """Bytes between the place where QEMU's virt machine loads an initrd and what lies behind it.

    QEMU 7.2: the initrd goes half the memory (at most 128 MiB) behind the kernel, the device tree (1 MiB) on a 2 MiB boundary below
    the end of memory, or below 3 GiB.
    """
    end = min(RAM_BASE + memory_mib * MIB, 3072 * MIB)
    start = KERNEL_BASE + min(memory_mib * MIB // 2, 128 * MIB)
    return (end - MIB) // (2 * MIB) * (2 * MIB) - start


def check_room(image_size: int, memory_mib: int) -> None:
    """UserError when the image does not fit into the machine."""
    if image_size <= initrd_room(memory_mib):
        return
    enough = next((size for size in (32, 64, 128, 256, 512, 1024, 2048) if size > memory_mib and image_size <= initrd_room(size)), 0)
    hint = f"use --memory {enough}M" if enough else "add less"
    room = initrd_room(memory_mib) // MIB
    raise UserError(f"the image is full: {image_size // MIB + 1} MiB, and a machine of {memory_mib} MiB has room for {room}; {hint}")


def command(machine: Machine, log: str, line: str = f"stdio,id={STREAMS},signal=off") -> list[str]:
    """The arguments that every run shares. `log`: the file that the kernel's log goes into; `line`: the character device at the other end
    of the machine's line."""
    return [
        find(), "-machine", "virt", "-m", f"{machine.memory_mib}M", "-smp", str(machine.harts),
        "-nodefaults", "-no-reboot", "-global", "virtio-mmio.force-legacy=false",
        "-chardev", line,
        "-chardev", f"file,id=log,path={quoted(log)}",
        "-semihosting-config", "enable=on,target=native,chardev=log",
        "-kernel", str(machine.kernel), "-initrd", str(machine.initrd), "-append", machine.command_line,
        *machine.hardware.arguments(), *machine.extra,
    ]  # fmt: skip


def quoted(text: str) -> str:
    """A text as the value of one of QEMU's comma-separated settings."""
    return text.replace(",", ",,")


_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> Callable[[], None]:
    """What a child does before exec: ask to be killed when the parent goes, even if that is killed itself (prctl(2))."""

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it went before we asked
            os._exit(1)

    return ask


def start(machine: Machine, log_descriptor: int, *descriptors: int) -> subprocess.Popen[bytes]:
    """QEMU, with pipes on its standard streams, in a session of its own so that the terminal's keys do not signal it.

    Call it before any thread is made: it forks, and the thread that forks is the parent QEMU dies with.
    """
    return subprocess.Popen(
        command(machine, f"/proc/self/fd/{log_descriptor}"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        pass_fds=(log_descriptor, *descriptors), start_new_session=True, preexec_fn=die_with(os.getpid()),
    )  # fmt: skip
