"""`--add HOST:GUEST`: files and folders of the host as entries of the image, with their modes and times, owned by root."""

import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path

from scarlet.cli import units
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError

MOST_BYTES = 1 << 30
KINDS = {stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a block device", stat.S_IFCHR: "a character device"}


def parse(option: str) -> tuple[Path, str]:
    """The two halves of HOST:GUEST; a GUEST that ends in / takes the host file's name."""
    host, colon, guest = option.rpartition(":")
    if not colon or not host or not guest.startswith("/"):
        raise UserError(f"--add {option}: write HOST:GUEST, GUEST being an absolute path in the image", Status.USAGE)
    path = Path(host)
    if not path.exists():
        raise UserError(f"--add {option}: there is no {host} on this machine", Status.USAGE)
    if guest.endswith("/") and path.is_file():
        guest += path.resolve().name if path.name in ("", "..") else path.name
    return path, posixpath.normpath("/" + guest.lstrip("/"))


def entries(options: list[str]) -> Iterator[Entry]:
    """What all the options put into the image, directories before what they hold. UserError before it is too much for any machine."""
    size = 0
    for option in options:
        host, guest = parse(option)
        for entry in _walk(host.resolve(), guest):
            size += len(entry.data)
            if size > MOST_BYTES:
                raise UserError(f"--add {option}: more than {units.in_words(MOST_BYTES)}, which no image holds", Status.USAGE)
            yield entry


def _walk(host: Path, guest: str) -> Iterator[Entry]:
    yield _entry(host, guest)
    if host.is_dir() and not host.is_symlink():
        for name in sorted(os.listdir(host)):
            yield from _walk(host / name, posixpath.join(guest, name))


def _entry(host: Path, guest: str) -> Entry:
    try:
        status = host.lstat()
        kind = stat.S_IFMT(status.st_mode)
        if kind in KINDS:
            raise UserError(f"--add: {host} is {KINDS[kind]}; only files, folders, links and FIFOs can be added", Status.USAGE)
        data = b""
        if kind == stat.S_IFLNK:
            data = os.fsencode(os.readlink(host))
        elif kind == stat.S_IFREG:
            if status.st_size > MOST_BYTES:
                raise UserError(f"--add: {host} is larger than {units.in_words(MOST_BYTES)}, which no image holds", Status.USAGE)
            data = host.read_bytes()
    except OSError as error:
        raise UserError(f"--add: {host}: {(error.strerror or 'cannot be read').lower()}", Status.USAGE) from None
    return Entry(guest, status.st_mode, data, mtime=int(status.st_mtime))
