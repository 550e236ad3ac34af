"""set: open addressing over a table of hashes and elements, as CPython's Objects/setobject.c.

The order of iteration is the order of the table, and table sizes, probe sequence and growth are CPython's, so that a
set of integers is seen in the same order in both worlds. (Sets of text have no order to agree on: CPython's changes
from run to run.)

Invariants: a slot is free (hash FREE), deleted (hash GONE) or live; `_fill` counts live and deleted ones, `_used` the live ones; fewer than
three fifths of the slots are filled. `_stamp` counts changes, for lookups whose comparison changed the set. frozenset is the same class.
"""

from typing import Final, Generic, TypeVar

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, memset, unchecked_cast, unlikely
from scarlet.runtime import heap
from scarlet.runtime.kind import same_class

T = TypeVar("T")

SMALLEST: Final = 8
LINEAR_PROBES: Final = 9
PERTURB_SHIFT: Final = 5
FREE: Final = 0xFFFFFFFFFFFFFFFF
GONE: Final = 0x8000000000000000
"""An integer hashes to neither (a hash is never -1, and that of an integer is below 2^61); other hashes are moved away by `mark`."""


class Set(Generic[T]):
    def __init__(self) -> None:
        self._fill: int = 0
        self._used: int = 0
        self._finger: u64 = 0
        self._stamp: u64 = 0
        self._mask: u64 = SMALLEST - 1
        self._hashes: Ptr[u64] = Ptr(u64(0))
        self._items: Ptr[T] = Ptr(u64(0))

    def __del__(self) -> None:
        self._release(self._hashes, self._items, self._mask)

    # --- storage ----------------------------------------------------------------------------------------------------------

    def _storage_bytes(self, slots: u64) -> u64:
        return u64(slots * (8 + self._items.item_size))

    def _release(self, hashes: Ptr[u64], items: Ptr[T], mask: u64) -> None:
        if hashes.address == 0:
            return
        if items.counted:
            at = u64(0)
            while at <= mask:
                if live(hashes[i64(at)]):
                    items.drop(i64(at))
                at = u64(at + 1)
        heap.free(hashes.address, self._storage_bytes(u64(mask + 1)))

    def _new_table(self, slots: u64) -> None:
        """An empty table in place of whatever there was (whose pointers the caller has)."""
        if slots >> 31 != 0:
            raise MemoryError
        address = heap.allocate(self._storage_bytes(slots))
        if address == 0:
            raise MemoryError
        memset(Ptr(address), 0xFF, u64(slots * 8))
        self._hashes = Ptr(address)
        self._items = Ptr(u64(address + slots * 8))
        self._mask = u64(slots - 1)
        self._fill = 0
        self._used = 0
        self._stamp = u64(self._stamp + 1)

    def _resize(self, least: int) -> None:
        """Move the elements into a table of more than `least` slots."""
        slots = u64(SMALLEST)
        while slots <= u64(least):
            slots = u64(slots * 2)
        hashes = self._hashes
        items = self._items
        mask = self._mask
        self._new_table(slots)
        if hashes.address == 0:
            return
        at = i64(0)
        while u64(at) <= mask:
            if live(hashes[at]):
                self._place(items.take(at), hashes[at])
            at = i64(at + 1)
        heap.free(hashes.address, self._storage_bytes(u64(mask + 1)))

    def _place(self, item: T, hashed: u64) -> None:
        """Put an element that is not there into a table that has room and no deleted slots."""
        at = hashed & self._mask
        perturb = hashed
        while True:
            probes = LINEAR_PROBES if u64(at + LINEAR_PROBES) <= self._mask else 0
            slot = i64(at)
            while probes >= 0:
                if self._hashes[slot] == FREE:
                    self._hashes[slot] = hashed
                    self._items.init(slot, item)
                    self._fill = i64(self._fill + 1)
                    self._used = i64(self._used + 1)
                    return
                slot = i64(slot + 1)
                probes = i64(probes - 1)
            perturb = perturb >> PERTURB_SHIFT
            at = u64(at * 5 + 1 + perturb) & self._mask

    # --- lookup -----------------------------------------------------------------------------------------------------------

    def _find(self, item: T, hashed: u64) -> int:
        """The slot of an element; when it is not there, -1 - the slot to put it into: the last deleted one passed, or
        the free one at the end."""
        if self._hashes.address == 0:
            self._new_table(SMALLEST)
        reusable = -1
        at = hashed & self._mask
        perturb = hashed
        while True:
            probes = LINEAR_PROBES if u64(at + LINEAR_PROBES) <= self._mask else 0
            slot = i64(at)
            while probes >= 0:
                if self._hashes[slot] == FREE:
                    return i64(-1 - slot) if reusable < 0 else i64(-1 - reusable)
                if self._hashes[slot] == GONE:
                    reusable = slot
                if self._hashes[slot] == hashed:
                    stamp = self._stamp
                    same = self._items[slot] == item
                    if unlikely(self._stamp != stamp):
                        return self._find(item, hashed)
                    if same:
                        return slot
                slot = i64(slot + 1)
                probes = i64(probes - 1)
            perturb = perturb >> PERTURB_SHIFT
            at = u64(at * 5 + 1 + perturb) & self._mask

    @inline
    def __len__(self) -> int:
        return self._used

    @inline
    def __bool__(self) -> bool:
        return self._used != 0

    def __contains__(self, item: T) -> bool:
        return self._used != 0 and self._find(item, mark(item)) >= 0

    # --- change -----------------------------------------------------------------------------------------------------------

    def add(self, item: T) -> None:
        self._add(item, mark(item))

    def _add(self, item: T, hashed: u64) -> None:
        slot = self._find(item, hashed)
        if slot >= 0:
            return
        slot = i64(-1 - slot)
        fresh = self._hashes[slot] == FREE
        self._hashes[slot] = hashed
        self._items.init(slot, item)
        self._used = i64(self._used + 1)
        self._stamp = u64(self._stamp + 1)
        if not fresh:
            return
        self._fill = i64(self._fill + 1)
        if u64(self._fill * 5) >= u64(self._mask * 3):
            self._resize(self._used * 2 if self._used > 50000 else self._used * 4)

    def _take(self, slot: int) -> T:
        self._hashes[slot] = GONE
        self._used = i64(self._used - 1)
        self._stamp = u64(self._stamp + 1)
        return self._items.take(slot)

    def discard(self, item: T) -> None:
        slot = self._find(item, mark(item))
        if slot >= 0:
            self._take(slot)

    def remove(self, item: T) -> None:
        slot = self._find(item, mark(item))
        if slot < 0:
            raise KeyError(item)
        self._take(slot)

    def pop(self) -> T:
        """Some element: the next one in the table after the last pop."""
        if self._used == 0:
            raise KeyError("pop from an empty set")
        slot = self._finger & self._mask
        while not live(self._hashes[i64(slot)]):
            slot = u64(slot + 1) & self._mask
        self._finger = u64(slot + 1)
        return self._take(i64(slot))

    def clear(self) -> None:
        hashes = self._hashes
        items = self._items
        mask = self._mask
        self._hashes = Ptr(u64(0))
        self._items = Ptr(u64(0))
        self._mask = SMALLEST - 1
        self._fill = 0
        self._used = 0
        self._stamp = u64(self._stamp + 1)
        self._release(hashes, items, mask)

    def update(self, other: "Set[T]") -> None:
        """Add the elements of another set; an empty set takes the table over slot by slot, which keeps its order."""
        if other is self or other._used == 0:
            return
        if (self._fill + other._used) * 5 >= int(self._mask) * 3:
            self._resize((self._used + other._used) * 2)
        if self._hashes.address == 0:
            self._new_table(SMALLEST)
        fresh = self._fill == 0
        copied = fresh and self._mask == other._mask and other._fill == other._used
        at = i64(0)
        while u64(at) <= other._mask:
            hashed = other._hashes[at]
            if live(hashed):
                if copied:
                    self._hashes[at] = hashed
                    self._items.init(at, other._items[at])
                    self._fill = i64(self._fill + 1)
                    self._used = i64(self._used + 1)
                elif fresh:
                    self._place(other._items[at], hashed)
                else:
                    self._add(other._items[at], hashed)
            at = i64(at + 1)
        self._stamp = u64(self._stamp + 1)

    # --- algebra ----------------------------------------------------------------------------------------------------------

    def copy(self) -> set[T]:
        out: Set[T] = Set()
        out.update(self)
        return unchecked_cast(set[T], out)

    def union(self, other: "Set[T]") -> set[T]:
        out: Set[T] = Set()
        out.update(self)
        out.update(other)
        return unchecked_cast(set[T], out)

    def intersection(self, other: "Set[T]") -> set[T]:
        out: Set[T] = Set()
        small = other
        large = self
        if other._used > self._used:
            small = self
            large = other
        at = i64(0)
        while small._used != 0 and u64(at) <= small._mask:
            if live(small._hashes[at]) and large._has(small._items[at], small._hashes[at]):
                out._add(small._items[at], small._hashes[at])
            at = i64(at + 1)
        return unchecked_cast(set[T], out)

    def _has(self, item: T, hashed: u64) -> bool:
        return self._used != 0 and self._find(item, hashed) >= 0

    def difference(self, other: "Set[T]") -> set[T]:
        out: Set[T] = Set()
        if self._used >> 2 > other._used:
            out.update(self)
            out.difference_update(other)
            return unchecked_cast(set[T], out)
        at = i64(0)
        while self._used != 0 and u64(at) <= self._mask:
            if live(self._hashes[at]) and not other._has(self._items[at], self._hashes[at]):
                out._add(self._items[at], self._hashes[at])
            at = i64(at + 1)
        return unchecked_cast(set[T], out)

    def symmetric_difference(self, other: "Set[T]") -> set[T]:
        out: Set[T] = Set()
        out.update(other)
        out.symmetric_difference_update(self)
        return unchecked_cast(set[T], out)

    def symmetric_difference_update(self, other: "Set[T]") -> None:
        if other is self:
            self.clear()
            return
        at = i64(0)
        while other._used != 0 and u64(at) <= other._mask:
            if live(other._hashes[at]):
                slot = self._find(other._items[at], other._hashes[at])
                if slot >= 0:
                    self._take(slot)
                else:
                    self._add(other._items[at], other._hashes[at])
            at = i64(at + 1)

    def difference_update(self, other: "Set[T]") -> None:
        if other is self:
            self.clear()
            return
        at = i64(0)
        while other._used != 0 and u64(at) <= other._mask:
            if live(other._hashes[at]) and self._used != 0:
                slot = self._find(other._items[at], other._hashes[at])
                if slot >= 0:
                    self._take(slot)
            at = i64(at + 1)
        if u64(self._fill - self._used) > self._mask // 4:
            self._resize(self._used * 2 if self._used > 50000 else self._used * 4)

    def intersection_update(self, other: "Set[T]") -> None:
        """Become the intersection, built aside so that an exception changes nothing."""
        kept: Set[T] = unchecked_cast(Set[T], self.intersection(other))
        self._swap(kept)

    def _swap(self, other: "Set[T]") -> None:
        self._hashes, other._hashes = other._hashes, self._hashes
        self._items, other._items = other._items, self._items
        self._mask, other._mask = other._mask, self._mask
        self._fill, other._fill = other._fill, self._fill
        self._used, other._used = other._used, self._used
        self._stamp = u64(self._stamp + 1)

    def __or__(self, other: "Set[T]") -> set[T]:
        return self.union(other)

    def __and__(self, other: "Set[T]") -> set[T]:
        return self.intersection(other)

    def __sub__(self, other: "Set[T]") -> set[T]:
        return self.difference(other)

    def __xor__(self, other: "Set[T]") -> set[T]:
        return self.symmetric_difference(other)

    def __ior__(self, other: "Set[T]") -> "Set[T]":
        self.update(other)
        return self

    def __iand__(self, other: "Set[T]") -> "Set[T]":
        self.intersection_update(other)
        return self

    def __isub__(self, other: "Set[T]") -> "Set[T]":
        self.difference_update(other)
        return self

    def __ixor__(self, other: "Set[T]") -> "Set[T]":
        self.symmetric_difference_update(other)
        return self

    def issubset(self, other: "Set[T]") -> bool:
        if self._used > other._used:
            return False
        at = i64(0)
        while self._used != 0 and u64(at) <= self._mask:
            if live(self._hashes[at]) and not other._has(self._items[at], self._hashes[at]):
                return False
            at = i64(at + 1)
        return True

    def issuperset(self, other: "Set[T]") -> bool:
        return other.issubset(self)

    def isdisjoint(self, other: "Set[T]") -> bool:
        small = other
        large = self
        if other._used > self._used:
            small = self
            large = other
        at = i64(0)
        while small._used != 0 and u64(at) <= small._mask:
            if live(small._hashes[at]) and large._has(small._items[at], small._hashes[at]):
                return False
            at = i64(at + 1)
        return True

    def __eq__(self, other: object) -> bool:
        if not same_class(self, other):
            return False
        right: Set[T] = unchecked_cast(Set[T], other)
        return self._used == right._used and self.issubset(right)

    def __le__(self, other: "Set[T]") -> bool:
        return self.issubset(other)

    def __lt__(self, other: "Set[T]") -> bool:
        return self._used < other._used and self.issubset(other)

    def __ge__(self, other: "Set[T]") -> bool:
        return other.issubset(self)

    def __gt__(self, other: "Set[T]") -> bool:
        return other._used < self._used and other.issubset(self)

    def __hash__(self) -> int:
        """Of a frozenset: the order of the elements must not matter."""
        mixed = u64(self._used * 1927868237)
        at = i64(0)
        while self._used != 0 and u64(at) <= self._mask:
            if live(self._hashes[at]):
                mixed = mixed ^ u64((self._hashes[at] ^ 89869747 ^ u64(self._hashes[at] << 16)) * 3644798167)
            at = i64(at + 1)
        return i64(u64(mixed * 69069 + 907133923) >> 1)

    # --- iteration and text -----------------------------------------------------------------------------------------------

    @inline
    def next_index(self, at: int, guard: int) -> int:
        """The first live slot at or after `at`, -1 at the end; `guard` is the length when the iteration began."""
        if unlikely(self._used != guard):
            raise RuntimeError("Set changed size during iteration")
        if self._used == 0:
            return -1
        while u64(at) <= self._mask and not live(self._hashes[at]):
            at = i64(at + 1)
        return at if u64(at) <= self._mask else -1

    @inline
    def key_at(self, slot: int) -> T:
        return self._items[slot]

    def __iter__(self) -> "SetIterator[T]":
        return SetIterator(self)

    def __repr__(self) -> str:
        if self._used == 0:
            return "set()"
        parts: list[str] = []
        at = i64(0)
        while u64(at) <= self._mask:
            if live(self._hashes[at]):
                parts.append(repr(self._items[at]))
            at = i64(at + 1)
        return "{" + ", ".join(parts) + "}"


@inline
def live(hashed: u64) -> bool:
    """Whether a slot with this hash holds an element."""
    return hashed != FREE and hashed != GONE


@inline
def mark(item: T) -> u64:
    """The hash of an element, kept away from the two values that mark slots."""
    hashed = u64(hash(item))
    return hashed if live(hashed) else u64(hashed - 2)


class SetIterator(Generic[T]):
    def __init__(self, owner: Set[T]) -> None:
        self.owner = owner
        self._guard = len(owner)
        self._at = 0

    def __iter__(self) -> "SetIterator[T]":
        return self

    def __next__(self) -> T:
        if self._at < 0:
            raise StopIteration
        slot = self.owner.next_index(self._at, self._guard)
        if slot < 0:
            self._at = -1
            raise StopIteration
        self._at = slot + 1
        return self.owner.key_at(slot)
