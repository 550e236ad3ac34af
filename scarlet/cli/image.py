"""The boot image: the base archive of the manifest, made once, and each run's additions in a second archive behind it.

A Tree is an image in memory, path -> Entry; it knows enough of names (symbolic links in directories) to put an addition where
the running system will look for it. The image holds the base; a program sees a view of it (views.py), and additions are meant as seen.
"""

import hashlib
import posixpath
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from scarlet.cli import console, cpio, manifest, packages, userland, views
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import BUILD, MANIFEST, VIEWS, write_atomically

FORMAT = 2
"""Part of the cache key: raise it when the builder makes something else of the same manifest."""
MAX_LINKS = 40
KEPT = 8
"""So many base archives of earlier sources are kept."""


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
    key = hashlib.sha256(b"%d\0" % FORMAT + MANIFEST.read_bytes() + VIEWS.read_bytes() + userland.keys())
    for file in files:
        key.update(file.name.encode())
    path = BUILD / "image" / f"base-{key.hexdigest()[:16]}.cpio"
    if path.exists():
        return path.read_bytes()
    programs = list(userland.entries(rules.mtime))  # compiling has a progress display of its own
    with console.working("building the boot image"):
        archive = cpio.write(_base_tree(rules, files, programs).entries.values())
    write_atomically(path, archive)
    for old in sorted(path.parent.glob("base-*.cpio"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return archive


def _base_tree(rules: manifest.Manifest, package_files: list[Path], programs: list[Entry]) -> Tree:
    tree = Tree()
    recipes = views.read(VIEWS)
    for path in _mount_points(rules, recipes):
        tree.add(Entry(path, stat.S_IFDIR | 0o755, mtime=rules.mtime))
    tree.add(Entry(views.RECORDS, stat.S_IFREG | 0o444, recipes.encode(), mtime=rules.mtime))
    for path, mode in sorted(rules.directories.items()):
        tree.add(Entry(path, stat.S_IFDIR | mode, mtime=rules.mtime))
    for path, target in sorted(rules.links.items()):
        tree.add(Entry(path, stat.S_IFLNK | 0o777, target.encode(), mtime=rules.mtime))
    for path, rule in sorted(rules.files.items()):
        tree.add(Entry(path, stat.S_IFREG | rule.mode, rule.text.removeprefix("\n").encode(), mtime=rules.mtime))
    for entry in programs:
        tree.add(entry)
    for package, file in zip(rules.packages, package_files, strict=True):
        for path, (member, data) in packages.extract(file, {path: pattern for pattern, path in package.files.items()}).items():
            tree.add(Entry(path, stat.S_IFREG | stat.S_IMODE(member.mode), data, mtime=int(member.mtime)))
        if package.applets:
            for link in _applet_links(tree.entries[package.applets], rules.mtime):
                if link.path not in tree.entries:
                    tree.add(link)
    return tree


def _mount_points(rules: manifest.Manifest, recipes: views.Views) -> list[str]:
    """Where views mount something in the roots of the ABIs."""
    steps = recipes.recipes[views.DEFAULT]
    return [f"/system/{root}{step.at}".rstrip("/") for root in rules.roots for step in steps]


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


def seen_by(tree: Tree, recipe: views.Recipe) -> Tree:
    """The tree as programs of an ABI see it, before they write anything."""
    seen = Tree()
    for step in recipe.steps:
        top = step.at.rstrip("/")
        for path in [path for path in seen.entries if path.startswith(top + "/")]:
            del seen.entries[path]  # covered
        source = step.source.rstrip("/")
        for path, entry in tree.entries.items():
            if step.source and (path == step.source or path.startswith(source + "/")):
                place = top + path[len(source) :].rstrip("/") or "/"
                seen.entries[place] = replace(entry, path=place)
    return seen


def seen_by_linux() -> Tree:
    """The base archive as Linux programs see it."""
    return seen_by(Tree(cpio.read(base_archive())), views.read(VIEWS).of(views.LINUX))


@dataclass(frozen=True)
class Image:
    """A finished image: its bytes, what is in it, and what the programs see for whom the additions are meant."""

    archive: bytes
    tree: Tree
    seen: Tree


@dataclass(frozen=True)
class Mounted:
    """A disk that covers a folder of the base when the machine runs: what is on it, under the paths of the base."""

    folder: str
    files: tuple[Entry, ...]

    def over(self, tree: Tree) -> Tree:
        """The tree as it is then."""
        left = (entry for path, entry in tree.entries.items() if not self.covers(path))
        return Tree([*left, *self.files])

    def covers(self, path: str) -> bool:
        return path == self.folder or path.startswith(self.folder + "/")


def with_additions(
    base: bytes, additions: Iterable[Entry], recipe: views.Recipe, base_files: Iterable[Entry] = (), disk: Mounted | None = None
) -> Image:
    """The base followed by an archive of the additions, each where the programs of an ABI see it under its path, links followed. The
    paths of `base_files` are those of the base."""
    tree = Tree(cpio.read(base))
    seen = seen_by(disk.over(tree) if disk else tree, recipe)
    before = dict(tree.entries)
    for entry in base_files:
        tree.add(entry)
    for entry in additions:
        place = seen.locate(posixpath.dirname(entry.path))
        path = posixpath.join(place, posixpath.basename(entry.path)) if entry.path != "/" else "/"
        there = seen.entries.get(path)
        if there is not None and there.is_directory and entry.is_directory:
            continue  # what the image has keeps its mode
        if there is not None and there.is_directory:
            raise UserError(f"{path} is a directory in the image, so no file can take its place", Status.USAGE)
        place = recipe.base_path(path)
        if disk is not None and disk.covers(place):
            raise UserError(f"--add: {entry.path} would lie on the disk of --xv6; choose a path below /home or /tmp", Status.USAGE)
        tree.add(replace(entry, path=place))
        seen.add(replace(entry, path=path))
    new = [entry for path, entry in tree.entries.items() if before.get(path) is not entry]
    return Image(base + cpio.write(new), tree, seen)
