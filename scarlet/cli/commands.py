"""The `scarlet` command line: its commands and their options. What they do is elsewhere, imported when it is needed."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

ABOUT = "A kernel written in typed Python: build it, run programs on it, look into it."
app = typer.Typer(name="scarlet", help=ABOUT, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
abi = typer.Typer(help="The ABIs that Scarlet understands.", no_args_is_help=True)
app.add_typer(abi, name="abi")
disks = typer.Typer(help="Images of file systems.", no_args_is_help=True)
app.add_typer(disks, name="disk")

Command = Annotated[list[str] | None, typer.Argument(help="The program and its arguments; none: an interactive shell.", show_default=False)]
Add = Annotated[
    list[str], typer.Option("--add", metavar="HOST:GUEST", help="Put a file or folder where the program sees GUEST (repeatable).")
]
Environment = Annotated[list[str], typer.Option("--env", metavar="NAME=VALUE", help="Set a variable of the program (repeatable).")]
Memory = Annotated[str, typer.Option(metavar="SIZE", help="The machine's memory: 64M, 1G.")]
Harts = Annotated[int, typer.Option("--smp", min=1, max=8, help="Number of harts.")]
Cwd = Annotated[str, typer.Option(metavar="DIR", help="The program's working directory (default: home).", show_default=False)]
ShellName = Annotated[str, typer.Option("--shell", metavar="busybox|native|xv6", help="Whose shell; a program is seen as by this one.")]
Qemu = Annotated[str, typer.Option("--qemu", metavar="ARGS", help="More arguments for QEMU, in one string.")]
Strace = Annotated[bool, typer.Option("--strace", help="Print every system call to standard error.")]
Log = Annotated[bool, typer.Option("--log", help="Print the kernel's log to standard error.")]
Xv6 = Annotated[
    Path | None,
    typer.Option(metavar="IMAGE", help="The root of xv6 programs: a file system of xv6's mkfs (fs.img), of which the run gets a copy."),
]
Disk = Annotated[
    Path | None,
    typer.Option(metavar="IMAGE", help="The disk that keeps /home and /data from run to run; made on first use.", show_default=False),
]
Drive = Annotated[list[str], typer.Option("--drive", metavar="IMAGE[:ro]", help="One more disk, /dev/vd..., as it is (repeatable).")]
Net = Annotated[
    str | None,
    typer.Option(metavar="user|none", help="The network of the machine's card (default: user; none with --hosted).", show_default=False),
]
Forward = Annotated[
    list[str],
    typer.Option("--forward", metavar="HOST:GUEST/udp", help="Let a port of this host lead to one of the machine (repeatable)."),
]
Display = Annotated[
    str | None,
    typer.Option(metavar="auto|gtk|sdl|none", help="Give the machine a screen and a keyboard, in such a window.", show_default=False),
]
Vnc = Annotated[
    str | None, typer.Option(metavar="[:N]", help="Show the screen by VNC, on port 5900 + N of this machine.", show_default=False)
]
Headless = Annotated[bool, typer.Option("--headless", help="A screen that is shown nowhere (scarlet screenshot sees it).")]
RUN_SETTINGS = {"allow_interspersed_args": False}


@app.command("run", context_settings=RUN_SETTINGS)
def run_command(
    command: Command = None,
    add: Add = [],  # noqa: B006
    memory: Memory = "256M",
    smp: Harts = 1,
    timeout: Annotated[float | None, typer.Option(help="Stop the machine after so many seconds (status 124).", show_default=False)] = None,
    strace: Strace = False,
    log: Log = False,
    hosted: Annotated[bool, typer.Option("--hosted", help="Run the kernel under CPython instead of QEMU.")] = False,
    seed: Annotated[int | None, typer.Option(help="With --hosted: the seed of all entropy.", show_default=False)] = None,
    env: Environment = [],  # noqa: B006
    cwd: Cwd = "",
    shell: ShellName = "busybox",
    tty: Annotated[
        bool | None,
        typer.Option("--tty/--no-tty", help="Give the program a terminal (default: when it is run on one).", show_default=False),
    ] = None,
    xv6: Xv6 = None,
    disk: Disk = None,
    drive: Drive = [],  # noqa: B006
    net: Net = None,
    forward: Forward = [],  # noqa: B006
    display: Display = None,
    vnc: Vnc = None,
    headless: Headless = False,
    screenshot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Save the last picture of the screen when the run ends.", show_default=False)
    ] = None,
    doom: Annotated[bool, typer.Option("--doom", help="Play DOOM (Freedoom); what is after -- are its options.")] = False,
    wad: Annotated[Path | None, typer.Option(metavar="FILE", help="With --doom: the levels to play.", show_default=False)] = None,
    qemu: Qemu = "",
) -> None:
    """Run a program on Scarlet: its output is the output, its exit status the exit status (128 + signal when killed).

    Without a program: an interactive shell; `poweroff` or Ctrl-A X leaves it.
    """
    from scarlet.cli import run
    from scarlet.cli.display import Choice

    choice = Choice(display, vnc, headless, needed=doom or screenshot is not None, watched=doom)
    options = run.Options(
        command=command or [], add=add, environment=env, memory=memory, harts=smp, timeout=timeout, cwd=cwd, shell=shell,
        qemu=qemu, strace=strace, hosted=hosted, log=log, terminal=tty, seed=seed, xv6=xv6,
        disk=disk, drives=drive, net=net, forward=forward, screen=choice, doom=doom, wad=wad, screenshot=screenshot,
    )  # fmt: skip
    raise SystemExit(run.run(options))


@app.command("screenshot")
def screenshot_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.png", help="Where the picture goes.")],
    machine: Annotated[int | None, typer.Option(help="Which machine, when several with a display run.", show_default=False)] = None,
) -> None:
    """Save what the screen of a running machine shows."""
    from scarlet.cli import screenshot

    raise SystemExit(screenshot.take(file, machine))


@app.command("build")
def build_command(
    update_packages: Annotated[bool, typer.Option("--update-packages", help="Take the newest Debian packages and pin them.")] = False,
) -> None:
    """Compile the kernel and build the boot image, if they are not up to date."""
    from scarlet.cli import console, image, kernel, paths

    archive = image.base_archive(update_packages=update_packages)
    elf = kernel.ensure()
    name = elf.relative_to(paths.ROOT) if elf.is_relative_to(paths.ROOT) else elf
    console.say(f"kernel {name} {elf.stat().st_size // 1024} KiB, image {len(archive) // 1024} KiB")


@app.command("gdb", context_settings=RUN_SETTINGS)
def gdb_command(
    command: Command = None,
    add: Add = [],  # noqa: B006
    memory: Memory = "256M",
    smp: Harts = 1,
    strace: Annotated[bool, typer.Option("--strace", help="Write every system call into the log.")] = False,
    env: Environment = [],  # noqa: B006
    cwd: Cwd = "",
    shell: ShellName = "busybox",
    xv6: Xv6 = None,
    disk: Disk = None,
    drive: Drive = [],  # noqa: B006
    net: Net = None,
    forward: Forward = [],  # noqa: B006
    display: Display = None,
    vnc: Vnc = None,
    headless: Headless = False,
    qemu: Qemu = "",
) -> None:
    """Start the machine stopped, with gdb attached: Python files, lines and locals.

    The machine's terminal and its log are elsewhere; it says where.
    """
    from scarlet.cli import gdb, run
    from scarlet.cli.display import Choice

    screen = Choice(display, vnc, headless)
    options = run.Options(
        command=command or [], add=add, environment=env, memory=memory, harts=smp, cwd=cwd, shell=shell, qemu=qemu, strace=strace,
        log=True, terminal=None if screen.wanted and not command else True, xv6=xv6, disk=disk, drives=drive, net=net, forward=forward,
        screen=screen,
    )  # fmt: skip
    raise SystemExit(gdb.debug(options))


@app.command("doctor")
def doctor_command() -> None:
    """Say what is missing on this machine and how to get it."""
    from scarlet.cli import doctor

    raise SystemExit(doctor.examine())


@app.command("inspect")
def inspect_command(
    file: Annotated[str, typer.Argument(help="A program, a script or anything else.")],
    in_image: Annotated[bool, typer.Option("--image", help="FILE is a path in the boot image, not on this host.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as data.")] = False,
) -> None:
    """Say which ABI module takes a file, and why: what each found for and against it.

    Status 0 when one takes it, 1 when none does, 2 when it cannot be read.
    """
    from scarlet.cli import inspect

    raise SystemExit(inspect.run(inspect.Options(file, in_image=in_image, as_json=as_json)))


@abi.command("list")
def abi_list_command() -> None:
    """The ABIs that the next build links: Scarlet's own, and those of installed packages."""
    from scarlet.cli import abis

    abis.list_all()


