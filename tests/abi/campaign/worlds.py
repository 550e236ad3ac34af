"""The two worlds in which a script of calls is run: the Linux below these tests, and Scarlet on a hosted machine.

On Linux a script runs in a child process with a tmpfs of its own as its root, in a mount namespace of its own, so that whatever it does
as root meets nothing of the machine. Calls are made with their own numbers and without a C library's help (syscall(2)).
"""

import ctypes
import json
import mmap
import os
import platform
import select
import signal
import tempfile
from collections.abc import Callable
from typing import Final, Protocol

from net.unix import start as unix_sockets
from objects.view import MountFlags
from scarlet.cli.declarations import Reader
from scarlet.kernel.memory.user import store_bytes
from scarlet.lang import u64
from tests.abi.campaign import memory
from tests.abi.campaign.host_numbers import X86_64
from tests.abi.support import Program, linux
from tests.programs import FOLDER
from vfs import devfs, filesystems, mounts, socketfiles
from vfs.procfs import new_procfs
from vfs.tmpfs.options import mount_tmpfs

ROOT: Final = FOLDER.parents[1]
CALLS: Final = {call.name: call for call in Reader([ROOT]).calls("abi_modules.linux_riscv64")}
NUMBERS: Final = {name: call.number for name, call in CALLS.items()}
MS_NOSUID, CLONE_NEWNS, MS_REC_PRIVATE, MS_BIND, MNT_DETACH = 2, 0x20000, 0x44000, 0x1000, 2
AT_FDCWD = -100
ROOM = 1 << 20
"""Bytes that a script's results may take."""
PATIENCE_S = 5


class World(Protocol):
    """What a script needs."""

    is_linux: bool

    def call(self, name: str, *arguments: int) -> int: ...
    def get(self, address: int, count: int) -> bytes: ...
    def put(self, address: int, data: bytes) -> None: ...


Run = Callable[[World], list[object]]
"""Makes its calls and gives what JSON can hold."""


class Host:
    """Linux, through syscall(2), at the addresses of `memory`."""

    is_linux = True

    def __init__(self) -> None:
        self.library = ctypes.CDLL(None, use_errno=True)
        self.library.syscall.restype = ctypes.c_long
        self.numbers = X86_64 if platform.machine() == "x86_64" else NUMBERS

    def call(self, name: str, *arguments: int) -> int:
        result = self.library.syscall(ctypes.c_long(self.numbers[name]), *[ctypes.c_ulong(value) for value in arguments])
        return -ctypes.get_errno() if result == -1 else int(result)

    def get(self, address: int, count: int) -> bytes:
        return ctypes.string_at(address, count)

    def put(self, address: int, data: bytes) -> None:
        ctypes.memmove(address, data, len(data))


class Guest:
    """Scarlet."""

    is_linux = False

    def __init__(self, program: Program) -> None:
        self.program = program

    def call(self, name: str, *arguments: int) -> int:
        return self.program.call(NUMBERS[name], *arguments)

    def get(self, address: int, count: int) -> bytes:
        return self.program.get(address, count)

    def put(self, address: int, data: bytes) -> None:
        store_bytes(self.program.task.space, u64(address), data)


# --- Linux ------------------------------------------------------------------------------------------------------------------


def can_compare() -> bool:
    """Is this a Linux on which scripts can run: as root, with mount namespaces?"""
    if os.getuid() != 0 or platform.machine() not in ("x86_64", "riscv64"):
        return False
    return on_linux(lambda world: [world.call("getpid") > 0]) == [True]


def on_linux(run: Run) -> list[object] | None:
    """What it gives in a process of its own; None when that took too long, or was not possible."""
    shared = mmap.mmap(-1, ROOM)
    folder = tempfile.mkdtemp()
    child = os.fork()
    if child == 0:
        try:
            _child(run, shared, folder)
        finally:
            os._exit(1)
    watch = os.pidfd_open(child)
    if not select.select([watch], [], [], PATIENCE_S)[0]:
        os.kill(child, signal.SIGKILL)
    os.close(watch)
    _pid, status = os.waitpid(child, 0)
    os.rmdir(folder)
    if status != 0:
        return None
    size = int.from_bytes(shared[:8], "little")
    found: list[object] = json.loads(shared[8 : 8 + size])
    return found


def _child(run: Run, shared: mmap.mmap, folder: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setsid()
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    world = Host()
    library = world.library

    def mount(source: str, target: str, kind: str, flags: int, options: str | None) -> None:
        data = options.encode() if options else None
        if library.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data) != 0:
            os._exit(2)

    if library.unshare(CLONE_NEWNS) != 0:
        os._exit(2)
    mount("none", "/", "none", MS_REC_PRIVATE, None)
    mount("tmpfs", folder, "tmpfs", MS_NOSUID, "size=8m,mode=755")
    os.mkdir(f"{folder}/dev")
    mount("tmpfs", f"{folder}/dev", "tmpfs", MS_NOSUID, "mode=755")
    os.mkdir(f"{folder}/proc")
    for minor, name in ((3, "null"), (5, "zero"), (7, "full")):
        os.mknod(f"{folder}/dev/{name}", 0o20666, os.makedev(1, minor))
        os.chmod(f"{folder}/dev/{name}", 0o666)
    mount("/proc", f"{folder}/proc", "none", MS_BIND, None)
    os.chroot(folder)
    os.chdir("/")
    fixed = 0x10 | 0x20 | 2
    size = memory.END - memory.PATHS
    if world.call("mmap", memory.PATHS, size, 3, fixed | 0x100000, (1 << 64) - 1, 0) != memory.PATHS:
        os._exit(2)
    os.closerange(0, 1024)
    answer = json.dumps(run(world)).encode()
    shared[8 : 8 + len(answer)] = answer
    shared[:8] = len(answer).to_bytes(8, "little")
    os._exit(0)


# --- Scarlet ----------------------------------------------------------------------------------------------------------------


def on_scarlet(run: Run) -> list[object]:
    """What it gives on a hosted machine."""
    found: list[object] = []

    def body(program: Program) -> None:
        program.call(NUMBERS["munmap"], memory.END, 0x140000 - memory.END)
        filesystems.announce(b"tmpfs", mount_tmpfs)
        devfs.announce_memory_devices()
        unix_sockets.start()
        socketfiles.announce()
        tree = program.tree
        tree.mkdir(b"/proc")
        tree.mkdir(b"/dev")
        mounts.attach(tree.view.mounts, new_procfs(), tree.walk(b"/proc"), MountFlags.RELATIME, b"proc")
        mounts.attach(tree.view.mounts, devfs.new_devfs(), tree.walk(b"/dev"), MountFlags.RELATIME, b"devtmpfs")
        ignore = program.put(bytes([1]) + bytes(23))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python has them on Linux
            program.call(NUMBERS["rt_sigaction"], number, ignore, 0, 8)
        found.extend(json.loads(json.dumps(run(Guest(program)))))
        program.task.process.handles.close_all()
        while len(tree.view.mounts.mounts) > 1:
            mounts.detach(tree.view.mounts, tree.view.mounts.mounts[-1])

    linux(body)
    return found
