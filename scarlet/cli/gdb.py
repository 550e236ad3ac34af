"""`scarlet gdb`: the machine, stopped at its first instruction, with gdb attached and set up for the kernel's Python source.

QEMU waits on a socket in a private folder; the UART is a pseudo-terminal of its own, because gdb needs this one.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from scarlet.cli import choosing, console, display, kernel, qemu, run, terminal
from scarlet.cli.errors import UserError
from scarlet.cli.hardware import STREAMS
from scarlet.cli.paths import ROOT
from scarlet.cli.run import Options

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
    debugger = find()
    memory_mib, extra = qemu.parse_memory(options.memory), qemu.parse_extra(options.qemu)
    with contextlib.ExitStack() as held:
        hardware = choosing.chosen(options, run.place(options, held))
        boot_image = run.prepare(options)
        qemu.check_room(len(boot_image), memory_mib)
        elf = kernel.ensure()
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="scarlet-")))
        (folder / "initrd").write_bytes(boot_image)
        machine = qemu.Machine(elf, folder / "initrd", options.command_line(hardware), memory_mib, options.harts, hardware, extra)
        return _attach(debugger, machine, folder)


def _attach(debugger: str, machine: qemu.Machine, folder: Path) -> int:
    """Start the machine, which waits on a socket in the folder, and gdb on it."""
    settings = folder / "gdbinit"
    settings.write_text(SETTINGS.format(root=ROOT, socket=folder / "gdb"))
    socket = f"socket,id=gdb,path={qemu.quoted(str(folder / 'gdb'))},server=on,wait=off"
    command = [
        *qemu.command(machine, str(folder / "log"), f"pty,id={STREAMS}"), "-chardev", socket, "-gdb", "chardev:gdb", "-S",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=qemu.die_with(os.getpid()))  # fmt: skip
    try:
        where = _terminal(process)
        console.say(
            f"scarlet: the machine's terminal is {where} (for instance: screen {where}), its log {folder / 'log'}; `continue` starts it"
        )
        if machine.hardware.display is not None:
            display.announce(machine.hardware.display)
        signal.signal(signal.SIGINT, lambda _number, _frame: None)  # Ctrl-C is gdb's: it stops the machine
        with terminal.kept():
            return subprocess.run([debugger, "-q", "-x", str(settings), str(machine.kernel)]).returncode
    finally:
        process.kill()
        process.wait()


def _terminal(process: "subprocess.Popen[str]") -> str:
    """The pseudo-terminal that QEMU has opened: "char device redirected to /dev/pts/N (label streams)". UserError when it ends instead."""
    assert process.stdout is not None
    for line in process.stdout:
        if names := [word for word in line.split() if word.startswith("/dev/")]:
            return names[0]
    raise UserError("QEMU did not start (its words are above)")
