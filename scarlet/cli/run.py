"""`scarlet run`: one machine, one program, its exit status."""

import contextlib
import os
import posixpath
import signal
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scarlet.cli import (
    additions,
    choosing,
    display,
    image,
    kernel,
    program,
    qemu,
    runfile,
    shells,
    terminal,
    views,
    window,
)
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.hardware import Hardware
from scarlet.cli.paths import VIEWS
from scarlet.cli.runfile import RunFile
from scarlet.cli.transport import Transport

if TYPE_CHECKING:
    from scarlet.cli import running

XV6_DISK = "/scarlet/xv6.img"
SHORTEST_S = 0.001
LONGEST_S = 1_000_000
"""Eleven days."""


@dataclass(frozen=True)
class Options:
    """What the user asked for; `terminal` None means: if the host's standard streams are one."""

    command: list[str] = field(default_factory=list)
    add: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    memory: str = "256M"
    harts: int = 1
    timeout: float | None = None
    cwd: str = ""
    """Empty: where the shell's user begins."""
    shell: str = shells.USUAL
    qemu: str = ""
    strace: bool = False
    hosted: bool = False
    log: bool = False
    terminal: bool | None = None
    seed: int | None = None
    xv6: Path | None = None
    """The image of an xv6 file system that becomes the root of xv6 programs."""

    disk: Path | None = None
    """What keeps /home and /data."""
    drives: list[str] = field(default_factory=list)
    """Further disks, FILE or FILE:ro."""
    net: str | None = None
    """The network the machine is in; None: the usual one."""
    forward: list[str] = field(default_factory=list)
    screen: display.Choice = field(default_factory=display.Choice)
    """Where the screen is to be shown, if there is to be one."""
    doom: bool = False
    wad: Path | None = None
    screenshot: Path | None = None
    """Where the last picture of the screen goes."""

    @property
    def on_terminal(self) -> bool:
        """Whether the program gets a terminal on the host's."""
        if self.on_screen:
            return False
        return terminal.is_interactive() if self.terminal is None else self.terminal

    @property
    def on_screen(self) -> bool:
        """Whether the shell is on the machine's own screen, with the keys of its keyboard."""
        return self.screen.wanted and not self.command and not self.doom and not self.terminal

    def command_line(self, hardware: Hardware | None = None) -> str:
        """The kernel's."""
        words = ["log=semihosting", f"loglevel={'debug' if self.log else 'error'}", *(hardware.command_line if hardware else [])]
        return " ".join(words)


