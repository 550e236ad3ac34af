"""`scarlet gdb`: the machine, stopped at its first instruction, with gdb attached and set up for the kernel's Python source.

QEMU waits on a socket in a private folder; the UART is a pseudo-terminal of its own, because gdb needs this one.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from scarlet.cli import console, kernel, qemu, terminal
from scarlet.cli.errors import UserError
from scarlet.cli.paths import ROOT
from scarlet.cli.run import Options, prepare

SETTINGS = """\
set architecture riscv:rv64
set confirm off
set pagination off
set print pretty on
set history save off
directory {root}
target remote {socket}
"""


def find() -> str:
    """A gdb that knows RISC-V, or how to get one."""
    for name in ("gdb-multiarch", "riscv64-unknown-elf-gdb", "riscv64-linux-gnu-gdb"):
        if path := shutil.which(name):
            return path
    raise UserError("gdb-multiarch is missing; it comes with Debian's package of that name (apt-get install gdb-multiarch)")


def debug(options: Options) -> int:
    """Run gdb in this terminal until the user leaves it; the machine ends with it."""
    debugger, emulator = find(), qemu.find()
    elf = kernel.ensure()
    with tempfile.TemporaryDirectory(prefix="scarlet-") as scratch:
        folder = Path(scratch)
        (folder / "initrd").write_bytes(prepare(options))
        settings = folder / "gdbinit"
        settings.write_text(SETTINGS.format(root=ROOT, socket=folder / "gdb"))
        command = [
            emulator, "-machine", "virt", "-m", f"{qemu.parse_memory(options.memory)}M", "-nodefaults", "-display", "none", "-no-reboot",
            "-global", "virtio-mmio.force-legacy=false", "-serial", "pty",
            "-chardev", f"file,id=log,path={folder / 'log'}", "-semihosting-config", "enable=on,target=native,chardev=log",
            "-chardev", f"socket,id=gdb,path={folder / 'gdb'},server=on,wait=off", "-gdb", "chardev:gdb", "-S",
            "-kernel", str(elf), "-initrd", str(folder / "initrd"), "-append", options.command_line(), *qemu.parse_extra(options.qemu),
        ]  # fmt: skip
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True,
                                   preexec_fn=qemu.die_with(os.getpid()))  # fmt: skip
        try:
            assert machine.stdout is not None
            line = machine.stdout.readline()  # "char device redirected to /dev/pts/N (label serial0)"
            where = next((word for word in line.split() if word.startswith("/dev/")), None)
            if where is None:
                raise UserError(f"QEMU did not start: {line.strip() or 'see its words above'}")
            console.say(
                f"scarlet: the machine's terminal is {where} (for instance: screen {where}), its log {folder / 'log'}; `continue` starts it"
            )
            signal.signal(signal.SIGINT, lambda _number, _frame: None)  # Ctrl-C is gdb's: it stops the machine
            with terminal.kept():
                return subprocess.run([debugger, "-q", "-x", str(settings), str(elf)]).returncode
        finally:
            machine.kill()
            machine.wait()
