"""The boot image: the base archive of the manifest, made once, and each run's additions in a second archive behind it.

A Tree is an image in memory, path -> Entry; it knows enough of names (symbolic links in directories) to put an addition where
the running system will look for it.
"""

import hashlib
import posixpath
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import console, cpio, manifest, packages
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import BUILD, MANIFEST, write_atomically

FORMAT = 1
"""Part of the cache key: raise it when the builder makes something else of the same manifest."""
MAX_LINKS = 40


class Tree:
    """Entries by path, parents before children when listed."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = {entry.path: entry for entry in entries}

    def add(self, entry: Entry) -> None:
        """Put an entry at its path, in place of what is there; directories that lead to it are made."""
        parent = posixpath.dirname(entry.path)
        if entry.path != "/" and parent not in self.entries:
            self.add(Entry(parent, stat.S_IFDIR | 0o755, mtime=entry.mtime))
        elif entry.path != "/" and not self.entries[parent].is_directory:
            raise UserError(f"{parent} is not a directory in the image, so {entry.path} cannot be put there", Status.USAGE)
        self.entries[entry.path] = entry

    def locate(self, path: str, *, follow_last: bool = True) -> str:
        """The path with its symbolic links followed, as far as the image holds them; UserError for a loop."""
        links = 0
        done = "/"
        rest = [part for part in path.split("/") if part and part != "."]
        while rest:
            part = rest.pop(0)
            if part == "..":
                done = posixpath.dirname(done)
                continue
            step = posixpath.join(done, part)
            entry = self.entries.get(step)
            if entry is None or not entry.is_link or not (rest or follow_last):
                done = step
                continue
            links += 1
            if links > MAX_LINKS:
                raise UserError(f"{path}: too many symbolic links", Status.USAGE)
            target = entry.data.decode(errors="surrogateescape")
            if target.startswith("/"):
                done = "/"
            rest = [name for name in target.split("/") if name and name != "."] + rest
        return done

    def find(self, path: str) -> Entry | None:
        """The entry a program would open under this path."""
        return self.entries.get(self.locate(path))


def base_archive(*, update_packages: bool = False) -> bytes:
    """The archive of initramfs/manifest.toml, from the cache when neither it nor a package has changed."""
    rules = manifest.read(MANIFEST)
    files = [packages.fetch(rule.name, newest=update_packages) for rule in rules.packages]
    key = hashlib.sha256(b"%d\0" % FORMAT + MANIFEST.read_bytes())
    for file in files:
        key.update(file.name.encode())
    path = BUILD / "image" / f"base-{key.hexdigest()[:16]}.cpio"
    if path.exists():
        return path.read_bytes()
    with console.working("building the boot image"):
        archive = cpio.write(_base_tree(rules, files).entries.values())
    write_atomically(path, archive)
    return archive


def _base_tree(rules: manifest.Manifest, package_files: list[Path]) -> Tree:
    tree = Tree()
    for path, mode in sorted(rules.directories.items()):
        tree.add(Entry(path, stat.S_IFDIR | mode, mtime=rules.mtime))
    for path, target in sorted(rules.links.items()):
        tree.add(Entry(path, stat.S_IFLNK | 0o777, target.encode(), mtime=rules.mtime))
    for path, rule in sorted(rules.files.items()):
        tree.add(Entry(path, stat.S_IFREG | rule.mode, rule.text.removeprefix("\n").encode(), mtime=rules.mtime))
    for package, file in zip(rules.packages, package_files, strict=True):
        for path, (member, data) in packages.extract(file, {path: pattern for pattern, path in package.files.items()}).items():
            tree.add(Entry(path, stat.S_IFREG | stat.S_IMODE(member.mode), data, mtime=int(member.mtime)))
        if package.applets:
            for link in _applet_links(tree.entries[package.applets], rules.mtime):
                if link.path not in tree.entries:
                    tree.add(link)
    return tree


def _applet_links(busybox: Entry, mtime: int) -> list[Entry]:
    """A link beside busybox for each of its applets, which it names itself."""
    qemu = shutil.which("qemu-riscv64")
    if qemu is None:
        raise UserError("qemu-riscv64 is missing; it comes with Debian's package qemu-user (scripts/setup installs it)")
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "busybox"
        program.write_bytes(busybox.data)
        program.chmod(0o700)
        names = subprocess.run([qemu, str(program), "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    folder, target = posixpath.split(busybox.path)
    return [Entry(posixpath.join(folder, name), stat.S_IFLNK | 0o777, target.encode(), mtime=mtime) for name in sorted(names)]


@dataclass(frozen=True)
class Image:
    """A finished image: its bytes, and what is in it."""

    archive: bytes
    tree: Tree


def with_additions(base: bytes, additions: Iterable[Entry]) -> Image:
    """The base followed by an archive of the additions. Each is put where its path leads through the image's links."""
    tree = Tree(cpio.read(base))
    before = dict(tree.entries)
    for entry in additions:
        place = tree.locate(posixpath.dirname(entry.path))
        path = posixpath.join(place, posixpath.basename(entry.path)) if entry.path != "/" else "/"
        there = tree.entries.get(path)
        if there is not None and there.is_directory and entry.is_directory:
            continue  # what the image has keeps its mode
        if there is not None and there.is_directory:
            raise UserError(f"{path} is a directory in the image, so no file can take its place", Status.USAGE)
        tree.add(Entry(path, entry.mode, entry.data, entry.uid, entry.gid, entry.mtime, entry.rdev))
    new = [entry for path, entry in tree.entries.items() if before.get(path) is not entry]
    return Image(base + cpio.write(new), tree)
