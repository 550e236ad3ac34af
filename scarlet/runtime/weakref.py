"""weakref.ref: a reference that does not keep its target alive.

A Ref holds the target's address and is on a doubly linked list of all references to that target; the heads of these lists are in a
dict keyed by the address. The first Ref to an object marks it (raw.mark_weak), so that only marked objects pay at their death: `clear` then
empties every Ref of the list. The links are plain addresses: a Ref takes itself off its list when it dies.
"""

from typing import Final, Generic, TypeVar

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, address, from_address, mark_weak, resurrect_weak

T = TypeVar("T")

TARGET_OFFSET: Final = 16
"""Where an object's first field lies: Link.target."""


class Link:
    """The part of a Ref that does not depend on the target's type."""

    def __init__(self) -> None:
        self.target: u64 = 0
        self.next: u64 = 0
        self.previous: u64 = 0

    def attach(self, target: u64) -> None:
        self.target = target
        first = _FIRST.get(target)
        if first is not None:
            self.next = first
            from_address(Link, first).previous = address(self)
        _FIRST[target] = address(self)

    def __del__(self) -> None:
        if self.target == 0:
            return
        if self.previous != 0:
            from_address(Link, self.previous).next = self.next
        elif self.next != 0:
            _FIRST[self.target] = self.next
        else:
            _FIRST.pop(self.target, None)
        if self.next != 0:
            from_address(Link, self.next).previous = self.previous


_FIRST: dict[u64, u64] = {}
"""Target address -> address of the first Ref to it."""


class Ref(Link, Generic[T]):
    def __init__(self, target: T) -> None:
        super().__init__()
        mark_weak(target)
        self.attach(address(target))

    def __call__(self) -> T | None:
        """The target, or None once it is dead or dying."""
        if self.target == 0 or not resurrect_weak(self.target):
            return None
        slot: Ptr[T] = Ptr(u64(address(self) + TARGET_OFFSET))
        return slot.take(0)  # the reference that resurrect_weak counted


def same_target(a: Link, b: Link) -> bool:
    """Whether references are equal: to one object that is alive, or one reference."""
    return a is b or a.target != 0 and a.target == b.target


def clear(target: u64) -> None:
    """The object at this address, which was marked, is dying: every Ref to it gives None from now on."""
    at = _FIRST.pop(target, None)
    if at is None:
        return
    while at != 0:
        link = from_address(Link, at)
        at = link.next
        link.target = 0
        link.next = 0
        link.previous = 0
