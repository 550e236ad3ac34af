"""`scarlet run --doom`: DOOM, built from sources that others publish, with a screen and keys of ours (initramfs/ports/doom).

Nothing of it is in the repository or in the boot image: the sources come from a Python distribution that carries them, through the user's
own pip; the level data from a Debian package. Both are pinned and kept in the cache, and so is the program, so that only the first start
takes time.
"""

import hashlib
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from scarlet.cli import packages
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import ROOT, cache, write_atomically

SOURCES = "cydoomgeneric"
VERSION = "0.1.0"
SHA256 = "b6d59939d06354f8afb61dcb760bf856423b308c7ae0c0f9781fbd174b2b0d72"
PORT = ROOT / "initramfs" / "ports" / "doom"
REPLACED = ("i_video.c",)
"""Parts of the sources for which the port has its own."""
FLAGS = [
    "-target", "riscv64-linux-musl", "-static", "-O2", "-s", "-w", "-fno-sanitize=all", "-fno-strict-aliasing",
    "-DNORMALUNIX", "-DLINUX", "-D_DEFAULT_SOURCE",
]  # fmt: skip

WAD_PACKAGE = "freedoom"
WAD_MEMBER = "*/games/doom/freedoom1.wad"
WAD_MAGIC = b"IWAD"
PATCH_MAGIC = b"PWAD"
"""Levels that change some of a game's."""

PROGRAM_PLACE = "/bin/doom"
WAD_PLACE = "/usr/share/doom/doom.wad"


def additions(wad: Path | None) -> list[Entry]:
    """What a run of DOOM has beside the usual image. With a progress display of its own when something has to be fetched or built."""
    data = _own_wad(wad) if wad is not None else None
    steps: list[tuple[str, Callable[[], object]]] = []
    if not archive_path().exists() and not program_path().exists():
        steps.append((f"fetching the sources of DOOM ({SOURCES} {VERSION}, 0.4 MB, by pip)", fetch_sources))
    if not program_path().exists():
        steps.append(("compiling DOOM (the first program of its kind takes a minute more: the C library)", build))
    if data is None and not wad_path().exists():
        steps.append((f"fetching the levels ({WAD_PACKAGE}, 18 MB, a package of Debian)", fetch_wad))
    _carry_out(steps)
    return [
        Entry(PROGRAM_PLACE, stat.S_IFREG | 0o755, program_path().read_bytes()),
        Entry(WAD_PLACE, stat.S_IFREG | 0o444, data or wad_path().read_bytes()),
    ]


def command(arguments: list[str]) -> list[str]:
    """The program and its arguments: those of the user come last."""
    return [PROGRAM_PLACE, "-iwad", WAD_PLACE, *arguments]


def _carry_out(steps: list[tuple[str, Callable[[], object]]]) -> None:
    if not steps:
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    terminal = sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=not terminal, transient=True) as progress:
        task = progress.add_task("", total=len(steps))
        for words, step in steps:
            progress.update(task, description=words)
            if not terminal:
                print(f"scarlet: {words}", file=sys.stderr, flush=True)
            step()
            progress.advance(task)


# The sources


def archive_path() -> Path:
    return cache() / "ports" / f"{SOURCES}-{VERSION}.tar.gz"


def fetch_sources() -> Path:
    """The archive of the sources, from the cache or by pip."""
    path = archive_path()
    if path.exists() and _sha256(path) == SHA256:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(f"{SOURCES}=={VERSION} --hash=sha256:{SHA256}\n")
        arguments = ["--no-deps", "--no-binary", SOURCES, "--require-hashes", "--dest", scratch, "-r", str(wanted)]
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        found = Path(scratch) / path.name
        if done.returncode or not found.exists():
            words = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines() or ["failed"]
            raise UserError(f"pip download {SOURCES}: {words[-1].removeprefix('ERROR: ')}")
        found.rename(path)
    return path


# The program


def program_path() -> Path:
    """Where the program is, once it is built: the name says from what."""
    key = hashlib.sha256(" ".join([SHA256, *FLAGS, *REPLACED]).encode())
    for path in sorted(PORT.iterdir()):
        key.update(path.name.encode() + b"\0" + path.read_bytes())
    return cache() / "ports" / f"doom-{key.hexdigest()[:16]}"


def build() -> Path:
    """The program, compiled if it is not there: a static program for riscv64 Linux."""
    target = program_path()
    if target.exists():
        return target
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR", str(cache() / "zig"))}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with tarfile.open(fetch_sources()) as archive:
            for member in archive:
                name = Path(member.name).name
                if Path(member.name).parent.name == "doomgeneric" and (stream := archive.extractfile(member)) is not None:
                    (folder / name).write_bytes(stream.read())
        files = [path for path in sorted(folder.glob("*.c")) if path.name not in REPLACED]
        out = Path(scratch) / "doom"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, f"-I{folder}", f"-I{PORT}", "-o", str(out)]
        done = subprocess.run(
            [*command, *map(str, files), *map(str, sorted(PORT.glob("*.c")))], env=environment, capture_output=True, text=True
        )  # fmt: skip
        if done.returncode:
            raise UserError(f"DOOM does not compile: {(done.stderr.strip().splitlines() or ['no reason given'])[0]}")
        write_atomically(target, out.read_bytes())
        target.chmod(0o755)
    return target


# The levels


def wad_path() -> Path:
    pin = packages.read_lock().get(WAD_PACKAGE)
    return cache() / "ports" / f"freedoom1-{pin.version if pin else 'newest'}.wad"


def fetch_wad() -> Path:
    """The levels of Freedoom, from the cache or from Debian's package."""
    path = wad_path()
    if not path.exists():
        (_member, data) = packages.extract(packages.fetch(WAD_PACKAGE, quiet=True), {"wad": WAD_MEMBER})["wad"]
        write_atomically(path, data)
    return path


def _own_wad(path: Path) -> bytes:
    """The user's own levels."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"--wad {path}: {(error.strerror or 'cannot be read').lower()}", Status.USAGE) from None
    if data[:4] == PATCH_MAGIC:
        hint = f"play it with --add {path}:/patch.wad -- -file /patch.wad"
        raise UserError(f"--wad {path}: this is a patch for a game's levels (PWAD), no game (IWAD); {hint}", Status.USAGE)
    if data[:4] != WAD_MAGIC:
        raise UserError(f"--wad {path}: this is no WAD file", Status.USAGE)
    return data


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
