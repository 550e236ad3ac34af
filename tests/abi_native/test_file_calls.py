"""2xx, 3xx, 4xx: streams, files, names, and directory handles as capabilities."""

from pathlib import Path

import pytest

from abi_modules.native.interface import (
    CURRENT,
    NOW,
    UNCHANGED,
    EntryHeader,
    FileKind,
    OpenFlags,
    Origin,
    PathFlags,
    RemoveFlags,
    Rights,
    StreamFlags,
)
from abi_modules.native.status import Status
from scarlet.cli import xv6disk
from scarlet.kernel import clock
from scarlet.user import calls
from tests.abi_native.support import Program, native, refused
from vfs import filesystems
from vfs.xv6fs import mount as xv6fs

BOTH = Rights.READ | Rights.WRITE
ALL = Rights.SAME | BOTH


def make(path: bytes, text: bytes = b"", directory: int = CURRENT) -> int:
    handle = calls.file_open(directory, path, ALL, OpenFlags.CREATE, 0o644)
    calls.stream_write(handle, text)
    return handle


def directory(path: bytes, rights: int = ALL) -> int:
    return calls.file_open(CURRENT, path, rights, OpenFlags.DIRECTORY, 0)


def mkdir(path: bytes, at: int = CURRENT) -> None:
    calls.file_make(at, path, FileKind.DIRECTORY, 0o755, 0)


def text_of(path: bytes, at: int = CURRENT) -> bytes:
    handle = calls.file_open(at, path, Rights.READ, 0, 0)
    room = bytearray(100)
    size = calls.stream_read(handle, room)
    calls.handle_close(handle)
    return bytes(room[:size])


def test_reading_writing_and_seeking() -> None:
    def body(program: Program) -> None:
        file = make(b"/f", b"hello world")
        assert calls.stream_seek(file, -5, Origin.END) == 6
        room = bytearray(3)
        assert (calls.stream_read(file, room), bytes(room)) == (3, b"wor")
        assert calls.stream_read_at(file, room, 0) == 3
        assert bytes(room) == b"hel"
        assert calls.stream_write_at(file, b"J", 0) == 1
        assert calls.stream_seek(file, 0, Origin.CURRENT) == 9
        calls.stream_truncate(file, 4)
        assert text_of(b"/f") == b"Jell"
        calls.stream_set_flags(file, StreamFlags.APPEND)
        calls.stream_seek(file, 0, Origin.START)
        calls.stream_write(file, b"y")
        assert text_of(b"/f") == b"Jelly"
        assert calls.handle_query(file).stream_flags == StreamFlags.APPEND
        calls.stream_sync(file)
        assert refused(lambda: calls.stream_seek(file, -1, Origin.START)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.stream_seek(file, 0, 3)) == Status.INVALID_ARGUMENT

    native(body)


