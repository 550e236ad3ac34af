"""Discs made by the real tool (xorriso), what it reads from one, and the trees they are made of."""

import functools
import os
import subprocess
import tempfile
from pathlib import Path

from tests.ext.support import Contents, contents_of_folder
from tests.hosttools import tool
from tests.vfs.support import Tree
from tests.vfs.xv6image import RamDisk
from vfs.iso9660.mount import mount_disk

KINDS = {
    "rock-ridge": ["-R"],
    "rock-ridge-and-joliet": ["-R", "-J"],
    "relocated": ["-R", "-rr_reloc_dir", "/rr_moved", "-iso-level", "2"],
    "joliet": ["-J", "--norock"],
    "plain": ["--norock"],
    "plain-long": ["--norock", "-iso-level", "3"],
}
"""Names of kinds of discs, and how xorriso is told to make them as mkisofs would."""
WITH_ROCK_RIDGE = ["rock-ridge", "rock-ridge-and-joliet", "relocated"]
MOMENT_S = 1_700_000_000


def fill(top: Path) -> None:
    """A folder with what a disc can have, all of it with known times and modes."""
    (top / "a/b/c/d/e/f/g/h/i/j").mkdir(parents=True)
    (top / "a/b/c/d/e/f/g/h/i/j/deep.txt").write_bytes(b"deep\n")
    (top / "a/b/c/d/e/f/g/h/i/elsewhere").symlink_to("j/../j/deep.txt")
    (top / "hello.txt").write_bytes(b"hello\n")
    (top / "hello.txt").chmod(0o4751)
    os.link(top / "hello.txt", top / "another name")
    (top / "A long name with Spaces and größe.text").write_bytes(b"x")
    (top / ("n" * 60)).write_bytes(b"long")
    (top / "empty").write_bytes(b"")
    (top / "absolute").symlink_to("/usr/bin/../x")
    (top / "long link").symlink_to("x" * 200 + "/./" + "y" * 250 + "/" + "z" * 250)
    os.mkfifo(top / "fifo", 0o600)
    (top / "many").mkdir(mode=0o700)
    for number in range(300):
        (top / "many" / f"file number {number} of a directory with many").write_bytes(b"%d" % number)
    (top / "blocks").write_bytes(bytes(range(256)) * 400)
    for number, path in enumerate(sorted([*top.rglob("*"), top], reverse=True)):
        os.utime(path, (MOMENT_S, MOMENT_S + number), follow_symlinks=False)


@functools.cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    """Removed when the process ends."""
    scratch = tempfile.TemporaryDirectory()
    fill(Path(scratch.name))
    return scratch


def folder() -> Path:
    """One such folder, for all who compare."""
    return Path(_scratch().name)


@functools.cache
def image(kind: str) -> bytes:
    """That folder as a disc."""
    return make(folder(), *KINDS[kind])


@functools.cache
def reproducible(kind: str) -> bytes:
    """The same, byte for byte, at any time; its files all have one date."""
    return make(folder(), *KINDS[kind], epoch=str(MOMENT_S))


def make(source: Path, *options: str, epoch: str = "") -> bytes:
    """A folder as a disc."""
    environment = os.environ | ({"SOURCE_DATE_EPOCH": epoch} if epoch else {})
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "disc.iso")
        command = [tool("xorriso"), "-as", "mkisofs", "-quiet", "-o", str(path), *options, str(source)]
        subprocess.run(command, check=True, capture_output=True, env=environment)
        return path.read_bytes()


def as_read_by_xorriso(data: bytes, *options: str) -> Contents:
    """What is on a disc in the opinion of another reader."""
    with tempfile.TemporaryDirectory() as scratch:
        path, out = Path(scratch, "disc.iso"), Path(scratch, "out")
        path.write_bytes(data)
        out.mkdir()
        command = [tool("xorriso"), *options, "-osirrox", "on", "-indev", str(path), "-extract", "/", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        subprocess.run(["chmod", "-R", "u+rwX", str(out)], check=True)
        return contents_of_folder(out)


def mounted(data: bytes, options: bytes = b"") -> Tree:
    """A disc in a drive."""
    return Tree(mount_disk(RamDisk(data, read_only=True), options))
