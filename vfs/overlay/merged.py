"""A directory of an overlay: directories of several layers under one name, merged. Here is what looks at it, and its copy-up.

Files that were looked up stay in `children`, so a name that is looked up again costs one look into a dict; `seen` is the sum of the
layers' change counts at which they were right. Changes made through the overlay keep them right; when a layer was changed by somebody
else they are all checked again. Children know their directory weakly; one that was removed while in use holds its former parent, so
that ".." goes on working.

Source: Linux, Documentation/filesystems/overlayfs.rst.
"""

from objects.inode import DirectoryEntry, Inode, InodeType
from objects.metadata import Metadata
from scarlet.lang.errno import ENOENT, ESTALE, Errno
from vfs.overlay.copyup import make_copy, origin_of
from vfs.overlay.filesystem import Overlay
from vfs.overlay.inode import OverlayInode, put_quietly
from vfs.overlay.layers import LINKS, ORIGIN, REDIRECT, Resolved, lower_files, resolve
from vfs.overlay.listing import Listing


class MergedDirectory(OverlayInode):
    """`lowers` are the directories below the upper one, the highest first; `lower_path` is where they lie in their layers."""

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
        self._former_parent: MergedDirectory | None = None

    def __del__(self) -> None:
        _release_tree(self)
        super().__del__()

    # Looking

    def lookup(self, name: bytes) -> OverlayInode:
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
        if child is not None:
            child.refresh()
        elif not self.removed:
            resolved = resolve(self.upper, self.lowers, name, self.overlay.layers)
            if resolved is not None:
                child = self.child_for(name, resolved)
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
                if isinstance(child, MergedDirectory):
                    child._former_parent = self
            elif isinstance(child, MergedDirectory):
                child.lowers = resolved.lowers

    def child_for(self, name: bytes, resolved: Resolved) -> OverlayInode:
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
            directory = self.new_directory(resolved, path)
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

    def new_directory(self, resolved: Resolved, lower_path: bytes) -> "MergedDirectory":
        """A directory of the same kind as this one."""
        return MergedDirectory(self.overlay, resolved, lower_path)

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

    # For what changes it (directory.py)

    def covers(self, name: bytes) -> bool:
        """Would the name show something of a lower layer if the upper one did not have it?"""
        return len(lower_files(self.lowers, name, self.overlay.layers)) > 0

    def become_removed(self, former_parent: "MergedDirectory") -> None:
        """This empty directory lost its name; open handles and working directories may still hold it."""
        self.removed = True
        self.links = 0
        self.lowers = []
        self._former_parent = former_parent

    # Copying up

    def copy_up(self, size: int = -1) -> Inode:
        """The upper directory, made with all that lead to it if need be, empty: what it holds stays below. ENOSPC, EROFS."""
        missing: list[MergedDirectory] = []
        here: MergedDirectory = self
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


def _release_tree(top: MergedDirectory) -> None:
    """A directory that dies takes the files below it along: emptied in a loop, because a kernel stack cannot hold the recursion."""
    pending: list[OverlayInode] = list(top.children.values())
    top.children.clear()
    while len(pending) > 0:
        child = pending.pop()
        if isinstance(child, MergedDirectory):
            pending.extend(child.children.values())
            child.children.clear()
