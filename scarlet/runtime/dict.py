"""dict: insertion-ordered hashing, as CPython's Objects/dictobject.c ("compact dict").

Entries stand in three parallel arrays - hashes, keys, values - in the order of their insertion; a table of slots maps
a hash to the number of an entry by open addressing. A deleted entry leaves a hole in the arrays (its hash is HOLE)
and a mark in the table; growing closes the holes.

Invariants: `_used` entries are live among the first `_filled`; the table is a power of two, at most two thirds of it
taken by entries and marks, because `_room` insertions are left before everything is moved; all arrays lie in one
block of storage. `_stamp` counts the changes of structure: a lookup whose key comparison (a user's __eq__) changed
the dict starts again. Keys and values that leave are released when the dict is consistent.
"""

from typing import Final, Generic, TypeVar

from scarlet.lang import i32, i64, u64
from scarlet.lang.raw import Ptr, inline, memset, noinline, unchecked_cast, unlikely
from scarlet.runtime import heap
from scarlet.runtime.kind import same_class

K = TypeVar("K")
V = TypeVar("V")

SMALLEST_TABLE: Final = 8
HOLE: Final = 0xFFFFFFFFFFFFFFFF
"""The hash of a deleted entry; a key that hashes to it is given the next lower hash."""
EMPTY: Final = -1
DELETED: Final = -2
PERTURB_SHIFT: Final = 5


