"""Disks on the host: made by mke2fs, repaired and read by e2fsck and debugfs, never by the kernel under test."""

import shutil
import subprocess
from pathlib import Path

from scarlet.cli import diskimage
from scarlet.cli.diskimage import Kind

SIZE = 96 << 20
REPAIRED = 1
"""A bit of e2fsck's status: it changed something, if only the journal's content into the tree's."""


class Damaged(AssertionError):
    """The file system was not as it must be."""


def make(path: Path, kind: Kind = Kind.EXT4) -> None:
    """A new disk."""
    path.unlink(missing_ok=True)
    diskimage.create(path, SIZE, kind)


def after_replay(image: Path, scratch: Path) -> Path:
    """A copy of a disk with its journal replayed; Damaged when more than that was to be done."""
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(image), str(scratch)], check=True)
    replayed = _fsck("-E", "journal_only", "-y", str(scratch))
    if replayed.returncode & ~REPAIRED:
        raise Damaged(f"the journal cannot be replayed:\n{replayed.stdout}")
    require_sound(scratch)
    return scratch


def require_sound(image: Path) -> None:
    """Damaged unless e2fsck finds nothing to complain of."""
    checked = _fsck("-fn", str(image))
    if checked.returncode:
        raise Damaged(f"not sound:\n{checked.stdout}")


def _fsck(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([diskimage.tool("e2fsck"), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def folder(image: Path, path: str, scratch: Path) -> dict[str, bytes]:
    """The files of a folder on a disk, empty when there is no such folder."""
    target = scratch / "dump"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    command = [diskimage.tool("debugfs"), "-R", f"rdump {path} {target}", str(image)]
    subprocess.run(command, capture_output=True, check=True)
    top = target / Path(path).name
    return {file.name: file.read_bytes() for file in top.iterdir() if file.is_file() and not file.is_symlink()} if top.is_dir() else {}
