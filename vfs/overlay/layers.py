"""How layers record what a plain tree cannot say, and what a name comes to when they are laid over each other.

- A whiteout hides the name from the layers below: a character device (0, 0), as Linux's overlayfs has it, so that trees can be exchanged
  with it, and because any file system that knows devices can hold one.
- Marks are extended attributes: OPAQUE hides what lower directories of the same name hold; REDIRECT is the path, in the layers below, of
  what a renamed directory is merged with; ORIGIN is the lower file that an upper one is a copy of, from which it keeps its inode number;
  LINKS counts the names of a copy of a file that had several below.

All of it stands in the upper layer, so an overlay that is mounted again with the same layers is the same tree.

Source: Linux, Documentation/filesystems/overlayfs.rst.
"""

from typing import Final

from objects.inode import Inode, InodeType

OPAQUE: Final = b"trusted.overlay.opaque"
REDIRECT: Final = b"trusted.overlay.redirect"
ORIGIN: Final = b"trusted.overlay.origin"
LINKS: Final = b"trusted.overlay.nlink"
MARKS: Final = b"trusted.overlay."
"""What every mark begins with; programs never see such attributes."""
YES: Final = b"y"


class Part:
    """A file of one layer; 0 is the uppermost."""

    def __init__(self, layer: int, inode: Inode) -> None:
        self.layer = layer
        self.inode = inode


class Resolved:
    """What a name comes to: a file of the upper layer, files of the layers below, or, for a directory, both."""

    def __init__(self, upper: Inode | None, lowers: list[Part]) -> None:
        self.upper = upper
        self.lowers = lowers

    def top(self) -> Inode:
        """The file whose attributes and content count."""
        return self.upper if self.upper is not None else self.lowers[0].inode


def is_whiteout(inode: Inode) -> bool:
    """Does this file only hide a name?"""
    return inode.type == InodeType.CHARACTER and inode.metadata().rdev == 0


def resolve(upper: Inode | None, lowers: list[Part], name: bytes, roots: list[Inode]) -> Resolved | None:
    """What a name in a merged directory means; None if nothing. `roots` are the tops of all layers, where redirections begin."""
    if upper is not None:
        there = upper.find(name)
        if there is not None:
            if is_whiteout(there):
                return None
            return Resolved(there, _below_upper(there, lowers, name, roots))
    found = lower_files(lowers, name, roots)
    return Resolved(None, found) if len(found) > 0 else None


def _below_upper(there: Inode, lowers: list[Part], name: bytes, roots: list[Inode]) -> list[Part]:
    """The lower directories that an upper file is merged with."""
    if there.type != InodeType.DIRECTORY or there.attribute(OPAQUE) is not None:
        return []
    path = there.attribute(REDIRECT)
    found = lower_files(lowers, name, roots) if path is None else redirected(path, roots, 1)
    if len(found) > 0 and found[0].inode.type != InodeType.DIRECTORY:
        return []
    return found


def lower_files(lowers: list[Part], name: bytes, roots: list[Inode]) -> list[Part]:
    """What a name means in these directories: nothing, one file, or the directories to be merged."""
    found: list[Part] = []
    for part in lowers:
        child = part.inode.find(name)
        if child is None:
            continue
        if is_whiteout(child) or (len(found) > 0 and child.type != InodeType.DIRECTORY):
            break
        found.append(Part(part.layer, child))
        if child.type != InodeType.DIRECTORY or child.attribute(OPAQUE) is not None:
            break
        path = child.attribute(REDIRECT)
        if path is not None:
            found.extend(redirected(path, roots, part.layer + 1))
            break
    return found


def redirected(path: bytes, roots: list[Inode], first: int) -> list[Part]:
    """The directories at a path in the layers from `first` on."""
    here = [Part(layer, roots[layer]) for layer in range(first, len(roots))]
    for name in path.split(b"/"):
        if len(name) > 0:
            here = lower_files(here, name, roots)
            if len(here) > 0 and here[0].inode.type != InodeType.DIRECTORY:
                return []
    return here
