"""A directory of an overlay: directories of several layers under one name, merged.

Files that were looked up stay in `children`, so a name that is looked up again costs one look into a dict; `seen` is the sum of the
layers' change counts at which they were right. Changes made through the overlay keep them right; when a layer was changed by somebody
else they are all checked again. Children know their directory weakly; one that was removed while in use holds its former parent, so
that ".." goes on working.

A renamed directory stays merged with what it was merged with: `lower_path` is where that is, and REDIRECT says so in the upper layer.
What can fail is done first, in the work directory; what programs see changes in one rename of the upper file system.

Sources: Linux, Documentation/filesystems/overlayfs.rst; rename(2).
"""

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Metadata, Owner, RenameFlags
from scarlet.lang.errno import EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, ESTALE, EXDEV, Errno
from vfs.overlay.copyup import make_copy, origin_of
from vfs.overlay.filesystem import Overlay
from vfs.overlay.inode import OverlayInode, put_quietly
from vfs.overlay.layers import LINKS, OPAQUE, ORIGIN, REDIRECT, YES, Resolved, lower_files, resolve
from vfs.overlay.listing import Listing


class OverlayDirectory(OverlayInode):
    """`lowers` are the directories below the upper one, the highest first."""

    def __init__(self, overlay: Overlay, resolved: Resolved, lower_path: bytes) -> None:
        lowers = resolved.lowers
        number = overlay.number(lowers[0].inode if len(lowers) > 0 else resolved.top())
        self.children: dict[bytes, OverlayInode] = {}
        super().__init__(overlay, resolved.top(), resolved.upper, number)
        self.lowers = lowers
        self.lower_path = lower_path
        self.seen = self._layer_changes()
        self._listing = Listing()
        self._listed_at = -1
        self._former_parent: OverlayDirectory | None = None

    def __del__(self) -> None:
        _release_tree(self)
        super().__del__()

    # Looking

    def lookup(self, name: bytes) -> Inode:
        child = self.find(name)
        if child is None:
            raise Errno(ENOENT)
        return child

    def find(self, name: bytes) -> OverlayInode | None:
        """The file under a name, None when there is none."""
        changes = self._layer_changes()
        if changes != self.seen:
            self._check_children()
            self.seen = changes
        child = self.children.get(name)
        if child is None and not self.removed:
            resolved = resolve(self.upper, self.lowers, name, self.overlay.layers)
            if resolved is not None:
                child = self._child_for(name, resolved)
                self.children[name] = child
        return child

    def changes(self) -> int:
        return self._layer_changes()

    def _layer_changes(self) -> int:
        total = 0
        if self.upper is not None:
            total = self.upper.changes()
        for part in self.lowers:
            total += part.inode.changes()
        return total

    def accept(self) -> None:
        """The last changes of the layers were made by the overlay itself."""
        self.seen = self._layer_changes()

    def _check_children(self) -> None:
        """Somebody changed a layer: forget what is no longer there."""
        for name, child in list(self.children.items()):
            resolved = resolve(self.upper, self.lowers, name, self.overlay.layers)
            top = resolved.top() if resolved is not None else None
            if resolved is None or (top is not child.real and top is not child.lower):
                self.children.pop(name)
                if isinstance(child, OverlayDirectory):
                    child._former_parent = self
            elif isinstance(child, OverlayDirectory):
                child.lowers = resolved.lowers

    def _child_for(self, name: bytes, resolved: Resolved) -> OverlayInode:
        """The overlay file that shows what was found: the one in use, or a new one."""
        overlay = self.overlay
        real = resolved.top()
        known = overlay.showing(real)
        if known is not None:
            return known
        if real.type == InodeType.DIRECTORY:
            path = self.lower_path + b"/" + name
            if resolved.upper is not None:
                redirect = resolved.upper.attribute(REDIRECT)
                path = redirect if redirect is not None else path
            directory = OverlayDirectory(overlay, resolved, path)
            directory.settle(self, name)
            return directory
        upper = resolved.upper
        number = overlay.number(real)
        if upper is None and overlay.writable and real.metadata().nlink > 1:
            upper = overlay.index().find(origin_of(real))
            known = overlay.showing(upper) if upper is not None else None
            if known is not None:
                return known
        child = OverlayInode(overlay, real, resolved.upper, number)
        child.settle(self, name)
        if upper is not None:
            _recall(child, upper, number)
        return child

    def parent(self) -> Inode:
        if self._former_parent is not None:
            return self._former_parent
        above = self.above() if self.above is not None else None
        return above if above is not None else self

    def name_of(self, child: Inode) -> bytes:
        if isinstance(child, OverlayInode) and self.children.get(child.name) is child:
            return child.name
        for name, candidate in self.children.items():
            if candidate is child:
                return name
        raise Errno(ENOENT)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        batch: list[DirectoryEntry] = []
        for listed in self._names().after(cursor):
            child = self.find(listed.name)
            if child is not None:
                batch.append(DirectoryEntry(listed.name, child.number, child.type, listed.cursor))
        return batch

    def _names(self) -> Listing:
        """The merged names as they are now."""
        changes = self._layer_changes()
        if changes != self._listed_at:
            self._listing.refresh(self.upper, self.lowers)
            self._listed_at = changes
        return self._listing

    def is_empty(self) -> bool:
        """Does no name show?"""
        return len(self._names().names) == 0

    def metadata(self) -> Metadata:
        facts = super().metadata()
        if len(self.lowers) > 1 or (self.upper is not None and len(self.lowers) > 0):
            facts.nlink = 2 + self._names().directories
        return facts

    # Making

    def create(self, name: bytes, type: InodeType, mode: int, owner: Owner, rdev: int = 0) -> Inode:
        self._require_free(name)
        if type == InodeType.CHARACTER and rdev == 0:
            raise Errno(EPERM, "this would be a whiteout")
        upper = self.copy_up()
        if upper.find(name) is None:
            return self._show_new(name, upper.create(name, type, mode, owner, rdev))
        temporary = self.overlay.temporary_name()
        made = self.overlay.work().create(temporary, type, mode, owner, rdev)
        if type == InodeType.DIRECTORY:
            made.set_attribute(OPAQUE, YES)
        self.overlay.swap(temporary, upper, name)
        return self._show_new(name, made)

    def create_unnamed(self, mode: int, owner: Owner, *, linkable: bool) -> Inode:
        if self.removed:
            raise Errno(ENOENT, "the directory was removed")
        made = self.overlay.work().create_unnamed(mode, owner, linkable=linkable)
        return OverlayInode(self.overlay, made, made, self.overlay.number(made))

    def symlink(self, name: bytes, target: bytes, owner: Owner) -> Inode:
        self._require_free(name)
        upper = self.copy_up()
        if upper.find(name) is None:
            return self._show_new(name, upper.symlink(name, target, owner))
        temporary = self.overlay.temporary_name()
        made = self.overlay.work().symlink(temporary, target, owner)
        self.overlay.put(temporary, upper, name)
        return self._show_new(name, made)

    def link(self, name: bytes, inode: Inode) -> None:
        self._require_free(name)
        if not isinstance(inode, OverlayInode) or inode.overlay is not self.overlay:
            raise Errno(EXDEV)
        if inode.type == InodeType.DIRECTORY:
            raise Errno(EPERM, "directories have one name")
        if inode.removed or inode.links == 0:
            raise Errno(ENOENT, "the file lost its last name")
        upper = self.copy_up()
        real = inode.copy_up()
        if upper.find(name) is None:
            upper.link(name, real)
        else:
            temporary = self.overlay.temporary_name()
            self.overlay.work().link(temporary, real)
            self.overlay.put(temporary, upper, name)
        inode.gained_name()
        self.children[name] = inode
        self.accept()

    def _require_free(self, name: bytes) -> None:
        if self.find(name) is not None:
            raise Errno(EEXIST)
        if self.removed:
            raise Errno(ENOENT, "the directory was removed")

    def _show_new(self, name: bytes, made: Inode) -> OverlayInode:
        child = self._child_for(name, Resolved(made, []))
        self.children[name] = child
        self.accept()
        return child

    # Removing

    def unlink(self, name: bytes) -> None:
        child = self._child(name)
        if child.type == InodeType.DIRECTORY:
            raise Errno(EISDIR)
        upper = self.copy_up()
        child.prepare_loss()
        if self._covers(name):
            self.overlay.put(self.overlay.make_whiteout(), upper, name)
        else:
            upper.unlink(name)
        self.children.pop(name)
        child.lost_name()
        self.accept()

    def rmdir(self, name: bytes) -> None:
        child = self._child(name)
        if not isinstance(child, OverlayDirectory):
            raise Errno(ENOTDIR)
        if not child.is_empty():
            raise Errno(ENOTEMPTY)
        upper = self.copy_up()
        overlay = self.overlay
        if self._covers(name):
            whiteout = overlay.make_whiteout()
            if child.upper is None:
                overlay.put(whiteout, upper, name)
            else:
                overlay.swap(whiteout, upper, name)
        else:
            aside = overlay.temporary_name()
            upper.rename(name, overlay.work(), aside, RenameFlags.NONE)
            overlay.discard(aside)
        self.children.pop(name)
        child.become_removed(self)
        self.accept()

    def become_removed(self, former_parent: "OverlayDirectory") -> None:
        """This empty directory lost its name; open handles and working directories may still hold it."""
        self.removed = True
        self.links = 0
        self.lowers = []
        self._former_parent = former_parent

    def _child(self, name: bytes) -> OverlayInode:
        child = self.find(name)
        if child is None:
            raise Errno(ENOENT)
        return child

    def _covers(self, name: bytes) -> bool:
        """Would the name show something of a lower layer if the upper one did not have it?"""
        return len(lower_files(self.lowers, name, self.overlay.layers)) > 0

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before."""
        if flags & RenameFlags.WHITEOUT:
            raise Errno(EINVAL, "an overlay makes its own whiteouts")
        if not isinstance(target_directory, OverlayDirectory) or target_directory.overlay is not self.overlay:
            raise Errno(EXDEV)
        moved = self._child(name)
        if target_directory.removed:
            raise Errno(ENOENT, "the directory was removed")
        victim = target_directory.find(target_name)
        if flags & RenameFlags.EXCHANGE:
            self._exchange(name, moved, target_directory, target_name)
            return
        if victim is not None and flags & RenameFlags.NOREPLACE:
            raise Errno(EEXIST)
        if moved is victim:
            return
        if victim is not None:
            _require_replaceable(moved, victim)
            victim.prepare_loss()
        self._move(name, moved, target_directory, target_name)
        self.children.pop(name)
        if isinstance(victim, OverlayDirectory):
            victim.become_removed(target_directory)
        elif victim is not None:
            victim.lost_name()
        target_directory.children[target_name] = moved
        moved.settle(target_directory, target_name)
        self.accept()
        target_directory.accept()

    def _move(self, name: bytes, moved: OverlayInode, target: "OverlayDirectory", target_name: bytes) -> None:
        """Move a name in the upper layer, leaving a whiteout where something of a lower one would show. Changes nothing when it fails."""
        overlay = self.overlay
        upper = self._with_entry(name, moved)
        target_upper = target.copy_up()
        _mark_moved(moved, merges=target._covers(target_name))
        whiteout = overlay.make_whiteout() if self._covers(name) else b""
        aside = b""
        try:
            if moved.type == InodeType.DIRECTORY and target_upper.find(target_name) is not None:
                free = overlay.temporary_name()
                target_upper.rename(target_name, overlay.work(), free, RenameFlags.NONE)
                aside = free
            upper.rename(name, target_upper, target_name, RenameFlags.NONE)
        except (Errno, MemoryError):
            if len(aside) > 0:
                overlay.put(aside, target_upper, target_name)
            if len(whiteout) > 0:
                overlay.discard(whiteout)
            raise
        if len(whiteout) > 0:
            overlay.put(whiteout, upper, name)
        if len(aside) > 0:
            overlay.discard(aside)

    def _exchange(self, name: bytes, moved: OverlayInode, target: "OverlayDirectory", target_name: bytes) -> None:
        """Let two names change their files."""
        other = target._child(target_name)
        if other is moved:
            return
        upper = self._with_entry(name, moved)
        target_upper = target._with_entry(target_name, other)
        _mark_moved(moved, merges=target._covers(target_name))
        _mark_moved(other, merges=self._covers(name))
        upper.rename(name, target_upper, target_name, RenameFlags.EXCHANGE)
        self.children[name] = other
        target.children[target_name] = moved
        other.settle(self, name)
        moved.settle(target, target_name)
        self.accept()
        target.accept()

    def _with_entry(self, name: bytes, child: OverlayInode) -> Inode:
        """The upper directory, in which the name now means the child's copy. (A copy in the index may have no name yet.)"""
        upper = self.copy_up()
        real = child.copy_up()
        if upper.find(name) is not real:
            upper.link(name, real)
        return upper

    # Copying up

    def copy_up(self, size: int = -1) -> Inode:
        """The upper directory, made with all that lead to it if need be, empty: what it holds stays below. ENOSPC, EROFS."""
        missing: list[OverlayDirectory] = []
        here: OverlayDirectory = self
        while here.upper is None:
            missing.append(here)
            above = here.above() if here.above is not None else None
            if above is None or here.removed:
                break
            here = above
        while len(missing) > 0:
            missing.pop()._copy_up_here()
        assert self.upper is not None
        return self.upper

    def _copy_up_here(self) -> None:
        overlay = self.overlay
        above = self.above() if self.above is not None else None
        name = make_copy(overlay, self.real, -1)
        copy = overlay.work().lookup(name)
        if self.removed:
            overlay.discard(name)
        elif above is not None and above.upper is not None:
            put_quietly(overlay, name, above.upper, self.name)
            above.accept()
        else:
            overlay.discard(name)
            raise Errno(ESTALE, "the directory was removed from its layer")
        self.become(copy)
        self.accept()


