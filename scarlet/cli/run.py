"""`scarlet run`: one machine, one program, its exit status."""

import os
import posixpath
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scarlet.cli import (
    additions,
    console,
    diskimage,
    display,
    image,
    kernel,
    network,
    program,
    qemu,
    runfile,
    shells,
    terminal,
    units,
    views,
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
READ_ONLY = ":ro"


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
    memory_mib = qemu.parse_memory(options.memory)
    extra = qemu.parse_extra(options.qemu)
    if options.terminal and not terminal.is_interactive():
        raise UserError("--tty: standard input and output are not a terminal", Status.USAGE)
    _check_display(options)
    if options.doom:
        from scarlet.cli import doom

        options = replace(options, command=doom.command(options.command), terminal=False)
    if options.screen.wanted and not options.hosted:
        from scarlet.cli import running

        with running.taken() as place:
            return _run(options, memory_mib, chosen_hardware(options, place), extra)
    return _run(options, memory_mib, chosen_hardware(options), extra)


def _check_display(options: Options) -> None:
    if options.wad is not None and not options.doom:
        raise UserError("--wad goes with --doom", Status.USAGE)
    if options.doom and options.hosted:
        raise UserError("--doom needs QEMU: the hosted machine is too slow for it", Status.USAGE)
    if options.screenshot is not None and options.hosted:
        raise UserError("--screenshot needs QEMU", Status.USAGE)


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
    with terminal.ended_by_signals():
        transport = Transport(machine, descriptor)
        socket = machine.hardware.display.socket if machine.hardware.display is not None else None
        if options.screenshot is not None and socket is not None:
            from scarlet.cli import screenshot

            last = screenshot.LastPicture(options.screenshot, socket)
            last.start()
            transport.before_end = last.finish
        if not options.on_terminal:
            return transport.run(terminal_keys=None, timeout=options.timeout)
        keys = terminal.Keys(leave=lambda: transport.stop(Status.LEFT))
        with terminal.raw():
            return transport.run(terminal_keys=keys.feed, timeout=options.timeout)


def chosen_hardware(options: Options, place: "running.Place | None" = None) -> Hardware:
    """What the options add to the machine. The disk is made when it is not there yet. `place`: the number of a machine with a display."""
    disks: list[diskimage.DiskImage] = []
    if options.disk is not None:
        disks.append(_home_disk(options.disk))
    for drive in options.drives:
        path = Path(drive.removesuffix(READ_ONLY))
        disks.append(diskimage.open_image(path, read_only=drive.endswith(READ_ONLY)))
    screen: display.Display | None = None
    if options.hosted and options.screen.wanted:
        screen = display.Display()
    elif place is not None:
        screen = display.Display(display.where(options.screen), place.socket)
    card = network.chosen(options.net, options.forward, hosted=options.hosted)
    streams = not options.on_terminal and not options.on_screen
    return Hardware(tuple(disks), home=options.disk is not None, display=screen, network=card, streams=streams)


def _home_disk(path: Path) -> diskimage.DiskImage:
    if not path.exists() or path.is_file() and path.stat().st_size == 0:
        console.say(f"scarlet: {path} is new: {units.in_words(diskimage.USUAL_SIZE)}, {diskimage.USUAL_KIND.value}")
        diskimage.create(path)
    disk = diskimage.open_image(path)
    diskimage.require_usable(disk)
    return disk


def _run_hosted(options: Options, memory_mib: int, hardware: Hardware, extra: list[str]) -> int:
    from scarlet.cli import hosted  # needs the extra packages, and a moment

    if extra:
        raise UserError("--qemu has no meaning with --hosted", Status.USAGE)
    if options.harts != 1:
        raise UserError("--smp: the hosted machine has one hart", Status.USAGE)
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
    seen = image.with_additions(base, added, recipe).seen
    environment = _environment(options, shell)
    cwd = seen.locate(options.cwd or shell.cwd)
    entry = seen.find(cwd)
    if entry is None and options.disk is None or entry is not None and not entry.is_directory:
        raise UserError(f"--cwd {options.cwd}: there is no such directory in the image", Status.USAGE)
    path = shell.path
    if options.xv6 is not None and shell.view == views.XV6:
        path = f"/{options.command[0].lstrip('/')}" if options.command else path  # what is on the disk only the machine knows
    elif options.disk is not None and options.command and "/" in options.command[0]:
        path = posixpath.join(cwd, options.command[0])  # here too
        if seen.find(path) is not None:
            program.check(seen, path)
    else:
        if options.command:
            path = program.locate(seen, options.command[0], environment["PATH"], cwd)
        program.check(seen, path)
    on_terminal = options.on_terminal
    rows, columns = terminal.size() if on_terminal else (0, 0)
    arguments = options.command or list(shell.arguments)
    record = RunFile(path, arguments, environment, cwd, on_terminal, options.strace, rows, columns, shell.view, screen=options.on_screen)
    own = [Entry(runfile.PATH, stat.S_IFREG | 0o400, record.encode()), *_xv6_disk(options.xv6)]
    return image.with_additions(base, added, recipe, own).archive


def _xv6_disk(path: Path | None) -> list[Entry]:
    """The files of the base that make an image the root of xv6 programs: itself, and the recipes that say so."""
    if path is None:
        return []
    from scarlet.cli import xv6disk  # needs parts of the kernel, and a moment

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
