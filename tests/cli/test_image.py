"""The boot image: what the manifest says is there, and additions land where the running system will look for them."""

import os
import stat
from pathlib import Path

import pytest

from scarlet.cli import additions, cpio, image, manifest, packages, program, qemu, views
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import UserError
from scarlet.cli.paths import MANIFEST, VIEWS
from scarlet.cli.runfile import RunFile

LINUX = views.read(VIEWS).of(views.LINUX)


def tree(base: bytes, *options: str) -> image.Tree:
    """What Linux programs see."""
    return image.with_additions(base, additions.entries(list(options)), LINUX).seen


def test_busybox_and_its_applets_are_there(base: bytes) -> None:
    found = tree(base)
    busybox = found.entries["/bin/busybox"]
    assert busybox.data.startswith(b"\x7fELF")
    assert busybox.mode == stat.S_IFREG | 0o755
    for applet in ("sh", "ls", "awk", "vi", "[", "poweroff"):
        assert found.entries[f"/bin/{applet}"].data == b"busybox"
    assert found.find("/usr/bin/ls") is busybox


def test_directories_have_the_modes_of_the_manifest(base: bytes) -> None:
    entries = tree(base).entries
    assert entries["/tmp"].mode == stat.S_IFDIR | 0o1777
    assert entries["/root"].mode == stat.S_IFDIR | 0o700
    for name in ("/home", "/proc", "/dev", "/scarlet/system/linux-riscv64", "/scarlet/data/config"):
        assert entries[name].is_directory


def test_parents_come_before_what_they_hold(base: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    archive = image.with_additions(base, additions.entries([f"{tmp_path / 'f'}:/new/deep/f"]), LINUX).archive
    seen = {"/"}
    for entry in cpio.read(archive):
        assert os.path.dirname(entry.path) in seen
        seen.add(entry.path)


def test_an_added_folder_keeps_names_modes_and_links(base: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "tool").write_bytes(b"#!/bin/sh\n")
    (folder / "sub" / "tool").chmod(0o751)
    (folder / "link").symlink_to("sub/tool")
    os.mkfifo(folder / "fifo")
    entries = tree(base, f"{folder}:/opt/x").entries
    assert entries["/opt/x/sub/tool"].mode == stat.S_IFREG | 0o751
    assert entries["/opt/x/sub/tool"].data == b"#!/bin/sh\n"
    assert entries["/opt/x/link"].data == b"sub/tool"
    assert stat.S_ISFIFO(entries["/opt/x/fifo"].mode)
    assert (entries["/opt/x/sub"].uid, entries["/opt/x/sub"].gid) == (0, 0)


def test_additions_follow_the_links_of_the_image(base: bytes, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    entries = tree(base, f"{tmp_path / 'tool'}:/usr/sbin/tool").entries
    assert "/bin/tool" in entries
    assert entries["/usr/sbin"].is_link


def test_a_file_added_to_a_folder_keeps_its_name(base: bytes, tmp_path: Path) -> None:
    (tmp_path / "name").write_text("x")
    assert "/tmp/name" in tree(base, f"{tmp_path / 'name'}:/tmp/").entries


def test_an_addition_takes_the_place_of_a_file_and_leaves_directories_alone(base: bytes, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir(mode=0o700)
    (tmp_path / "etc" / "hostname").write_text("mine\n")
    entries = tree(base, f"{tmp_path / 'etc'}:/etc").entries
    assert entries["/etc/hostname"].data == b"mine\n"
    assert entries["/etc"].mode == stat.S_IFDIR | 0o755
    assert entries["/etc/passwd"].data.startswith(b"root:")


def test_the_image_without_additions_is_the_same_each_time(base: bytes) -> None:
    assert image.with_additions(base, [], LINUX).archive == image.with_additions(base, [], LINUX).archive


def test_loops_of_links_are_an_error(base: bytes) -> None:
    found = tree(base)
    found.add(Entry("/a", stat.S_IFLNK | 0o777, b"/b"))
    found.add(Entry("/b", stat.S_IFLNK | 0o777, b"/a"))
    with pytest.raises(UserError, match="too many symbolic links"):
        found.locate("/a/x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mtime"),
        ("mtime = 2026-01-01T00:00:00Z\n[nonsense]\n", "unknown table nonsense"),
        ('mtime = 2026-01-01T00:00:00Z\n[directories]\n"relative" = 0o755\n', "not a plain absolute path"),
        ('mtime = 2026-01-01T00:00:00Z\n[links]\n"/a/../b" = "x"\n', "not a plain absolute path"),
        ('mtime = 2026-01-01T00:00:00Z\n[files."/f"]\nbody = "x"\n', "body"),
        ("mtime = \n", "manifest.toml"),
    ],
)
def test_a_wrong_manifest_is_an_error_that_says_where(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(UserError, match=words):
        manifest.read(tmp_path / "manifest.toml")


def test_every_package_of_the_manifest_is_pinned() -> None:
    pins = packages.read_lock()
    for rule in manifest.read(MANIFEST).packages:
        assert len(pins[rule.name].sha256) == 64


def test_a_program_is_found_along_the_path(base: bytes) -> None:
    found = tree(base)
    assert program.locate(found, "ls", "/nowhere:/bin", "/") == "/bin/ls"
    assert program.locate(found, "bin/ls", "", "/") == "/bin/ls"
    program.check(found, "/bin/ls")


def test_scripts_are_followed_to_their_interpreter(base: bytes) -> None:
    found = tree(base)
    found.add(Entry("/s", stat.S_IFREG | 0o755, b"#! /bin/sh -e\n"))
    found.add(Entry("/loop", stat.S_IFREG | 0o755, b"#!/loop\n"))
    program.check(found, "/s")
    with pytest.raises(UserError, match="too many levels"):
        program.check(found, "/loop")


@pytest.mark.parametrize(("memory", "room"), [(32, 12), (64, 28), (128, 60), (256, 124), (1024, 892), (4096, 892)])
def test_room_for_the_image_grows_with_memory(memory: int, room: int) -> None:
    assert qemu.initrd_room(memory) >> 20 == room


@pytest.mark.parametrize(("text", "size"), [("64", 64), ("64M", 64), ("64m", 64), ("1G", 1024), ("2g", 2048)])
def test_sizes_of_memory(text: str, size: int) -> None:
    assert qemu.parse_memory(text) == size


def test_the_run_file_holds_what_process_1_needs() -> None:
    record = RunFile(
        "/bin/sh", ["sh", "-c", "echo 1"], {"A": "b=c"}, "/tmp", terminal=True, strace=True, rows=24, columns=80, follows_window=True
    )
    assert record.encode().split(b"\0") == [
        b"path=/bin/sh", b"arg=sh", b"arg=-c", b"arg=echo 1", b"env=A=b=c", b"cwd=/tmp", b"mode=terminal", b"view=linux-riscv64",
        b"init=/system/scarlet/bin/init", b"strace=1", b"rows=24", b"columns=80", b"window=1", b"",
    ]  # fmt: skip
    with pytest.raises(UserError, match="NUL"):
        RunFile("/bin/sh", ["a\0b"]).encode()


def test_the_kernel_reads_the_run_file_as_it_is_written() -> None:
    from scarlet.runfile import parse

    record = RunFile("/bin/sh", ["sh", "-c", "echo 1"], {"A": "b=c"}, "/tmp", terminal=False, strace=True)
    read = parse(record.encode())
    assert (read.path, read.arguments, read.environment, read.cwd) == (b"/bin/sh", [b"sh", b"-c", b"echo 1"], [b"A=b=c"], b"/tmp")
    assert (read.terminal, read.strace) == (False, True)
