"""Boot: puts the parts of the kernel together, in the order in which they need one another, and starts process 1.

The machine layer has brought up memory translation and the object heap; everything from here on is the same in both worlds.
"""

from typing import Final, NoReturn

from abi_modules.linux_riscv64.abi import LinuxAbi
from drivers.plic import Plic
from drivers.rtc import RealTimeClock
from drivers.uart import Uart
from executor.unknown import counts_text
from net import start as network
from net.netlink import groups as netlink
from net.unix import start as unix
from objects.first import enter_first_task, make_first_process
from objects.inode import Inode
from objects.random import seed
from objects.view import View
from scarlet import devices, runfile
from scarlet.console import make_console
from scarlet.init import ProcessOne
from scarlet.kernel import clock, deferred, irq, log, scheduler
from scarlet.kernel.memory import frames, setup
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.power import before_off
from scarlet.kernel.thread import Thread
from scarlet.lang import Errno, u64
from scarlet.linked import link
from scarlet.machine import pages, platform, power
from scarlet.machine.bootinfo import BootInfo, MemoryRange
from vfs import blockdevices, devfs, filesystems, initramfs, keeping, socketfiles, views
from vfs.clocknodes import announce_clock
from vfs.cpio import CpioError
from vfs.ext import mount as ext
from vfs.fat import mount as fat
from vfs.iso9660 import mount as iso9660
from vfs.overlay.options import mount_overlay
from vfs.procfs import add_file, mount_procfs
from vfs.sysfs import mount_sysfs
from vfs.tmpfs.options import mount_tmpfs, new_tmpfs
from vfs.xv6fs import mount as xv6fs

FAILED_TO_BOOT: Final = 125
"""The exit status when there is nothing to run."""
HOME: Final = b"home="
KERNEL_THREAD: Final = 0
"""The number of threads that belong to no process."""
FRAMES_PER_PROCESS: Final = 16
"""How many processes the memory is meant for, as a limit on fork bombs."""
_threads: Final[list[Thread]] = []
"""Those of the kernel itself, kept alive."""


def main() -> None:
    """The first thing that runs; never comes back."""
    try:
        _boot()
    except Errno as error:
        _give_up(f"boot failed: {error}")
    except CpioError as error:
        _give_up(f"the boot image is damaged: {error}")
    except MemoryError:
        _give_up("the machine has too little memory to boot")


def _boot() -> None:
    info = platform.boot_info()
    _choose_log_level(info.command_line)
    setup.init(info)
    scheduler.prepare()
    log.info(f"Scarlet on {info.hart_count} hart(s), {frames.total_frames() * 4 // 1024} MiB")
    seed(info.rng_seed)
    uart = _start_devices(info)
    root = _populate(info.initrd)
    run = _read_run_file(root)
    console = make_console(uart, devices.lines, run)
    link()
    _announce(info)
    process = make_first_process(AddressSpace(), _first_view(root), LinuxAbi(u64(0)), max(frames.total_frames() // FRAMES_PER_PROCESS, 64))
    task = ProcessOne(process, run.init, console, lambda: _mount_disk(info))
    enter_first_task(process, task)
    task.start()
    scheduler.make_runnable(task)
    _threads.append(deferred.start(KERNEL_THREAD))
    scheduler.start()


def _choose_log_level(command_line: bytes) -> None:
    """`loglevel=`: how much of the log goes to the debug channel."""
    for word in command_line.split(b" "):
        match word:
            case b"loglevel=debug":
                log.set_console_level(log.Level.DEBUG)
            case b"loglevel=info":
                log.set_console_level(log.Level.INFO)
            case b"loglevel=warn":
                log.set_console_level(log.Level.WARNING)
            case b"loglevel=error":
                log.set_console_level(log.Level.ERROR)


def _start_devices(info: BootInfo) -> Uart:
    if info.plic_base != 0:
        irq.install(Plic(info.plic_base, info.plic_context))
    if info.rtc_base != 0:
        chip = RealTimeClock(info.rtc_base)
        clock.set_realtime_ns(chip.read_ns())
        announce_clock(chip)
    uart = Uart(info.uart_base)
    irq.register(info.uart_irq, uart)
    devices.start(info)
    _threads.append(network.start(KERNEL_THREAD, info.command_line))
    return uart


def _populate(initrd: MemoryRange | None) -> Inode:
    """The root file system, from the boot image."""
    if initrd is None:
        _give_up("there is no boot image (-initrd)")
    if initrd.base < pages.early_end():
        _give_up("the machine has too little memory: its boot image and the kernel overlap")
    root = new_tmpfs(max_pages=frames.total_frames() // 2, mode=0o755)
    entries = initramfs.populate(root, initrd.base, initrd.size)
    log.info(f"root: {entries} files, {initrd.size // 1024} KiB")
    return root


def _read_run_file(root: Inode) -> runfile.RunFile:
    return runfile.parse(_settings(root, b"run"))


def _settings(root: Inode, name: bytes) -> bytes:
    """What a file in /scarlet of the boot image says."""
    try:
        return initramfs.read_whole(root.lookup(b"scarlet").lookup(name))
    except Errno as error:
        _give_up(f"the boot image is not one of `scarlet run`: /scarlet/{name.decode()}: {error}")


def _announce(info: BootInfo) -> None:
    """The devices and kinds of file systems there are, and what /proc shows of the other parts."""
    devfs.announce_memory_devices()
    filesystems.announce(b"tmpfs", mount_tmpfs)
    filesystems.announce(b"devtmpfs", devfs.mount_devfs)
    filesystems.announce(b"proc", mount_procfs)
    filesystems.announce(b"sysfs", mount_sysfs)
    filesystems.announce(b"overlay", mount_overlay)
    socketfiles.announce()
    unix.start()
    netlink.start()
    filesystems.announce_on_disk(xv6fs.NAME, xv6fs.mount_image)
    ext.announce()
    filesystems.announce_on_disk(iso9660.NAME, iso9660.mount_image)
    filesystems.announce_on_disk(fat.NAME, fat.mount_image)
    command_line = info.command_line + b"\n"
    add_file(b"cmdline", lambda: command_line)
    add_file(b"scarlet/calls", counts_text)


def _first_view(root: Inode) -> View:
    """What process 1 sees."""
    return views.start(root, views.parse(_settings(root, b"views")))


def _mount_disk(info: BootInfo) -> None:
    """`home=`: the disk that keeps /home and /data. It was asked for, so its lack is an error; the machine runs without it."""
    blockdevices.scan()
    for word in info.command_line.split(b" "):
        if word.startswith(HOME):
            keeping.mount(word[len(HOME) :])
    before_off.append(keeping.shut_down)


def _give_up(reason: str) -> NoReturn:
    log.fatal(reason)
    power.exit(FAILED_TO_BOOT)


if __name__ == "__main__":
    main()
