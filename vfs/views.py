"""The views: how programs of each ABI see names, composed over the base that process 1 sees.

A view is a mount table made by a recipe: an overlay of the ABI's own root, which is never written, and a directory that takes its
changes; shared folders bound from the base; the base itself, read-only. Recipes are data (initramfs/views.toml), which the boot image
carries as the file /scarlet/views: a record a line, fields separated by tabs.

    view NAME                          a recipe begins; "base" is what process 1 sees, "default" is for an ABI without one of its own,
                                       "disk" is what a disk that keeps data adds to the base (keeping.py)
    overlay AT LOWER CHANGES WORK      directories of the base
    bind AT SOURCE OPTIONS             a directory of the base; options: "ro", "rec" (with what is mounted in it)
    new AT KIND                        a new file system
    disk AT KIND IMAGE                 the file system in an image, which is a file of the base; KIND "auto": whatever it is

The table of an ABI is made when its first program starts and serves every program of that ABI from then on. Exec into another ABI moves a
process from one view to another; who did chroot(2), or sees a table made for itself, is confined to it and stays whatever it executes.
"""

from typing import Final

from objects.credentials import Credentials
from objects.inode import FileSystem, Inode, InodeType
from objects.metadata import Owner
from objects.view import Location, MountFlags, MountTable, View
from scarlet.kernel import log
from scarlet.lang.errno import EINVAL, ENOENT, ENOTDIR, Errno
from vfs import filesystems
from vfs.mounts import attach, bind_from, dismantle, first_mount
from vfs.overlay.options import new_overlay
from vfs.paths import trail
from vfs.walk import walk

RECIPES: Final = b"/scarlet/views"
BASE: Final = "base"
DEFAULT: Final = "default"
WINDOW: Final = b"/scarlet"
"""Where a view shows the base."""
THIS_ABI: Final = b"{abi}"
THE_DISK: Final = b"{disk}"
ANY_KIND: Final = b"auto"
_KERNEL: Final = Credentials()
_ROOT: Final = Owner(0, 0)
NEW_MODE: Final = 0o755
FIELDS: Final[dict[bytes, int]] = {b"overlay": 5, b"bind": 4, b"new": 3, b"disk": 4}


class Step:
    """One mount of a recipe."""

    def __init__(self, kind: bytes, at: bytes, arguments: list[bytes]) -> None:
        self.kind = kind
        self.at = at
        self.arguments = arguments

    @property
    def source(self) -> bytes:
        """What the mount tables name as its source."""
        match self.kind:
            case b"new":
                return self.arguments[0]
            case b"disk":
                return self.arguments[1]
            case _:
                return self.kind

    def for_abi(self, name: str) -> "Step":
        """The step with the name of the ABI filled in."""
        return self._with(THIS_ABI, name.encode())

    def on_disk(self, device: bytes) -> "Step":
        """The step with the path of the disk's device filled in."""
        return self._with(THE_DISK, device)

    def _with(self, word: bytes, value: bytes) -> "Step":
        return Step(self.kind, self.at, [argument.replace(word, value) for argument in self.arguments])


class Views:
    """The recipes, the base, and the tables composed so far."""

    def __init__(self) -> None:
        self.recipes: dict[str, list[Step]] = {}
        self.base: View | None = None
        self.tables: dict[str, MountTable] = {}


_views: Final = Views()


def parse(text: bytes) -> dict[str, list[Step]]:
    """The recipes of a record file. EINVAL."""
    recipes: dict[str, list[Step]] = {}
    steps: list[Step] = []
    for line in text.split(b"\n"):
        fields = line.split(b"\t")
        if line == b"":
            continue
        if fields[0] == b"view" and len(fields) == 2:
            steps = []
            recipes[fields[1].decode()] = steps
        elif FIELDS.get(fields[0], 0) == len(fields):
            steps.append(Step(fields[0], fields[1], fields[2:]))
        else:
            raise Errno(EINVAL, f"not a record of a view: {line!r}")
    return recipes


def start(root: Inode, recipes: dict[str, list[Step]]) -> View:
    """Compose the base over the root file system; the view of process 1, which keeps it. EINVAL, and what a mount raises."""
    base = first_mount(root, b"root", abi=BASE)
    _views.recipes = recipes
    _views.base = base
    _views.tables.clear()
    for step in recipes.get(BASE, []):
        _mount(base, base, step)
    own = base.fork()
    own.pinned = True
    return own


def recipe(name: str) -> list[Step]:
    """The steps of a recipe; none when there is none of that name."""
    return _views.recipes.get(name, [])


def mount_in_base(step: Step) -> FileSystem:
    """Do one more step in the base: what is mounted is seen in every table that is composed afterwards. What a mount raises."""
    base = _base()
    _mount(base, base, step)
    return walk(base, _KERNEL, None, step.at).mount.filesystem


def directory_of_base(path: bytes) -> Inode:
    """A directory of the base, made if it is missing. ENOTDIR."""
    inode = _made_directory(_base(), path).inode
    if inode.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    return inode


def tables() -> list[MountTable]:
    """Every table that was composed here, the base's last."""
    found = list(_views.tables.values())
    if _views.base is not None:
        found.append(_views.base.mounts)
    return found


def _base() -> View:
    base = _views.base
    if base is None:
        raise Errno(ENOENT, "there is no base yet")
    return base