class Dict(Generic[K, V]):
    def __init__(self) -> None:
        self._used: int = 0
        self._filled: int = 0
        self._capacity: int = 0
        self._room: int = 0
        self._mask: u64 = 0
        self._stamp: u64 = 0
        self._hashes: Ptr[u64] = Ptr(u64(0))
        self._keys: Ptr[K] = Ptr(u64(0))
        self._values: Ptr[V] = Ptr(u64(0))
        self._table: Ptr[i32] = Ptr(u64(0))

    def __del__(self) -> None:
        self._release(self._hashes, self._keys, self._values, self._filled, self._capacity)

    # --- storage ----------------------------------------------------------------------------------------------------------

    def _release(self, hashes: Ptr[u64], keys: Ptr[K], values: Ptr[V], filled: int, capacity: int) -> None:
        """Release the entries of a storage block in order, then the block."""
        if keys.counted or values.counted:
            at = 0
            while at < filled:
                if hashes[at] != HOLE:
                    keys.drop(at)
                    values.drop(at)
                at = i64(at + 1)
        self._free_storage(hashes, capacity)

    def _free_storage(self, hashes: Ptr[u64], capacity: int) -> None:
        if capacity != 0:
            heap.free(hashes.address, self._storage_bytes(capacity))

    def _keys_offset(self, capacity: int) -> u64:
        return u64(capacity * 8)

    def _values_offset(self, capacity: int) -> u64:
        return u64(self._keys_offset(capacity) + u64(capacity * self._keys.item_size + 15) // 16 * 16)

    def _table_offset(self, capacity: int) -> u64:
        return u64(self._values_offset(capacity) + u64(capacity * self._values.item_size + 15) // 16 * 16)

    def _storage_bytes(self, capacity: int) -> u64:
        return u64(self._table_offset(capacity) + u64(table_for(capacity) * 4))

    def _rebuild(self, capacity: int) -> None:
        """Move the live entries into new storage for `capacity` entries."""
        if capacity >> 30 != 0:
            raise MemoryError
        address = heap.allocate(self._storage_bytes(capacity))
        if address == 0:
            raise MemoryError
        hashes: Ptr[u64] = Ptr(address)
        keys: Ptr[K] = Ptr(u64(address + self._keys_offset(capacity)))
        values: Ptr[V] = Ptr(u64(address + self._values_offset(capacity)))
        filled = 0
        at = 0
        while at < self._filled:
            if self._hashes[at] != HOLE:
                hashes[filled] = self._hashes[at]
                keys.init(filled, self._keys.take(at))
                values.init(filled, self._values.take(at))
                filled = i64(filled + 1)
            at = i64(at + 1)
        self._free_storage(self._hashes, self._capacity)
        self._hashes = hashes
        self._keys = keys
        self._values = values
        self._table = Ptr(u64(address + self._table_offset(capacity)))
        self._filled = filled
        self._capacity = capacity
        self._room = i64(capacity - filled)
        self._mask = u64(table_for(capacity) - 1)
        self._stamp = u64(self._stamp + 1)
        self._fill_table()

    def _fill_table(self) -> None:
        memset(Ptr(self._table.address), 0xFF, u64(u64(self._mask + 1) * 4))
        at = 0
        while at < self._filled:
            slot = self._free_slot(self._hashes[at])
            self._table[slot] = i32(at)
            at = i64(at + 1)

    def _free_slot(self, hashed: u64) -> i64:
        """The first empty slot on a hash's probe sequence; the table is never full."""
        slot = hashed & self._mask
        perturb = hashed
        while self._table[i64(slot)] >= 0:
            perturb = perturb >> PERTURB_SHIFT
            slot = u64(slot * 5 + perturb + 1) & self._mask
        return i64(slot)

    # --- lookup -----------------------------------------------------------------------------------------------------------

    def _find(self, key: K, hashed: u64) -> int:
        """The slot whose entry has this key, -1 when there is none."""
        if self._used == 0:
            return -1
        slot = hashed & self._mask
        perturb = hashed
        while True:
            entry = int(self._table[i64(slot)])
            if entry == EMPTY:
                return -1
            if entry >= 0 and self._hashes[entry] == hashed:
                stamp = self._stamp
                if self._keys[entry] == key:
                    if unlikely(self._stamp != stamp):
                        return self._find(key, hashed)
                    return i64(slot)
                if unlikely(self._stamp != stamp):
                    return self._find(key, hashed)
            perturb = perturb >> PERTURB_SHIFT
            slot = u64(slot * 5 + perturb + 1) & self._mask

    def _entry(self, key: K) -> int:
        """The number of the key's entry, -1 when there is none."""
        slot = self._find(key, hash_of(key))
        return -1 if slot < 0 else int(self._table[slot])

    def __len__(self) -> int:
        return self._used

    def __bool__(self) -> bool:
        return self._used != 0

    def __contains__(self, key: K) -> bool:
        return self._entry(key) >= 0

    def __getitem__(self, key: K) -> V:
        entry = self._entry(key)
        if entry < 0:
            raise KeyError(key)
        return self._values[entry]

    def get(self, key: K) -> V | None:
        entry = self._entry(key)
        return None if entry < 0 else self._values[entry]

    def get_default(self, key: K, default: V) -> V:
        entry = self._entry(key)
        return default if entry < 0 else self._values[entry]

    # --- change -----------------------------------------------------------------------------------------------------------

    def __setitem__(self, key: K, value: V) -> None:
        hashed = hash_of(key)
        slot = self._find(key, hashed)
        if slot >= 0:
            self._values[int(self._table[slot])] = value
        else:
            self._insert(key, hashed, value)

    def _insert(self, key: K, hashed: u64, value: V) -> None:
        """Append an entry for a key that is not there."""
        if self._room == 0:
            self._rebuild(capacity_for(self._used * 2 if self._used > 2 else 5))
        at = self._filled
        self._hashes[at] = hashed
        self._keys.init(at, key)
        self._values.init(at, value)
        self._table[self._free_slot(hashed)] = i32(at)
        self._filled = i64(at + 1)
        self._room = i64(self._room - 1)
        self._used = i64(self._used + 1)
        self._stamp = u64(self._stamp + 1)

    def setdefault(self, key: K, value: V) -> V:
        hashed = hash_of(key)
        slot = self._find(key, hashed)
        if slot >= 0:
            return self._values[int(self._table[slot])]
        self._insert(key, hashed, value)
        return value

    def __delitem__(self, key: K) -> None:
        slot = self._find(key, hash_of(key))
        if slot < 0:
            raise KeyError(key)
        self._take(slot)

    def _take(self, slot: int) -> tuple[K, V]:
        """Move an entry out, leaving a hole."""
        entry = int(self._table[slot])
        self._table[slot] = DELETED
        self._hashes[entry] = HOLE
        self._used = i64(self._used - 1)
        self._stamp = u64(self._stamp + 1)
        return self._keys.take(entry), self._values.take(entry)

    def pop(self, key: K) -> V:
        slot = self._find(key, hash_of(key))
        if slot < 0:
            raise KeyError(key)
        return self._take(slot)[1]

    def pop_default(self, key: K, default: V) -> V:
        slot = self._find(key, hash_of(key))
        return default if slot < 0 else self._take(slot)[1]

    def pop_or_none(self, key: K) -> V | None:
        slot = self._find(key, hash_of(key))
        return None if slot < 0 else self._take(slot)[1]

    def popitem(self) -> tuple[K, V]:
        """The entry inserted last."""
        if self._used == 0:
            raise KeyError("popitem(): dictionary is empty")
        while self._hashes[self._filled - 1] == HOLE:
            self._filled -= 1
        last = self._filled - 1
        item = self._take(self._slot_of(last))
        self._filled = last
        return item

    def _slot_of(self, entry: int) -> int:
        """The slot that refers to a live entry."""
        hashed = self._hashes[entry]
        slot = hashed & self._mask
        perturb = hashed
        while int(self._table[i64(slot)]) != entry:
            perturb = perturb >> PERTURB_SHIFT
            slot = u64(slot * 5 + perturb + 1) & self._mask
        return i64(slot)

    def clear(self) -> None:
        hashes = self._hashes
        keys = self._keys
        values = self._values
        filled = self._filled
        capacity = self._capacity
        self._used = 0
        self._filled = 0
        self._capacity = 0
        self._room = 0
        self._stamp = u64(self._stamp + 1)
        self._release(hashes, keys, values, filled, capacity)

    def update(self, other: "Dict[K, V]") -> None:
        if other is self:
            return
        at = 0
        used = other._used
        while at < other._filled:
            if other._hashes[at] != HOLE:
                self[other._keys[at]] = other._values[at]
                if other._used != used:
                    raise RuntimeError("dict mutated during update")
            at += 1

    def copy(self) -> dict[K, V]:
        out: Dict[K, V] = Dict()
        out.update(self)
        return unchecked_cast(dict[K, V], out)

    def __or__(self, other: "Dict[K, V]") -> dict[K, V]:
        out: Dict[K, V] = Dict()
        out.update(self)
        out.update(other)
        return unchecked_cast(dict[K, V], out)

    def __ior__(self, other: "Dict[K, V]") -> "Dict[K, V]":
        self.update(other)
        return self

    # --- iteration --------------------------------------------------------------------------------------------------------

    @inline
    def next_index(self, at: int, guard: int) -> int:
        """The first live entry at or after `at`, -1 at the end; `guard` is the length when the iteration began."""
        if unlikely(self._used != guard):
            raise RuntimeError("dictionary changed size during iteration")
        while at < self._filled and self._hashes[at] == HOLE:
            at = i64(at + 1)
        return at if at < self._filled else -1

    def previous_index(self, at: int, guard: int) -> int:
        """The last live entry at or before `at`, -1 when there is none."""
        if self._used != guard:
            raise RuntimeError("dictionary changed size during iteration")
        if at >= self._filled:
            at = self._filled - 1
        while at >= 0 and self._hashes[at] == HOLE:
            at -= 1
        return at

    @inline
    def key_at(self, entry: int) -> K:
        return self._keys[entry]

    @inline
    def value_at(self, entry: int) -> V:
        return self._values[entry]

    @inline
    def filled(self) -> int:
        """Entries and holes: one more than the highest entry number."""
        return self._filled

    def keys(self) -> "DictKeys[K, V]":
        return DictKeys(self)

    def values(self) -> "DictValues[K, V]":
        return DictValues(self)

    def items(self) -> "DictItems[K, V]":
        return DictItems(self)

    def __iter__(self) -> "DictKeyIterator[K, V]":
        return DictKeyIterator(self)

    def __reversed__(self) -> "DictReverseIterator[K, V]":
        return DictReverseIterator(self)

    # --- comparison and text ----------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not same_class(self, other):
            return False
        right: Dict[K, V] = unchecked_cast(Dict[K, V], other)
        if self._used != right._used:
            return False
        at = 0
        while at < self._filled:
            if self._hashes[at] != HOLE:
                slot = right._find(self._keys[at], self._hashes[at])
                if slot < 0 or self._values[at] != right._values[int(right._table[slot])]:
                    return False
            at += 1
        return True

    def __repr__(self) -> str:
        parts: list[str] = []
        at = 0
        while at < self._filled:
            if self._hashes[at] != HOLE:
                parts.append(repr(self._keys[at]) + ": " + repr(self._values[at]))
            at += 1
        return "{" + ", ".join(parts) + "}"


@inline
def hash_of(key: K) -> u64:
    hashed = u64(hash(key))
    return u64(hashed - 1) if hashed == HOLE else hashed


def table_for(capacity: int) -> int:
    """The slots for `capacity` entries and holes: the power of two of which they are at most two thirds."""
    slots = SMALLEST_TABLE
    while i64(slots * 2) < i64(capacity * 3):
        slots = i64(slots * 2)
    return slots


@noinline
def capacity_for(entries: int) -> int:
    """The entries that fill two thirds of the smallest table which holds `entries`."""
    return table_for(entries) * 2 // 3


class DictKeys(Generic[K, V]):
    """A view of the keys; it sees later changes."""

    def __init__(self, owner: Dict[K, V]) -> None:
        self.owner = owner

    def __len__(self) -> int:
        return len(self.owner)

    def __contains__(self, key: K) -> bool:
        return key in self.owner

    def __iter__(self) -> "DictKeyIterator[K, V]":
        return DictKeyIterator(self.owner)

    def __reversed__(self) -> "DictReverseIterator[K, V]":
        return DictReverseIterator(self.owner)

    def __repr__(self) -> str:
        return "dict_keys(" + repr(list(self.owner)) + ")"


class DictValues(Generic[K, V]):
    def __init__(self, owner: Dict[K, V]) -> None:
        self.owner = owner

    def __len__(self) -> int:
        return len(self.owner)

    def __contains__(self, value: V) -> bool:
        for candidate in self:
            if candidate == value:
                return True
        return False

    def __iter__(self) -> "DictValueIterator[K, V]":
        return DictValueIterator(self.owner)

    def __repr__(self) -> str:
        return "dict_values(" + repr(list(self)) + ")"


class DictItems(Generic[K, V]):
    def __init__(self, owner: Dict[K, V]) -> None:
        self.owner = owner

    def __len__(self) -> int:
        return len(self.owner)

    def __contains__(self, item: tuple[K, V]) -> bool:
        key, value = item
        return key in self.owner and self.owner[key] == value

    def __iter__(self) -> "DictItemIterator[K, V]":
        return DictItemIterator(self.owner)

    def __repr__(self) -> str:
        return "dict_items(" + repr(list(self)) + ")"


class DictCursor(Generic[K, V]):
    """What the iterators share: the place in the entries, and the length that must not change."""

    def __init__(self, owner: Dict[K, V]) -> None:
        self.owner = owner
        self._guard = len(owner)
        self._at = 0

    def advance(self) -> int:
        """The next live entry; StopIteration at the end."""
        if self._at < 0:
            raise StopIteration
        entry = self.owner.next_index(self._at, self._guard)
        if entry < 0:
            self._at = -1
            raise StopIteration
        self._at = entry + 1
        return entry


class DictKeyIterator(DictCursor[K, V]):
    def __iter__(self) -> "DictKeyIterator[K, V]":
        return self

    def __next__(self) -> K:
        return self.owner.key_at(self.advance())


class DictValueIterator(DictCursor[K, V]):
    def __iter__(self) -> "DictValueIterator[K, V]":
        return self

    def __next__(self) -> V:
        return self.owner.value_at(self.advance())


class DictItemIterator(DictCursor[K, V]):
    def __iter__(self) -> "DictItemIterator[K, V]":
        return self

    def __next__(self) -> tuple[K, V]:
        entry = self.advance()
        return self.owner.key_at(entry), self.owner.value_at(entry)


class DictReverseIterator(Generic[K, V]):
    """The keys from the last inserted to the first."""

    def __init__(self, owner: Dict[K, V]) -> None:
        self.owner = owner
        self._guard = len(owner)
        self._at = owner.filled() - 1

    def __iter__(self) -> "DictReverseIterator[K, V]":
        return self

    def __next__(self) -> K:
        if self._at >= 0:
            self._at = self.owner.previous_index(self._at, self._guard)
        if self._at < 0:
            raise StopIteration
        self._at -= 1
        return self.owner.key_at(self._at + 1)