@abi.command("show")
def abi_show_command(name: Annotated[str, typer.Argument(help="An ABI's name or the beginning of it: linux.")]) -> None:
    """The system calls of an ABI, from the code that implements them."""
    from scarlet.cli import abis

    abis.show(name)


@abi.command("new")
def abi_new_command(
    name: Annotated[str, typer.Argument(help="The ABI: small letters, digits and hyphens.")],
    folder: Annotated[Path | None, typer.Option(help="Where the project goes (default: a folder of its name).", show_default=False)] = None,
) -> None:
    """Write the project of a new ABI: a few calls, and a test that passes. docs/writing-an-abi.md explains it."""
    from scarlet.cli import console, skeleton

    place = folder or Path(name)
    skeleton.create(name, place)
    quoted = shlex.quote(str(place))
    console.say(f"scarlet: next, pip install -e {quoted} and pytest {quoted}")


@abi.command("generate")
def abi_generate_command(
    what: Annotated[
        str | None, typer.Argument(help="An ABI, or the folder of its project (default: every ABI there is).", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale (exit status 1).")] = False,
) -> None:
    """Write the files that follow from the declarations of system calls."""
    from scarlet.cli import generate

    raise SystemExit(generate.generate(what, check=check))


@disks.command("create")
def disk_create_command(
    image: Annotated[Path, typer.Argument(help="The file to make.")],
    size: Annotated[str, typer.Option(metavar="SIZE", help="How large: 64M, 1G. It takes room only as it is written to.")] = "1G",
    fs: Annotated[str, typer.Option("--fs", metavar="ext4|ext3|ext2|xv6", help="The kind of file system.")] = "ext4",
) -> None:
    """Make the image of a disk with an empty file system, for scarlet run --disk."""
    from scarlet.cli import disk

    raise SystemExit(disk.create(image, size, fs))


@disks.command("check")
def disk_check_command(image: Annotated[Path, typer.Argument(help="The image: ext2, ext3, ext4, xv6 or iso9660.")]) -> None:
    """Say whether the file system in an image is sound (exit status 0) or what is wrong with it (1). Nothing is changed."""
    from scarlet.cli import disk

    raise SystemExit(disk.check(image))


def _with_values(words: list[str]) -> list[str]:
    """--vnc may stand without its value."""
    if "--vnc" in words and (place := words.index("--vnc")) < (words.index("--") if "--" in words else len(words)):
        if not words[place + 1 : place + 2] or not words[place + 1].startswith(":"):
            words = [*words[: place + 1], ":auto", *words[place + 1 :]]
    return words


def run_command_line() -> None:
    """Do what the arguments of the process say; SystemExit when that is done."""
    app(_with_values(sys.argv[1:]), prog_name="scarlet")
