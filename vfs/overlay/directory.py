"""Making, removing and moving names in a directory of an overlay.

A name that a lower layer has is removed by a whiteout. A renamed directory stays merged with what it was merged with: REDIRECT in the upper
layer says where that is; one that must not show what lies below its new name is marked OPAQUE. What can fail is done first, in the work
directory; what programs see changes in one rename of the upper file system.

Sources: Linux, Documentation/filesystems/overlayfs.rst; rename(2).
"""

from objects.inode import Inode, InodeType
from objects.metadata import Owner, RenameFlags
from scarlet.lang.errno import EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM, EXDEV, Errno
from vfs.overlay.inode import OverlayInode
from vfs.overlay.layers import OPAQUE, REDIRECT, YES, Resolved
from vfs.overlay.merged import MergedDirectory
from vfs.replacing import require_empty, require_replaceable


class OverlayDirectory(MergedDirectory):
    """A directory, complete."""

    def new_directory(self, resolved: Resolved, lower_path: bytes) -> MergedDirectory:
        return OverlayDirectory(self.overlay, resolved, lower_path)

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
        child = self.child_for(name, Resolved(made, []))
        self.children[name] = child
        self.accept()
        return child

    # Removing

    def unlink(self, name: bytes) -> None:
        child = self.lookup(name)
        if child.type == InodeType.DIRECTORY:
            raise Errno(EISDIR)
        upper = self.copy_up()
        child.prepare_loss()
        if self.covers(name):
            self.overlay.put(self.overlay.make_whiteout(), upper, name)
        else:
            upper.unlink(name)
        self.children.pop(name)
        child.lost_name()
        self.accept()

    def rmdir(self, name: bytes) -> None:
        child = self.lookup(name)
        if not isinstance(child, OverlayDirectory):
            raise Errno(ENOTDIR)
        require_empty(child)
        upper = self.copy_up()
        overlay = self.overlay
        if self.covers(name):
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

    # Renaming

    def rename(self, name: bytes, target_directory: Inode, target_name: bytes, flags: RenameFlags) -> None:
        """As rename(2) demands of a file system; that no directory moves below itself is checked before."""
        if flags & RenameFlags.WHITEOUT:
            raise Errno(EINVAL, "an overlay makes its own whiteouts")
        if not isinstance(target_directory, OverlayDirectory) or target_directory.overlay is not self.overlay:
            raise Errno(EXDEV)
        moved = self.lookup(name)
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
            require_replaceable(moved, victim)
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
        _mark_moved(moved, merges=target.covers(target_name))
        whiteout = overlay.make_whiteout() if self.covers(name) else b""
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
        other = target.lookup(target_name)
        if other is moved:
            return
        upper = self._with_entry(name, moved)
        target_upper = target._with_entry(target_name, other)
        _mark_moved(moved, merges=target.covers(target_name))
        _mark_moved(other, merges=self.covers(name))
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


def _mark_moved(moved: OverlayInode, *, merges: bool) -> None:
    """Before a directory gets another name: what it is merged with stays where it was; what `merges` at its new place must not show."""
    if isinstance(moved, OverlayDirectory) and moved.upper is not None:
        if len(moved.lowers) > 0:
            moved.upper.set_attribute(REDIRECT, moved.lower_path)
        elif merges:
            moved.upper.set_attribute(OPAQUE, YES)
