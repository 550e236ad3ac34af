"""Files by name: opening, listing, asking about them. Paths begin at the working directory or, with "/", at the root."""

from typing import Final

from abi_modules.native.interface import CURRENT, EntryHeader, FileKind, Metadata, OpenFlags, PathFlags, Rights
from abi_modules.native.status import Status
from scarlet.user import calls
from scarlet.user.errors import StatusError
from scarlet.user.handles import Handle
from scarlet.user.paths import join, normal
from scarlet.user.streams import Reader, Writer

READ: Final = Rights.READ
WRITE: Final = Rights.WRITE
USUAL_MODE: Final = 0o666
"""Of new files, less the mask."""
LISTING_BYTES: Final = 8192


class Entry:
    """One name in a directory."""

    def __init__(self, name: bytes, kind: int, inode: int) -> None:
        self.name = name
        self.kind = kind
        self.inode = inode


def open_file(path: bytes, rights: Rights, flags: OpenFlags = OpenFlags.NONE, mode: int = USUAL_MODE) -> Handle:
    """A handle on a file, with READ, WRITE or both, that no child inherits."""
    kept = Rights.READ | Rights.WRITE
    asked = Rights(int(Rights.SAME) | int(rights & kept))
    return Handle(calls.file_open(CURRENT, path, asked, flags | OpenFlags.CLOSE_ON_REPLACE, mode))


def reader(path: bytes) -> Reader:
    """Read a file."""
    return Reader(open_file(path, Rights.READ))


def writer(path: bytes, mode: int = USUAL_MODE) -> Writer:
    """Write a file anew."""
    return Writer(open_file(path, Rights.WRITE, OpenFlags.CREATE | OpenFlags.TRUNCATE, mode))


def metadata(path: bytes, *, follow: bool = True) -> Metadata:
    """What is known about a file; with `follow` False, about a symbolic link itself."""
    return calls.file_metadata(CURRENT, path, PathFlags.NONE if follow else PathFlags.NO_FOLLOW)


def found(path: bytes, *, follow: bool = True) -> Metadata | None:
    """What is known about a file; None when there is none of that name."""
    try:
        return metadata(path, follow=follow)
    except StatusError as error:
        if error.status == Status.NOT_FOUND or error.status == Status.NOT_A_DIRECTORY:
            return None
        raise


def is_directory(path: bytes) -> bool:
    """Whether the path leads to a directory."""
    there = found(path)
    return there is not None and there.kind == FileKind.DIRECTORY


def entries(path: bytes) -> list[Entry]:
    """The names in a directory but "." and "..", in no order."""
    handle = open_file(path, Rights.READ, OpenFlags.DIRECTORY)
    buffer = bytearray(LISTING_BYTES)
    out: list[Entry] = []
    size = calls.directory_read(handle.slot, buffer)
    while size > 0:
        at = 0
        while at < size:
            header = EntryHeader.parse(bytes(memoryview(buffer)[at : at + EntryHeader.SIZE]))
            start = at + EntryHeader.SIZE
            name = bytes(memoryview(buffer)[start : start + int(header.name_bytes)])
            if name != b"." and name != b"..":
                out.append(Entry(name, int(header.kind), int(header.inode)))
            at += int(header.record_bytes)
        size = calls.directory_read(handle.slot, buffer)
    return out


def names(path: bytes) -> list[bytes]:
    """The names in a directory, sorted."""
    return sorted([entry.name for entry in entries(path)])


def link_text(path: bytes) -> bytes:
    """Where a symbolic link leads."""
    buffer = bytearray(4096)
    size = calls.file_read_link(CURRENT, path, buffer)
    return bytes(memoryview(buffer)[:size])


def working_directory() -> bytes:
    """Its path."""
    buffer = bytearray(4096)
    size = calls.view_directory(buffer)
    return bytes(memoryview(buffer)[:size])


def working_path(path: bytes) -> bytes:
    """A path from the root, as texts go."""
    return normal(join(working_directory(), path))
