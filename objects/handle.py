"""Handle tables: how a process holds kernel objects.

A slot holds a Handle: an object, the rights its owner has on it, its role and the close-on-exec mark. The lowest free slot is
always given first, as POSIX demands. Rights are checked here and nowhere else, and no operation makes them more: what is duplicated,
sent or lent to a child has the rights of its origin or fewer. The object goes away with its last handle, by reference count; a table
that dies closes what is left in it.

`owner` identifies the table to advisory record locks, which belong to (table, inode). (fcntl(2), dup(2), close(2))
"""

from enum import IntEnum
from typing import Final

from objects.counter import Counter
from objects.object import KernelObject, Rights
from scarlet.lang.errno import EBADF, EINVAL, EMFILE, Errno

DEFAULT_LIMIT: Final = 1024


class Role(IntEnum):
    """What a handle was meant for when a program was started; carried over ABI borders."""

    NONE = 0
    STDIN = 1
    STDOUT = 2
    STDERR = 3


class MissingRight(Errno):
    """The handle is there and does not allow this: EBADF to who knows descriptors only."""

    def __init__(self, missing: Rights) -> None:
        super().__init__(EBADF, "not open for this")
        self.missing = missing


class Handle:
    """One slot of a table."""

    def __init__(self, object: KernelObject, rights: Rights, role: Role, close_on_exec: bool) -> None:
        self.object = object
        self.rights = rights
        self.role = role
        self.close_on_exec = close_on_exec


owners: Final = Counter()
"""Numbers of tables and open files, as owners of locks."""