def for_abi(name: str, current: View, default_cwd: bytes = b"/") -> View:
    """The view of a process that goes on as a program of that ABI: its own if it has it already or may not leave it.

    The working directory is kept when the new view shows it too, else it is `default_cwd`, or the root. Errors of a mount, when the
    ABI's table cannot be composed.
    """
    base = _views.base
    if base is None or current.mounts.abi == name or current.pinned or not _is_whole(current):
        return current
    table = _views.tables.get(name)
    if table is None:
        table = _compose(base, name)
        _views.tables[name] = table
    root = Location(table.root, table.root.root)
    view = View(root, root, table, current.umask)
    cwd = same_place(current.cwd, current, view)
    view.cwd = cwd if cwd is not None else _directory_or_root(view, default_cwd)
    return view


def _is_whole(view: View) -> bool:
    """Does the view begin at the top of a composed table?"""
    table = view.mounts
    return table.abi != "" and view.root.mount is table.root and view.root.inode is table.root.root


def same_place(place: Location, old: View, new: View) -> Location | None:
    """Where a view shows the file that another view shows at a place; None when it does not, or the file has lost its name."""
    shared = _in_shared_mount(place, new)
    if shared is not None:
        return shared
    found = trail(place, old.root)
    if found.deleted or not found.reached_root:
        return None
    for path in names_across(found.text()):
        try:
            there = walk(new, _KERNEL, None, path)
        except Errno:
            continue
        if there.inode is place.inode:
            return there
    return None


def _in_shared_mount(place: Location, new: View) -> Location | None:
    """The same place in a directory that both views bind to their root (/home, /tmp), if nothing is mounted over it or in it: then no
    path needs to be walked."""
    top = new.root.mount
    if top.children.get(top.root) is not None:
        return None
    for mount in top.children.values():
        if mount.root is place.mount.root and len(mount.children) == 0:
            return Location(mount, place.inode, place.directory, place.name)
    return None


def names_across(path: bytes) -> list[bytes]:
    """What an absolute path of one view may be called in another: the same, or as one of them sees the other through the base."""
    names = [path, WINDOW + path]
    if path.startswith(WINDOW + b"/"):
        names.append(path[len(WINDOW) :])
    return names


def _directory_or_root(view: View, path: bytes) -> Location:
    try:
        there = walk(view, _KERNEL, None, path)
        if there.inode.type == InodeType.DIRECTORY:
            return there
    except Errno:
        pass
    return view.root


# Composing


def _compose(base: View, name: str) -> MountTable:
    """The table of an ABI, from its recipe. The first step makes the root."""
    recipe = _views.recipes.get(name)
    if recipe is None:
        recipe = _views.recipes.get(DEFAULT, [])
    steps = [step.for_abi(name) for step in recipe]
    if len(steps) == 0 or steps[0].at != b"/":
        raise Errno(EINVAL, f"the view of {name} does not begin with its root")
    view = _rooted(base, name, steps[0])
    for step in steps[1:]:
        try:
            _mount(base, view, step)
        except MemoryError:
            dismantle(view.mounts)  # else it would keep its overlay, and nobody could compose it again
            raise
        except Errno as error:
            log.warn(f"view of {name}: {step.at.decode(errors='replace')} is missing: {error}")
    log.info(f"view of {name}: {len(view.mounts.mounts)} mounts")
    return view.mounts


def _rooted(base: View, name: str, step: Step) -> View:
    if step.kind == b"bind":
        source = walk(base, _KERNEL, None, step.arguments[0])
        return first_mount(source.inode, source.mount.source, source.mount.flags & ~int(MountFlags.READ_ONLY), abi=name)
    return first_mount(_new_root(base, step), step.source, abi=name)


def _mount(base: View, view: View, step: Step) -> None:
    """Do one step in the table of a view."""
    place = _made_directory(view, step.at)
    if step.kind == b"bind":
        options = step.arguments[1].split(b",")
        added = MountFlags.READ_ONLY if b"ro" in options else MountFlags.NONE
        source = _made_directory(base, step.arguments[0])
        bind_from(base.mounts, source, view.mounts, place, added, recursive=b"rec" in options)
    else:
        attach(view.mounts, _new_root(base, step), place, MountFlags.RELATIME, step.source)


def _new_root(base: View, step: Step) -> Inode:
    """The top of what a step mounts, if it is no bind."""
    arguments = step.arguments
    match step.kind:
        case b"overlay":
            lower = _made_directory(base, arguments[0]).inode
            upper = _made_directory(base, arguments[1]).inode
            work = _made_directory(base, arguments[2]).inode
            described = b",lowerdir=" + arguments[0] + b",upperdir=" + arguments[1] + b",workdir=" + arguments[2]
            return new_overlay([lower], upper, work, described)
        case b"new":
            return filesystems.make(arguments[0], arguments[0], b"")
        case b"disk":
            disk = walk(base, _KERNEL, None, arguments[1]).inode
            if arguments[0] == ANY_KIND:
                return filesystems.recognise_on(disk)
            return filesystems.make_on(arguments[0], disk, b"", to_write=False)
        case _:
            raise Errno(EINVAL, f"not a step of a view: {step.kind!r}")


def _made_directory(view: View, path: bytes) -> Location:
    """The directory at a path, made with its parents where it is missing: what an image lacks, the kernel adds before anybody looks."""
    try:
        return walk(view, _KERNEL, None, path)
    except Errno as error:
        if error.code != ENOENT:
            raise
    slash = path.rfind(b"/")
    above = _made_directory(view, path[:slash] if slash > 0 else b"/")
    above.inode.create(path[slash + 1 :], InodeType.DIRECTORY, NEW_MODE, _ROOT)
    return walk(view, _KERNEL, None, path)
