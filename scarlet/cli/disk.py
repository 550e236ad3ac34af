"""`scarlet disk`: makes and checks images of file systems. ext's are looked at by e2fsck, others by the kernel's own modules."""

import os
import subprocess
from pathlib import Path

from scarlet.cli import console, diskimage, units
from scarlet.cli.diskimage import Kind
from scarlet.cli.errors import Status, UserError

OPERATIONAL_ERROR = 8
"""A bit of e2fsck's status: it could not look."""


def create(path: Path, size: str, kind: str) -> int:
    """Make an image with an empty file system. UserError."""
    kinds = [each.value for each in Kind if each.can_be_made]
    if kind not in kinds:
        raise UserError(f"--fs {kind}: there are {', '.join(kinds)}", Status.USAGE)
    size_bytes = diskimage.parse_size(size)
    diskimage.create(path, size_bytes, Kind(kind))
    console.say(f"scarlet: {path}: {kind}, {units.in_words(size_bytes)}")
    return 0


def check(path: Path) -> int:
    """Print what is wrong, a line each. 0: sound; 1: not; UserError when it cannot be read or holds no file system that is known."""
    image = diskimage.open_image(path, read_only=True)
    try:
        kind = diskimage.recognise(image.descriptor)
    finally:
        os.close(image.descriptor)
    if kind is Kind.UNKNOWN:
        known = ", ".join(known.value for known in Kind if known is not Kind.UNKNOWN)
        raise UserError(f"{path} holds no file system that can be checked here: there are {known}", Status.USAGE)
    if kind.is_ext:
        return _check_ext(path, kind)
    from scarlet.cli import isodisk, xv6disk  # need parts of the kernel, and a moment

    return isodisk.check(path) if kind is Kind.ISO9660 else xv6disk.check(path)


def _check_ext(path: Path, kind: Kind) -> int:
    """e2fsck -fn looks at everything and changes nothing."""
    done = subprocess.run([diskimage.tool("e2fsck"), "-fn", str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode & OPERATIONAL_ERROR:
        raise UserError(f"{path}: {done.stdout.strip().splitlines()[-1]}")
    if done.returncode:
        print(done.stdout, end="")
    print(f"{path}: {kind.value}, {'not sound' if done.returncode else 'sound'}")
    return 1 if done.returncode else 0
