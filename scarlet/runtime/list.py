"""list: a growing array of elements, as CPython's Objects/listobject.c behaves.

Invariants: slots 0.._size-1 hold live elements, the rest of the capacity is garbage; `_items` is 0 exactly when `_capacity` is 0.
Elements move as raw bytes, so growing counts nothing. Elements that leave are released only when the list is consistent again, because
their destructors may look at it; as in CPython, several that leave together are released from the last to the first.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, less, memcpy, memmove, noinline, unchecked_cast, unlikely
from scarlet.runtime import heap
from scarlet.runtime.kind import same_class
from scarlet.runtime.sort import sort_items, sort_items_by_key
from scarlet.runtime.spans import Slice, clamp

T = TypeVar("T")
K = TypeVar("K")

SMALLEST: Final = 4


class List(Generic[T]):
    def __init__(self) -> None:
        self._size: int = 0
        self._capacity: int = 0
        self._items: Ptr[T] = Ptr(u64(0))

    def __del__(self) -> None:
        self._drop_range(0, self._size)
        self._free_storage(self._items, self._capacity)

    # --- storage ----------------------------------------------------------------------------------------------------------

    def _storage_bytes(self, capacity: int) -> u64:
        return u64(capacity * self._items.item_size)

    def _free_storage(self, items: Ptr[T], capacity: int) -> None:
        if capacity != 0:
            heap.free(items.address, self._storage_bytes(capacity))

    @noinline
    def _grow(self, needed: int) -> None:
        """Make room for `needed` elements: by half more at least, so that appending costs constant time on average."""
        capacity = self._capacity + (self._capacity >> 1)
        if capacity < needed:
            capacity = needed
        if capacity < SMALLEST:
            capacity = SMALLEST
        self._set_capacity(capacity)

    def _set_capacity(self, capacity: int) -> None:
        if capacity >> 40 != 0:
            raise MemoryError
        address = heap.allocate(self._storage_bytes(capacity))
        if address == 0:
            raise MemoryError
        items: Ptr[T] = Ptr(address)
        if self._size != 0:
            memcpy(Ptr(items.address), Ptr(self._items.address), self._storage_bytes(self._size))
        self._free_storage(self._items, self._capacity)
        self._items = items
        self._capacity = capacity

    def _shift(self, source: int, target: int, count: int) -> None:
        """Move `count` elements within the storage; the places they leave hold garbage."""
        if count > 0:
            memmove(Ptr((self._items + target).address), Ptr((self._items + source).address), self._storage_bytes(count))

    def _drop_range(self, start: int, stop: int) -> None:
        """Release the elements of a range, the last first."""
        if self._items.counted:
            at = stop
            while at > start:
                at = i64(at - 1)
                self._items.drop(at)

    @noinline
    def reserve(self, count: int) -> None:
        """Make room for `count` elements in all."""
        if count > self._capacity:
            self._set_capacity(count)

    # --- elements ---------------------------------------------------------------------------------------------------------

    @inline
    def __len__(self) -> int:
        return self._size

    @inline
    def __bool__(self) -> bool:
        return self._size != 0

    @inline
    def item_at(self, index: int) -> T:
        """Element `index`, which the caller knows to exist."""
        return self._items[index]

    @inline
    def _position(self, index: int) -> int:
        """The slot of a Python index; at or above the size (as unsigned) when out of range."""
        return i64(index + self._size) if index < 0 else index

    @inline
    def __getitem__(self, index: int) -> T:
        at = self._position(index)
        if unlikely(u64(at) >= u64(self._size)):
            raise IndexError("list index out of range")
        return self._items[at]

    @inline
    def __setitem__(self, index: int, value: T) -> None:
        at = self._position(index)
        if unlikely(u64(at) >= u64(self._size)):
            raise IndexError("list assignment index out of range")
        self._items[at] = value

    def __delitem__(self, index: int) -> None:
        at = self._position(index)
        if u64(at) >= u64(self._size):
            raise IndexError("list assignment index out of range")
        self._take(at)

    def _take(self, at: int) -> T:
        """Move an element out and close the gap."""
        item = self._items.take(at)
        self._shift(at + 1, at, self._size - at - 1)
        self._size -= 1
        return item

    @inline
    def append(self, item: T) -> None:
        if unlikely(self._size == self._capacity):
            self._grow(i64(self._size + 1))
        self._items.init(self._size, item)
        self._size = i64(self._size + 1)

    @inline
    def append_reserved(self, item: T) -> None:
        """append() where reserve() has made room."""
        self._items.init(self._size, item)
        self._size = i64(self._size + 1)

    @inline
    def init_item(self, index: int, item: T) -> None:
        """Give slot `index` its first element, where reserve() has made room; set_size() tells of it, and nothing may fail before."""
        self._items.init(index, item)

    @inline
    def set_size(self, size: int) -> None:
        """Slots 0..size-1 have their elements."""
        self._size = size

    def insert(self, index: int, item: T) -> None:
        at = clamp(index, self._size)
        if self._size == self._capacity:
            self._grow(self._size + 1)
        self._shift(at, at + 1, self._size - at)
        self._items.init(at, item)
        self._size += 1

    def pop(self, index: int) -> T:
        if self._size == 0:
            raise IndexError("pop from empty list")
        at = self._position(index)
        if u64(at) >= u64(self._size):
            raise IndexError("pop index out of range")
        return self._take(at)

    def pop_last(self) -> T:
        if self._size == 0:
            raise IndexError("pop from empty list")
        self._size = i64(self._size - 1)
        return self._items.take(self._size)

    def clear(self) -> None:
        items = self._items
        size = self._size
        capacity = self._capacity
        self._items = Ptr(u64(0))
        self._size = 0
        self._capacity = 0
        while size > 0:
            size -= 1
            items.drop(size)
        self._free_storage(items, capacity)

    # --- searching --------------------------------------------------------------------------------------------------------

    def _find(self, wanted: T, start: int, stop: int) -> int:
        at = start
        while at < stop and at < self._size:
            if self._items[at] == wanted:
                return at
            at += 1
        return -1

    def __contains__(self, wanted: T) -> bool:
        return self._find(wanted, 0, self._size) >= 0

    def index(self, wanted: T, start: int = 0, stop: int = 9223372036854775807) -> int:
        at = self._find(wanted, clamp(start, self._size), clamp(stop, self._size))
        if at < 0:
            raise ValueError(repr(wanted) + " is not in list")
        return at

    def count(self, wanted: T) -> int:
        found = 0
        at = 0
        while at < self._size:
            if self._items[at] == wanted:
                found += 1
            at += 1
        return found

    def remove(self, wanted: T) -> None:
        at = self._find(wanted, 0, self._size)
        if at < 0:
            raise ValueError("list.remove(x): x not in list")
        self._take(at)

    # --- whole lists ------------------------------------------------------------------------------------------------------

    def copy(self) -> list[T]:
        return self.getslice(0, self._size)

    def extend(self, other: "List[T]") -> None:
        """Append the elements that `other` has now (it may be this list)."""
        count = other._size
        if self._size + count > self._capacity:
            self._grow(self._size + count)
        for at in range(count):
            self._items.init(i64(self._size + at), other._items[at])
        self._size += count

    def __add__(self, other: "List[T]") -> list[T]:
        out: List[T] = List()
        out.reserve(self._size + other._size)
        out.extend(self)
        out.extend(other)
        return unchecked_cast(list[T], out)

    def __iadd__(self, other: "List[T]") -> "List[T]":
        self.extend(other)
        return self

    def __mul__(self, times: int) -> list[T]:
        out: List[T] = List()
        if times > 0:
            out.reserve(self._size * times)
            for _ in range(times):
                out.extend(self)
        return unchecked_cast(list[T], out)

    def __imul__(self, times: int) -> "List[T]":
        if times <= 0:
            self.clear()
            return self
        size = self._size
        self.reserve(size * times)
        for _ in range(times - 1):
            for at in range(size):
                self._items.init(self._size, self._items[at])
                self._size += 1
        return self

    def reverse(self) -> None:
        low = 0
        high = self._size - 1
        while low < high:
            item = self._items.take(low)
            self._items.init(low, self._items.take(high))
            self._items.init(high, item)
            low += 1
            high -= 1

    def sort(self, reverse: bool = False) -> None:
        """Stable; the list is empty while it runs, as in CPython, so a comparison that looks at it sees that."""
        items = self._items
        size = self._size
        capacity = self._lend()
        try:
            sort_items(items, size, reverse)
        finally:
            self._take_back(items, size, capacity)

    def sort_key(self, key: Callable[[T], K], reverse: bool = False) -> None:
        """Stable, by key(element), which is called once for each element, in order."""
        items = self._items
        size = self._size
        capacity = self._lend()
        try:
            sort_items_by_key(items, size, key, reverse)
        finally:
            self._take_back(items, size, capacity)

    def _lend(self) -> int:
        """Hand the storage to a sort; its capacity."""
        capacity = self._capacity
        self._items = Ptr(u64(0))
        self._size = 0
        self._capacity = 0
        return capacity

    def _take_back(self, items: Ptr[T], size: int, capacity: int) -> None:
        """Whatever was put into the list meanwhile is lost, and says so."""
        modified = self._size != 0
        self.clear()
        self._items = items
        self._size = size
        self._capacity = capacity
        if modified:
            raise ValueError("list modified during sort")

    # --- slices -----------------------------------------------------------------------------------------------------------

    def getslice(self, start: int, stop: int) -> list[T]:
        """self[start:stop]; missing ends are 0 and the largest int."""
        low = clamp(start, self._size)
        high = clamp(stop, self._size)
        out: List[T] = List()
        if low < high:
            out.reserve(high - low)
            for at in range(low, high):
                out._items.init(i64(at - low), self._items[at])
            out._size = high - low
        return unchecked_cast(list[T], out)

    def getslice_step(self, start: int | None, stop: int | None, step: int) -> list[T]:
        bounds = Slice(start, stop, step, self._size)
        out: List[T] = List()
        out.reserve(bounds.count)
        at = bounds.start
        for _ in range(bounds.count):
            out.append(self._items[at])
            at = i64(at + step)
        return unchecked_cast(list[T], out)

    def setslice(self, start: int, stop: int, items: "List[T]") -> None:
        """self[start:stop] = items; the slice may grow or shrink."""
        low = clamp(start, self._size)
        high = clamp(stop, self._size)
        if high < low:
            high = low
        source = items
        if items is self:
            source = unchecked_cast(List[T], self.copy())
        removed: List[T] = List()
        removed.reserve(high - low)
        growth = source._size - (high - low)
        if self._size + growth > self._capacity:
            self._grow(self._size + growth)
        self._move_out(low, high, removed)
        self._shift(high, high + growth, self._size - high)
        for at in range(source._size):
            self._items.init(i64(low + at), source._items[at])
        self._size += growth

    def _move_out(self, low: int, high: int, removed: "List[T]") -> None:
        """Move a range into `removed`, which has room; the places they leave hold garbage."""
        if low < high:
            memcpy(Ptr(removed._items.address), Ptr((self._items + low).address), self._storage_bytes(high - low))
            removed._size = high - low

    def setslice_step(self, start: int | None, stop: int | None, step: int, items: "List[T]") -> None:
        """self[start:stop:step] = items; the counts must agree unless the step is 1."""
        bounds = Slice(start, stop, step, self._size)
        if step == 1:
            self.setslice(bounds.start, bounds.stop, items)
            return
        if items._size != bounds.count:
            sizes = f"attempt to assign sequence of size {items._size} to extended slice of size {bounds.count}"
            raise ValueError(sizes)
        source: List[T] = unchecked_cast(List[T], items.copy())
        for at in range(bounds.count):
            self._items[bounds.start + at * step] = source._items[at]

    def delslice(self, start: int, stop: int) -> None:
        low = clamp(start, self._size)
        high = clamp(stop, self._size)
        if low < high:
            removed: List[T] = List()
            removed.reserve(high - low)
            self._move_out(low, high, removed)
            self._shift(high, low, self._size - high)
            self._size -= high - low

    def delslice_step(self, start: int | None, stop: int | None, step: int) -> None:
        bounds = Slice(start, stop, step, self._size)
        if bounds.count == 0:
            return
        first = bounds.start if step > 0 else bounds.start + (bounds.count - 1) * step
        stride = step if step > 0 else -step
        removed: List[T] = List()
        removed.reserve(bounds.count)
        kept = first
        leaving = first
        for at in range(first, self._size):
            if at == leaving and removed._size < bounds.count:
                removed._items.init(removed._size, self._items.take(at))
                removed._size += 1
                leaving = i64(leaving + stride)
            else:
                self._items.init(kept, self._items.take(at))
                kept += 1
        self._size = kept

    # --- comparison and text ----------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not same_class(self, other):
            return False
        right: List[T] = unchecked_cast(List[T], other)
        if self._size != right._size:
            return False
        at = 0
        while at < self._size and at < right._size:
            if self._items[at] != right._items[at]:
                return False
            at += 1
        return self._size == right._size

    def __lt__(self, other: "List[T]") -> bool:
        return self._order(other) < 0

    def __le__(self, other: "List[T]") -> bool:
        return self._order(other) <= 0

    def __gt__(self, other: "List[T]") -> bool:
        return self._order(other) > 0

    def __ge__(self, other: "List[T]") -> bool:
        return self._order(other) >= 0

    def _order(self, other: "List[T]") -> int:
        """Below, equal to or above 0: the first elements that differ decide, then the lengths."""
        at = 0
        while at < self._size and at < other._size:
            if self._items[at] != other._items[at]:
                return -1 if less(self._items[at], other._items[at]) else 1
            at += 1
        return self._size - other._size

    def __repr__(self) -> str:
        parts: list[str] = ["["]
        at = 0
        while at < self._size:
            if at > 0:
                parts.append(", ")
            parts.append(repr(self._items[at]))
            at += 1
        parts.append("]")
        return "".join(parts)

    def __iter__(self) -> "ListIterator[T]":
        return ListIterator(self)

    def __reversed__(self) -> "ListReverseIterator[T]":
        return ListReverseIterator(self)


class ListIterator(Generic[T]):
    """Sees elements that are appended while it runs; once exhausted it stays so."""

    def __init__(self, items: List[T]) -> None:
        self._list: List[T] | None = items
        self._at = 0

    def __iter__(self) -> "ListIterator[T]":
        return self

    def __next__(self) -> T:
        items = self._list
        if items is not None:
            if self._at < len(items):
                self._at += 1
                return items.item_at(self._at - 1)
            self._list = None
        raise StopIteration


class ListReverseIterator(Generic[T]):
    def __init__(self, items: List[T]) -> None:
        self._list: List[T] | None = items
        self._at = len(items)

    def __iter__(self) -> "ListReverseIterator[T]":
        return self

    def __next__(self) -> T:
        items = self._list
        if items is not None:
            self._at -= 1
            if 0 <= self._at < len(items):
                return items.item_at(self._at)
            self._list = None
        raise StopIteration


@noinline
def wrong_count(expected: int, got: int) -> None:
    """`a, b = items` with more or fewer items than targets."""
    if got < expected:
        raise ValueError(f"not enough values to unpack (expected {expected}, got {got})")
    raise ValueError(f"too many values to unpack (expected {expected})")


@noinline
def too_few(expected: int, got: int) -> None:
    """`a, *b, c = items` with fewer items than plain targets."""
    raise ValueError(f"not enough values to unpack (expected at least {expected}, got {got})")
