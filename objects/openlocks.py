"""The locks of an open file: what flock(2), and the record locks that belong to an open file, are taken with and end with.

Whatever an open file is - a file, a directory, a device's node, a pipe - its locks are those of its inode, held under a number
that is the open file's own. The number's holder dies with the open file, and the locks with it.
"""

from objects.handle import owners
from objects.locks import FileLocks
from objects.object import KernelObject
from scarlet.lang.errno import EINVAL, Errno


class LockOwner:
    """An open file as an owner of locks. `KernelObject.lock_owner` is its only home."""

    def __init__(self, locks: FileLocks) -> None:
        self.locks = locks
        self.number: int = owners.next()

    def __del__(self) -> None:
        self.locks.release_owner(self.number)


def locks_of(object: KernelObject) -> FileLocks:
    """The locks on the file that is open. EINVAL for what has no file, an event for instance."""
    inode = object.inode()
    if inode is None:
        raise Errno(EINVAL, "no file, so nothing to lock")
    locks = inode.locks
    if locks is None:
        locks = FileLocks()
        inode.locks = locks
    return locks


def own_locks(object: KernelObject) -> int:
    """The number under which the open file holds locks."""
    owner = object.lock_owner
    if owner is None:
        owner = LockOwner(locks_of(object))
        object.lock_owner = owner
    return owner.number