class HandleTable:
    """The handles of one process, or of several that share them. `limit` is one above the highest slot that may be given (EMFILE)."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.owner: int = owners.next()
        self._slots: list[Handle | None] = []
        self._lowest_free = 0

    def __del__(self) -> None:
        self.close_all()

    def allocate(
        self, object: KernelObject, rights: Rights, *, close_on_exec: bool = False, lowest: int = 0, role: Role = Role.NONE
    ) -> int:  # fmt: skip
        """The lowest free slot at or above `lowest`, now holding the object. EMFILE at the limit."""
        slot = self._free_slot(lowest)
        self._put(slot, Handle(object, rights, role, close_on_exec))
        return slot

    def require_room(self) -> None:
        """EMFILE unless a slot is free, for who had better know it before."""
        self._free_slot(0)

    def handle(self, slot: int) -> Handle:
        """EBADF when the slot is empty."""
        if 0 <= slot < len(self._slots):
            handle = self._slots[slot]
            if handle is not None:
                return handle
        raise Errno(EBADF)

    def object(self, slot: int, rights: Rights = Rights.NONE) -> KernelObject:
        """The object in a slot. EBADF when it is empty or a right is missing."""
        if 0 <= slot < len(self._slots):
            handle = self._slots[slot]
            if handle is not None:
                if handle.rights & rights == rights:
                    return handle.object
                raise MissingRight(rights)
        raise Errno(EBADF, "not open")

    def stream(self, slot: int, rights: Rights) -> KernelObject:
        """The same as object(), named for reading and writing."""
        return self.object(slot, rights)

    def close(self, slot: int) -> None:
        """Empty a slot. EBADF when it is empty. (close(2))"""
        handle = self.handle(slot)
        self._slots[slot] = None
        if slot < self._lowest_free:
            self._lowest_free = slot
        handle.object.handle_closed(self.owner)

    def duplicate(self, slot: int, *, lowest: int = 0, close_on_exec: bool = False) -> int:
        """A second slot for the same object, the lowest free one at or above `lowest`. EBADF, EINVAL, EMFILE. (dup(2), F_DUPFD)"""
        handle = self.handle(slot)
        if lowest < 0 or lowest >= self.limit:
            raise Errno(EINVAL, "no slot that high may be used")
        target = self._free_slot(lowest)
        self._put(target, Handle(handle.object, handle.rights, handle.role, close_on_exec))
        return target

    def duplicate_to(self, slot: int, target: int, *, close_on_exec: bool = False) -> int:
        """Make `target` hold the object of `slot`, closing what it held. EBADF. The same slot twice is the ABI's matter. (dup2(2))"""
        handle = self.handle(slot)
        if target < 0 or target >= self.limit:
            raise Errno(EBADF, "no slot that high may be used")
        if slot == target:
            return target
        new = Handle(handle.object, handle.rights, handle.role, close_on_exec)
        if self.is_open(target):
            self.close(target)
        self._put(target, new)
        return target

    # Fewer rights. What leaves the table needs TRANSFER, what is doubled in it DUPLICATE.

    def restrict(self, slot: int, rights: Rights) -> None:
        """Keep only these rights. EBADF, also when the handle lacks one of them."""
        handle = self.handle(slot)
        _require(handle, rights)
        handle.rights = rights

    def duplicate_with(self, slot: int, rights: Rights, target: int = -1, *, close_on_exec: bool = False) -> int:
        """A second slot for the object, with these rights: the lowest free one (-1) or `target`, closing what it held. EBADF, EMFILE."""
        handle = self.handle(slot)
        _require(handle, rights | Rights.DUPLICATE)
        new = Handle(handle.object, rights, handle.role, close_on_exec)
        if target < 0:
            target = self._free_slot(0)
        elif target >= self.limit:
            raise Errno(EMFILE, "no slot that high may be used")
        elif self.is_open(target):
            self.close(target)
        self._put(target, new)
        return target

    def lend(self, slot: int, rights: Rights, role: Role) -> Handle:
        """A handle with these rights for another table. EBADF."""
        handle = self.handle(slot)
        _require(handle, rights | Rights.TRANSFER)
        return Handle(handle.object, rights, role, False)

    def require_sendable(self, slots: list[int]) -> None:
        """EBADF unless all of them may leave the table; EINVAL when one is named twice."""
        for slot in slots:
            _require(self.handle(slot), Rights.TRANSFER)
            if slots.count(slot) > 1:
                raise Errno(EINVAL, "a handle leaves only once")

    def give(self, slots: list[int]) -> list[Handle]:
        """Take handles out of the table, for a message; require_sendable() allowed it."""
        given = [self.handle(slot) for slot in slots]
        for slot in slots:
            self.close(slot)
        return given

    def receive(self, handles: list[Handle]) -> list[int]:
        """The lowest free slots, now holding these handles. EMFILE, and nothing is received."""
        taken: list[int] = []
        try:
            for handle in handles:
                slot = self._free_slot(0)
                self._put(slot, Handle(handle.object, handle.rights, handle.role, False))
                taken.append(slot)
        except (Errno, MemoryError):
            for slot in taken:
                self.close(slot)
            raise
        return taken

    def place(self, slot: int, handle: Handle) -> None:
        """Let a slot hold a handle, closing what it held. EMFILE, EINVAL."""
        if slot < 0:
            raise Errno(EINVAL, "a slot is not negative")
        if slot >= self.limit:
            raise Errno(EMFILE, "no slot that high may be used")
        if self.is_open(slot):
            self.close(slot)
        self._put(slot, handle)

    def is_open(self, slot: int) -> bool:
        """Does the slot hold something?"""
        return 0 <= slot < len(self._slots) and self._slots[slot] is not None

    def set_close_on_exec(self, slot: int, close_on_exec: bool) -> None:
        """Mark or unmark a slot. EBADF. (FD_CLOEXEC)"""
        self.handle(slot).close_on_exec = close_on_exec

    def fork(self) -> "HandleTable":
        """A table of the same objects, rights, roles and marks, for a child."""
        copy = HandleTable(self.limit)
        for handle in self._slots:
            if handle is None:
                copy._slots.append(None)
            else:
                copy._slots.append(Handle(handle.object, handle.rights, handle.role, handle.close_on_exec))
        copy._lowest_free = self._lowest_free
        return copy

    def marked_for_exec(self) -> list[int]:
        """The slots that exec closes."""
        marked: list[int] = []
        for slot in range(len(self._slots)):
            handle = self._slots[slot]
            if handle is not None and handle.close_on_exec:
                marked.append(slot)
        return marked

    def close_for_exec(self, slots: list[int]) -> None:
        """Close these slots; nothing can keep that from happening. (execve(2))"""
        for slot in slots:
            try:
                self.close(slot)
            except (Errno, MemoryError):
                pass  # the slot is empty all the same

    def close_all(self) -> None:
        """Close everything, from slot 0 up. (exit(2))"""
        for slot in range(len(self._slots)):
            if self._slots[slot] is not None:
                self.close(slot)

    def slots(self) -> list[int]:
        """The slots in use, ascending."""
        return [slot for slot in range(len(self._slots)) if self._slots[slot] is not None]

    def __len__(self) -> int:
        return len(self.slots())

    def _free_slot(self, lowest: int) -> int:
        slot = max(lowest, self._lowest_free)
        while slot < len(self._slots) and self._slots[slot] is not None:
            slot += 1
        if slot >= self.limit:
            raise Errno(EMFILE)
        return slot

    def _put(self, slot: int, handle: Handle) -> None:
        while len(self._slots) <= slot:
            self._slots.append(None)
        self._slots[slot] = handle
        if slot == self._lowest_free:
            self._lowest_free = slot + 1


def _require(handle: Handle, rights: Rights) -> None:
    """EBADF unless the handle has all of these rights."""
    if handle.rights & rights != rights:
        raise MissingRight(rights)
