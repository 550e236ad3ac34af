"""Where things are: the checkout, what is built from it, and what was fetched."""

import os
from pathlib import Path

from scarlet.cli.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
MANIFEST = ROOT / "initramfs" / "manifest.toml"
VIEWS = ROOT / "initramfs" / "views.toml"
PACKAGE_LOCK = ROOT / "initramfs" / "packages.lock"
KERNEL = BUILD / "scarlet.elf"
KERNEL_FOLDERS = ("scarlet", "objects", "vfs", "net", "drivers", "executor", "abi_modules")


def cache() -> Path:
    """Downloads, shared by every checkout of this user; removing it costs only time."""
    folder = os.environ.get("SCARLET_CACHE")
    if folder:
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scarlet"


def require_checkout() -> None:
    """The kernel is compiled from its source, so the command needs the checkout and not only the installed packages."""
    if not MANIFEST.is_file():
        raise UserError(f"{MANIFEST} is missing; run scarlet from a checkout (scripts/setup installs it there)")


def write_atomically(path: Path, data: bytes) -> None:
    """Whoever reads the file sees the old content or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
