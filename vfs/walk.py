"""Path resolution: from a path to the place it names.

A Walker stands on a directory (`mount`, `inode`) and eats a path component by component. On the way it checks search permission, steps
onto mounts and back off them, follows symbolic links (forty at most) by putting their text in front of the rest, and never climbs above
the root of its view. `walk` goes to the end; `walk_parent` stops before the last component, for whoever will make or remove that name.

Invariants: (mount, inode) always name one place, and inode is never covered by a mount; nothing here changes a file system.

Sources: path_resolution(7), symlink(7), openat2(2).
"""

from enum import IntFlag
from typing import Final

from objects.credentials import Credentials
from objects.inode import Inode, InodeType
from objects.view import Location, Mount, MountFlags, View
from scarlet.lang.errno import ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EXDEV, Errno
from vfs.permissions import require_search

NAME_MAX: Final = 255
PATH_MAX: Final = 4096
MAX_LINKS: Final = 40
SLASH: Final = 47
DOT: Final = 46


class Walk(IntFlag):
    """How to walk. The last five are openat2's RESOLVE_ flags."""

    NONE = 0
    FOLLOW = 1
    """A symbolic link at the end is followed."""
    NO_MOUNT_CROSSING = 2
    NO_MAGIC_LINKS = 4
    NO_LINKS = 8
    BENEATH = 16
    IN_ROOT = 32


SCOPED: Final = Walk.BENEATH | Walk.IN_ROOT