def _recall(child: OverlayInode, upper: Inode, number: int) -> None:
    """A file that has been copied up before: it keeps the number of its origin, and a copy from the index its count of names."""
    origin = upper.attribute(ORIGIN)
    first = child.overlay.number_of_origin(origin) if origin is not None else -1
    child.number = first if first >= 0 else number
    links = upper.attribute(LINKS)
    if links is not None:
        child.links = int(links)
    if child.upper is None:
        child.become(upper)


def _mark_moved(moved: OverlayInode, *, merges: bool) -> None:
    """Before a directory gets another name: what it is merged with stays where it was; what `merges` at its new place must not show."""
    if isinstance(moved, OverlayDirectory) and moved.upper is not None:
        if len(moved.lowers) > 0:
            moved.upper.set_attribute(REDIRECT, moved.lower_path)
        elif merges:
            moved.upper.set_attribute(OPAQUE, YES)


def _require_replaceable(moved: OverlayInode, victim: OverlayInode) -> None:
    """A directory replaces only an empty directory, anything else only what is no directory. (rename(2))"""
    if isinstance(victim, OverlayDirectory):
        if moved.type != InodeType.DIRECTORY:
            raise Errno(EISDIR)
        if not victim.is_empty():
            raise Errno(ENOTEMPTY)
    elif moved.type == InodeType.DIRECTORY:
        raise Errno(ENOTDIR)


def _release_tree(top: OverlayDirectory) -> None:
    """A directory that dies takes the files below it along: emptied in a loop, because a kernel stack cannot hold the recursion."""
    pending: list[OverlayInode] = list(top.children.values())
    top.children.clear()
    while len(pending) > 0:
        child = pending.pop()
        if isinstance(child, OverlayDirectory):
            pending.extend(child.children.values())
            child.children.clear()