def run(options: Options) -> int:
    """Build what is missing, run, and give the program's exit status (128 + signal when it was killed)."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # the machine's streams may end before we do
    memory_mib = qemu.parse_memory(options.memory)
    extra = qemu.parse_extra(options.qemu)
    if options.timeout is not None and not SHORTEST_S <= options.timeout <= LONGEST_S:
        raise UserError(f"--timeout {options.timeout:g}: write seconds, from {SHORTEST_S} to {LONGEST_S}", Status.USAGE)
    if options.seed is not None and not options.hosted:
        raise UserError("--seed goes with --hosted: QEMU's machine has entropy of its own", Status.USAGE)
    if options.terminal and not terminal.is_interactive():
        raise UserError("--tty: standard input and output are not a terminal", Status.USAGE)
    _check_display(options)
    if options.doom:
        from scarlet.cli import doom

        options = replace(options, command=doom.command(options.command), terminal=False)
    with contextlib.ExitStack() as held:
        where = place(options, held)
        sizes = held.enter_context(window.reports()) if options.on_terminal else None
        return _run(options, memory_mib, choosing.chosen(options, where, sizes), extra)


def place(options: Options, held: contextlib.ExitStack) -> "running.Place | None":
    """By which others find a machine with a screen, as long as it is held."""
    if not options.screen.wanted or options.hosted:
        return None
    from scarlet.cli import running

    return held.enter_context(running.taken("DOOM" if options.doom else " ".join(options.command) or "a shell"))


def _check_display(options: Options) -> None:
    if options.wad is not None and not options.doom:
        raise UserError("--wad goes with --doom", Status.USAGE)
    if options.doom and options.hosted:
        raise UserError("--doom needs QEMU: the hosted machine is too slow for it", Status.USAGE)
    if options.screenshot is not None:
        from scarlet.cli import screenshot

        screenshot.check(options.screenshot)


def _run(options: Options, memory_mib: int, hardware: Hardware, extra: list[str]) -> int:
    if options.hosted:
        return _run_hosted(options, memory_mib, hardware, extra)
    qemu.find()
    boot_image = prepare(options)
    qemu.check_room(len(boot_image), memory_mib)
    elf = kernel.ensure()
    descriptor = os.memfd_create("initrd")
    try:
        with open(descriptor, "wb", closefd=False) as stream:
            stream.write(boot_image)
        initrd = Path(f"/proc/self/fd/{descriptor}")
        machine = qemu.Machine(elf, initrd, options.command_line(hardware), memory_mib, options.harts, hardware, extra)
        return _carry(machine, options, descriptor)
    finally:
        os.close(descriptor)


def _carry(machine: qemu.Machine, options: Options, descriptor: int) -> int:
    sizes = machine.hardware.window
    inherited = [descriptor] if sizes is None else [descriptor, sizes]
    if options.screenshot is None:
        return _carry_streams(Transport(machine, *inherited), machine, options)
    from scarlet.cli.lastpicture import LastPicture

    shown = machine.hardware.display
    last = LastPicture(options.screenshot, window=shown is not None and shown.in_window)
    try:
        return _carry_streams(Transport(last.added_to(machine), *inherited, last.descriptor, witness=last), machine, options)
    finally:
        last.report()


def _carry_streams(transport: Transport, machine: qemu.Machine, options: Options) -> int:
    if machine.hardware.display is not None:
        display.announce(machine.hardware.display)
    if options.on_screen:  # whoever uses the machine has its own keyboard; its serial port is a line that nobody need be at
        return transport.run(terminal_keys=lambda typed: typed, timeout=options.timeout, hangs_up=False)
    if not options.on_terminal:
        return transport.run(terminal_keys=None, timeout=options.timeout)
    keys = terminal.Keys(leave=lambda: transport.stop(Status.LEFT))
    with terminal.raw():
        return transport.run(terminal_keys=keys.feed, timeout=options.timeout)


def _run_hosted(options: Options, memory_mib: int, hardware: Hardware, extra: list[str]) -> int:
    from scarlet.cli import hosted  # needs the extra packages, and a moment

    if extra:
        raise UserError("--qemu has no meaning with --hosted", Status.USAGE)
    if options.harts != 1:
        raise UserError("--smp: the hosted machine has one hart", Status.USAGE)
    if options.on_screen:
        raise UserError("--hosted: nobody could type at the shell on the machine's screen; give a program, or --tty", Status.USAGE)
    return hosted.run(options, prepare(options), memory_mib, hardware)


def prepare(options: Options) -> bytes:
    """The boot image of this run: the base, --add, and the run file. UserError if the program cannot run on it."""
    base = image.base_archive()
    shell = shells.named(options.shell)
    recipe = views.read(VIEWS).of(shell.view)
    added = list(additions.entries(options.add))
    if options.doom:
        from scarlet.cli import doom

        added += doom.additions(options.wad)
    disk = _xv6_disk(options.xv6)
    seen = image.with_additions(base, added, recipe, disk=disk).seen
    environment = _environment(options, shell)
    cwd = seen.locate(options.cwd or shell.cwd)
    entry = seen.find(cwd)
    if entry is None and options.disk is None or entry is not None and not entry.is_directory:
        raise UserError(f"--cwd {options.cwd}: there is no such directory in the image", Status.USAGE)
    path = shell.path
    if options.disk is not None and options.command and "/" in options.command[0]:
        path = posixpath.join(cwd, options.command[0])  # what is on the disk only the machine knows
        if seen.find(path) is not None:
            program.check(seen, path)
    else:
        if options.command:
            path = program.locate(seen, options.command[0], environment["PATH"], cwd)
        program.check(seen, path)
    on_terminal = options.on_terminal
    rows, columns = window.measure()[:2] if on_terminal else (0, 0)
    arguments = options.command or list(shell.arguments)
    record = RunFile(
        path, arguments, environment, cwd, on_terminal, options.strace, rows, columns, on_terminal, shell.view, screen=options.on_screen
    )  # fmt: skip
    own = [Entry(runfile.PATH, stat.S_IFREG | 0o400, record.encode())]
    if options.xv6 is not None:
        own += _xv6_files(options.xv6)
    return image.with_additions(base, added, recipe, own, disk).archive


def _xv6_disk(path: Path | None) -> image.Mounted | None:
    """The root of xv6 programs, if the user has one."""
    if path is None:
        return None
    from scarlet.cli import xv6disk  # needs parts of the kernel, and a moment

    folder = views.root_of(views.XV6)
    return image.Mounted(folder, tuple(xv6disk.entries(path, folder)))


def _xv6_files(path: Path) -> list[Entry]:
    """The files of the base that make an image the root of xv6 programs: itself, and the recipes that say so."""
    from scarlet.cli import xv6disk

    data = xv6disk.read(path)
    recipes = views.read(VIEWS).with_disk(views.XV6, "xv6fs", XV6_DISK).encode()
    return [Entry(XV6_DISK, stat.S_IFREG | 0o600, data), Entry(views.RECORDS, stat.S_IFREG | 0o444, recipes)]


def _environment(options: Options, shell: shells.Shell) -> dict[str, str]:
    environment = {"PATH": shell.search_path, "HOME": shell.home, "USER": "root", "LOGNAME": "root", "SHELL": shell.path}
    if options.on_screen:
        environment["TERM"] = "linux"
    if options.on_terminal:
        environment["TERM"] = os.environ.get("TERM", "linux")
    for setting in options.environment:
        name, equals, value = setting.partition("=")
        if not name or not equals:
            raise UserError(f"--env {setting}: write NAME=VALUE", Status.USAGE)
        environment[name] = value
    return environment