def test_open_obeys_its_flags() -> None:
    def body(program: Program) -> None:
        make(b"/f", b"text")
        flags = OpenFlags.CREATE | OpenFlags.EXCLUSIVE
        assert refused(lambda: calls.file_open(CURRENT, b"/f", ALL, flags, 0)) == Status.ALREADY_EXISTS
        assert refused(lambda: calls.file_open(CURRENT, b"/none", Rights.READ, 0, 0)) == Status.NOT_FOUND
        assert refused(lambda: calls.file_open(CURRENT, b"/f", Rights.READ, OpenFlags.DIRECTORY, 0)) == Status.NOT_A_DIRECTORY
        assert refused(lambda: calls.file_open(CURRENT, b"/f", Rights.SEEK, 0, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.file_open(CURRENT, b"/f", Rights.READ, 512, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.file_open(CURRENT, b"/f\0x", Rights.READ, 0, 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.file_open(CURRENT, b"/" + b"x" * 300, Rights.READ, 0, 0)) == Status.NAME_TOO_LONG
        assert refused(lambda: calls.file_open(CURRENT, b"x/" * 2048, Rights.READ, 0, 0)) == Status.NAME_TOO_LONG
        calls.file_open(CURRENT, b"/f", BOTH, OpenFlags.TRUNCATE, 0)
        assert text_of(b"/f") == b""
        reader = calls.file_open(CURRENT, b"/f", Rights.READ, 0, 0)
        assert calls.handle_query(reader).rights == Rights.READ
        calls.file_make_link(CURRENT, b"/link", b"/f")
        assert refused(lambda: calls.file_open(CURRENT, b"/link", Rights.READ, OpenFlags.NO_FOLLOW, 0)) == Status.LINK_LOOP

    native(body)


def test_metadata_and_attributes() -> None:
    def body(program: Program) -> None:
        file = make(b"/f", b"12345")
        calls.file_set_mode(CURRENT, b"/f", 0o640, 0)
        calls.file_set_owner(CURRENT, b"/f", 7, UNCHANGED, 0)
        calls.file_set_times(CURRENT, b"/f", 5, UNCHANGED)
        about = calls.file_metadata(CURRENT, b"/f", 0)
        assert (about.kind, about.mode, about.user, about.group, about.size) == (FileKind.REGULAR, 0o640, 7, 0, 5)
        assert (about.accessed_ns, about.links) == (5, 1)
        assert calls.file_metadata(file, b"", 0).inode == about.inode
        clock.set_realtime_ns(clock.NS_PER_SECOND)
        calls.file_set_times(file, b"", NOW, NOW)
        assert calls.file_metadata(file, b"", 0).accessed_ns >= clock.NS_PER_SECOND
        calls.file_make_link(CURRENT, b"/link", b"f")
        assert calls.file_metadata(CURRENT, b"/link", 0).inode == about.inode
        assert calls.file_metadata(CURRENT, b"/link", PathFlags.NO_FOLLOW).kind == FileKind.SYMBOLIC_LINK
        assert calls.file_metadata(calls.pipe_make(0).first, b"", 0).kind == FileKind.FIFO
        assert refused(lambda: calls.file_metadata(CURRENT, b"/f", 1)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.file_metadata(calls.event_make(0), b"", 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.file_set_mode(CURRENT, b"/f", 0o10000, 0)) == Status.INVALID_ARGUMENT

    native(body)


def entries(handle: int, room: int = 1000) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []
    buffer = bytearray(room)
    while size := calls.directory_read(handle, buffer):
        at = 0
        while at < size:
            header = EntryHeader.parse(bytes(buffer), at)
            start = at + EntryHeader.SIZE
            found.append((bytes(buffer[start : start + header.name_bytes]), int(header.kind)))
            at += header.record_bytes
    return found


def test_reading_a_directory() -> None:
    def body(program: Program) -> None:
        for index in range(20):
            make(b"/%02d" % index)
        mkdir(b"/sub")
        top = directory(b"/")
        names = [b"%02d" % index for index in range(20)]
        found = entries(top, 60)
        assert sorted(name for name, _kind in found) == sorted([b".", b"..", b"sub", *names])
        assert dict(found)[b"sub"] == FileKind.DIRECTORY
        assert entries(top) == []
        calls.directory_rewind(top)
        assert len(entries(top)) == 23
        calls.directory_rewind(top)
        assert refused(lambda: calls.directory_read(top, bytearray(20))) == Status.BUFFER_TOO_SMALL
        assert refused(lambda: calls.directory_read(make(b"/f"), bytearray(100))) == Status.NOT_A_DIRECTORY

    native(body)


def test_names() -> None:
    def body(program: Program) -> None:
        make(b"/a", b"A")
        mkdir(b"/d")
        calls.file_rename(CURRENT, b"/a", CURRENT, b"/d/b")
        calls.file_link(CURRENT, b"/d/b", CURRENT, b"/c")
        assert text_of(b"/c") == b"A"
        assert calls.file_metadata(CURRENT, b"/c", 0).links == 2
        calls.file_make_link(CURRENT, b"/s", b"d/b")
        room = bytearray(10)
        assert calls.file_read_link(CURRENT, b"/s", room) == 3
        assert refused(lambda: calls.file_read_link(CURRENT, b"/s", bytearray(2))) == Status.BUFFER_TOO_SMALL
        assert refused(lambda: calls.file_remove(CURRENT, b"/d", 0)) == Status.IS_A_DIRECTORY
        assert refused(lambda: calls.file_remove(CURRENT, b"/d", RemoveFlags.DIRECTORY)) == Status.NOT_EMPTY
        calls.file_remove(CURRENT, b"/d/b", 0)
        calls.file_remove(CURRENT, b"/d", RemoveFlags.DIRECTORY)
        assert refused(lambda: mkdir(b"/c")) == Status.ALREADY_EXISTS
        calls.file_make(CURRENT, b"/fifo", FileKind.FIFO, 0o600, 0)
        assert calls.file_metadata(CURRENT, b"/fifo", 0).kind == FileKind.FIFO
        assert refused(lambda: calls.file_make(CURRENT, b"/x", FileKind.SYMBOLIC_LINK, 0, 0)) == Status.INVALID_ARGUMENT

    native(body)


@pytest.mark.parametrize("path", [b"/secret", b"../secret", b"../../secret", b"out", b"sub/../../secret"])
def test_nothing_leads_out_of_a_directory_handle(path: bytes) -> None:
    def body(program: Program) -> None:
        make(b"/secret", b"no")
        mkdir(b"/box")
        mkdir(b"/box/sub")
        calls.file_make_link(CURRENT, b"/box/out", b"/secret")
        box = directory(b"/box")
        assert refused(lambda: calls.file_open(box, path, Rights.READ, 0, 0)) == Status.NOT_FOUND
        assert refused(lambda: calls.file_metadata(box, path, 0)) == Status.NOT_FOUND
        assert refused(lambda: calls.file_link(box, path + b"/", CURRENT, b"/got")) == Status.NOT_FOUND

    native(body)


def test_links_in_a_directory_handle_are_read_within_it() -> None:
    def body(program: Program) -> None:
        make(b"/secret", b"no")
        mkdir(b"/box")
        make(b"/box/secret", b"yes")
        calls.file_make_link(CURRENT, b"/box/out", b"/secret")
        box = directory(b"/box")
        assert text_of(b"out", box) == b"yes"
        assert text_of(b"/secret", box) == b"yes"
        assert text_of(b"../../secret", box) == b"yes"
        calls.file_rename(box, b"../secret", box, b"/moved")
        assert text_of(b"/box/moved") == b"yes"
        calls.file_rename(box, b"moved", CURRENT, b"/outside")
        assert text_of(b"/outside") == b"yes"
        calls.file_link(CURRENT, b"/outside", box, b"../again")
        assert text_of(b"/box/again") == b"yes"

    native(body)


def test_a_directory_handle_lends_no_right_that_it_lacks() -> None:
    def body(program: Program) -> None:
        mkdir(b"/box")
        make(b"/box/f", b"text")
        reader = directory(b"/box", Rights.READ | Rights.METADATA)
        assert text_of(b"f", reader) == b"text"
        assert refused(lambda: calls.file_open(reader, b"f", BOTH, 0, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.file_open(reader, b"f", Rights.READ | Rights.SEEK, 0, 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.file_open(reader, b"new", Rights.WRITE, OpenFlags.CREATE, 0o600)) == Status.RIGHT_MISSING
        for change in (
            lambda: mkdir(b"x", reader),
            lambda: calls.file_remove(reader, b"f", 0),
            lambda: calls.file_rename(reader, b"f", reader, b"g"),
            lambda: calls.file_rename(CURRENT, b"/box/f", reader, b"g"),
            lambda: calls.file_link(reader, b"f", CURRENT, b"/g"),
            lambda: calls.file_make_link(reader, b"s", b"f"),
            lambda: calls.file_set_mode(reader, b"f", 0, 0),
            lambda: calls.file_set_owner(reader, b"f", 1, 1, 0),
            lambda: calls.file_set_times(reader, b"f", NOW, NOW),
            lambda: calls.view_change(reader, b""),
        ):
            assert refused(change) == Status.RIGHT_MISSING
        writer = directory(b"/box", Rights.WRITE | Rights.READ)
        mkdir(b"x", writer)
        nothing = directory(b"/box", Rights.POLL)
        assert refused(lambda: calls.file_metadata(nothing, b"f", 0)) == Status.RIGHT_MISSING
        assert refused(lambda: calls.file_read_link(nothing, b"f", bytearray(9))) == Status.RIGHT_MISSING
        assert refused(lambda: calls.file_open(calls.pipe_make(0).first, b"f", Rights.READ, 0, 0)) == Status.WRONG_TYPE

    native(body)


def test_opening_to_create_needs_the_right_to_write() -> None:
    def body(program: Program) -> None:
        mkdir(b"/box")
        reader = directory(b"/box", Rights.READ)
        assert refused(lambda: calls.file_open(reader, b"new", Rights.READ, OpenFlags.CREATE, 0o600)) == Status.RIGHT_MISSING
        make(b"/box/f", b"text")
        assert refused(lambda: calls.file_open(reader, b"f", Rights.READ, OpenFlags.TRUNCATE, 0)) == Status.RIGHT_MISSING
        assert text_of(b"/box/f") == b"text"

    native(body)


def test_the_name_space() -> None:
    def body(program: Program) -> None:
        mkdir(b"/d")
        room = bytearray(100)
        calls.view_change(CURRENT, b"/d")
        assert bytes(room[: calls.view_directory(room)]) == b"/d"
        calls.view_change(CURRENT, b"")
        make(b"f", b"here")
        calls.file_make_link(CURRENT, b"/l", b"d/f")
        assert bytes(room[: calls.view_resolve(CURRENT, b"/d/../l", room)]) == b"/d/f"
        assert refused(lambda: calls.view_resolve(CURRENT, b"/l", bytearray(2))) == Status.BUFFER_TOO_SMALL
        assert refused(lambda: calls.view_change(CURRENT, b"f")) == Status.NOT_A_DIRECTORY
        assert (calls.view_set_mask(0o077), calls.view_set_mask(0o022)) == (0o022, 0o077)
        assert refused(lambda: calls.view_set_mask(0o1000)) == Status.INVALID_ARGUMENT
        calls.view_set_root(CURRENT, b"/d")
        assert text_of(b"/f") == b"here"
        assert refused(lambda: calls.view_open(b"nobody", 0)) == Status.NOT_FOUND

    native(body)


def test_mounts() -> None:
    def body(program: Program) -> None:
        mkdir(b"/m")
        mkdir(b"/n")
        make(b"/m/below")
        calls.mount_bind(b"/m", b"/n", 0)
        assert text_of(b"/n/below") == b""
        calls.mount_change(b"/n", 1)
        assert refused(lambda: make(b"/n/f")) == Status.READ_ONLY
        room = bytearray(1000)
        assert b" /n " in bytes(room[: calls.mount_list(room)])
        calls.mount_detach(b"/n", 0)
        assert refused(lambda: calls.mount_detach(b"/n", 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.mount_attach(b"tmpfs\0none\0/m\0", 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.mount_attach(b"tmpfs\0none\0/m\0x", 0)) == Status.INVALID_ARGUMENT
        assert refused(lambda: calls.mount_attach(b"nofs\0none\0/m\0\0", 0)) == Status.NO_DEVICE

    native(body)


def test_a_disk_is_mounted_by_its_path(tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.write_bytes(bytes(256 << 10))
    xv6disk.format(image)
    filesystems.announce_on_disk(xv6fs.NAME, xv6fs.mount_image)

    def body(program: Program) -> None:
        mkdir(b"/m")
        make(b"/disk", image.read_bytes())
        make(b"/empty")
        assert refused(lambda: calls.mount_attach(b"xv6fs\0/nodisk\0/m\0\0", 0)) == Status.NOT_FOUND
        assert refused(lambda: calls.mount_attach(b"xv6fs\0/empty\0/m\0\0", 0)) == Status.INVALID_ARGUMENT
        calls.mount_attach(b"xv6fs\0/disk\0/m\0\0", 0)
        calls.handle_close(make(b"/m/f", b"on the disk"))
        calls.mount_detach(b"/m", 0)
        assert refused(lambda: text_of(b"/m/f")) == Status.NOT_FOUND
        calls.mount_attach(b"xv6fs\0/disk\0/m\0\0", 0)
        assert text_of(b"/m/f") == b"on the disk"
        calls.mount_detach(b"/m", 0)

    native(body)