class Walker:
    """A walk in progress, and afterwards its result."""

    def __init__(self, view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk) -> None:
        """`start` is where a relative path begins, the working directory if None. The path is not empty."""
        self.view = view
        self.who = who
        self.flags = flags
        self.path = path
        self.position = 0
        self.links = 0
        here = start if start is not None else view.cwd
        self.root = here if flags & SCOPED else view.root
        if path[0] == SLASH:
            if flags & Walk.BENEATH:
                raise Errno(EXDEV, "an absolute path leaves the starting directory")
            if flags & Walk.NO_MOUNT_CROSSING and self.root.mount is not here.mount:
                raise Errno(EXDEV, "the path crosses a mount")
            here = self.root
        self.mount: Mount = here.mount
        self.inode: Inode = here.inode
        self.directory: Inode | None = None
        """At the end: the directory in which `name` was found to be `inode`; None when it was reached in another way."""
        self.name = b""
        self.last_name = b""
        self.trailing_slash = False

    def to_end(self) -> None:
        """Walk the whole path. ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EXDEV."""
        while self.to_parent():
            self.last(follow=self.trailing_slash or self.flags & Walk.FOLLOW != 0)
        if self.trailing_slash and self.inode.type != InodeType.DIRECTORY:
            raise Errno(ENOTDIR, "a slash follows what is not a directory")

    def to_parent(self) -> bool:
        """Walk up to the last component and leave it in `last_name`, with its directory in (mount, inode). False when none is left."""
        path = self.path
        length = len(path)
        position = self.position
        while True:
            while position < length and path[position] == SLASH:
                position += 1
            if position == length:
                self.position = position
                return False
            if self.inode.type != InodeType.DIRECTORY:
                raise Errno(ENOTDIR)
            require_search(self.who, self.inode)
            end = position + 1
            while end < length and path[end] != SLASH:
                end += 1
            if end - position > NAME_MAX:
                raise Errno(ENAMETOOLONG, "a component is longer than 255 bytes")
            name = path[position:end]
            position = end
            while position < length and path[position] == SLASH:
                position += 1
            if position == length:
                self.position = position
                self.last_name = name
                self.trailing_slash = end < length
                return True
            link = self._step(name)
            if link is not None:
                self.position = position
                self.enter_link(link)
                path = self.path
                length = len(path)
                position = self.position

    def last(self, *, follow: bool) -> None:
        """Take the last component, after to_parent(). When it was a link and followed, its text is the new path: call to_parent() again."""
        directory = self.inode
        link = self._step(self.last_name)
        if link is None:
            if self.inode is not self.mount.root and not self.last_is_special():
                self.directory = directory
                self.name = self.last_name
        elif follow:
            self.enter_link(link)
        else:
            self.arrive(link)

    def arrive(self, child: Inode) -> None:
        """End at the file that `last_name` means in the present directory."""
        self.directory = self.inode
        self.name = self.last_name
        self.inode = child

    def enter_link(self, link: Inode) -> None:
        """Go where a symbolic link in the present directory points: its text becomes the beginning of the path that is left."""
        self.links += 1
        if self.links > MAX_LINKS:
            raise Errno(ELOOP, "more than 40 symbolic links")
        if self.flags & Walk.NO_LINKS:
            raise Errno(ELOOP, "symbolic links are not to be followed")
        if self.mount.flags & MountFlags.NOSYMFOLLOW:
            raise Errno(ELOOP, "the mount forbids following symbolic links")
        target = link.follow()
        if target is not None:
            self._jump(target)
            return
        text = link.readlink()
        if len(text) == 0:
            raise Errno(ENOENT, "an empty symbolic link")
        rest = self.path[self.position :]
        if len(rest) > 0 or self.trailing_slash:
            text = text + b"/" + rest
        self.path = text
        self.position = 0
        self.trailing_slash = False
        if text[0] == SLASH:
            if self.flags & Walk.BENEATH:
                raise Errno(EXDEV, "an absolute link leaves the starting directory")
            self._to_root()

    def location(self) -> Location:
        """Where the walk ended."""
        return Location(self.mount, self.inode, self.directory, self.name)

    def last_is_special(self) -> bool:
        """After to_parent(): is the last component "." or ".."?"""
        return self.last_name == b"." or self.last_name == b".."

    def _step(self, name: bytes) -> Inode | None:
        """Go to the file under a name. A symbolic link is given back instead, for the caller to decide."""
        if name[0] == DOT:
            if len(name) == 1:
                return None
            if len(name) == 2 and name[1] == DOT:
                self._up()
                return None
        child = self.inode.lookup(name)
        if child.type == InodeType.SYMLINK:
            return child
        self.inode = child
        if child.mount_points:
            self._onto_mounts()
        return None

    def _onto_mounts(self) -> None:
        """Step from a directory onto what is mounted there, and there again."""
        mounted = self.mount.children.get(self.inode)
        while mounted is not None:
            if self.flags & Walk.NO_MOUNT_CROSSING:
                raise Errno(EXDEV, "the path crosses a mount")
            mounted.visits += 1
            self.mount = mounted
            self.inode = mounted.root
            mounted = self.mount.children.get(self.inode)

    def _up(self) -> None:
        """Go to the parent directory, over the borders of mounts, but not above the root."""
        root = self.root
        while True:
            if self.inode is root.inode and self.mount is root.mount:
                if self.flags & Walk.BENEATH:
                    raise Errno(EXDEV, "the path leaves the starting directory")
                return
            if self.inode is not self.mount.root:
                break
            below = self.mount.parent
            if below is None:
                return
            if self.flags & Walk.NO_MOUNT_CROSSING:
                raise Errno(EXDEV, "the path crosses a mount")
            self.mount = below.mount
            self.inode = below.inode
        self.inode = self.inode.parent()
        if self.inode.mount_points:
            self._onto_mounts()

    def _to_root(self) -> None:
        root = self.root
        if self.flags & Walk.NO_MOUNT_CROSSING and root.mount is not self.mount:
            raise Errno(EXDEV, "the path crosses a mount")
        self.mount = root.mount
        self.inode = root.inode

    def _jump(self, target: Location) -> None:
        """Follow a magic link, which leads to a place and not to a path."""
        if self.flags & Walk.NO_MAGIC_LINKS:
            raise Errno(ELOOP, "magic links are not to be followed")
        if self.flags & SCOPED:
            raise Errno(EXDEV, "a magic link leaves the starting directory")
        if self.flags & Walk.NO_MOUNT_CROSSING and target.mount is not self.mount:
            raise Errno(EXDEV, "the path crosses a mount")
        self.mount = target.mount
        self.inode = target.inode
        self.directory = target.directory
        self.name = target.name


def walk(view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk = Walk.FOLLOW) -> Location:
    """The place a path names. ENOENT (also for an empty path), ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EXDEV."""
    return walker_at_end(view, who, start, path, flags).location()


def walk_inode(view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk = Walk.FOLLOW) -> Inode:
    """The file a path names, for whoever needs no place (stat). Errors as walk()."""
    return walker_at_end(view, who, start, path, flags).inode


def walker_at_end(view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk) -> Walker:
    """A walker that went the whole path. Errors as walk()."""
    if len(path) == 0:
        raise Errno(ENOENT, "an empty path")
    walker = Walker(view, who, start, path, flags)
    walker.to_end()
    return walker


def walk_parent(view: View, who: Credentials, start: Location | None, path: bytes, flags: Walk = Walk.NONE) -> Walker:
    """A walker before the last component, standing on its directory; its `last_name` is empty when there is none (the root). As walk()."""
    if len(path) == 0:
        raise Errno(ENOENT, "an empty path")
    walker = Walker(view, who, start, path, flags)
    walker.to_parent()
    return walker


def search_directory(who: Credentials, location: Location) -> None:
    """ENOTDIR or EACCES unless the place is a directory to stand in (chdir, chroot)."""
    if location.inode.type != InodeType.DIRECTORY:
        raise Errno(ENOTDIR)
    require_search(who, location.inode)
