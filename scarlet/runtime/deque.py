"""collections.deque: a ring of elements whose capacity is a power of two.

Invariants: element i lies in slot (_head + i) & (_capacity - 1); the other slots hold garbage. `_changes` counts
additions and removals, so that an iterator notices them. Elements that leave are released when the deque is
consistent, the first first.
"""

from typing import Final, Generic, TypeVar

from scarlet.lang import i64, u64
from scarlet.lang.raw import Ptr, inline, unchecked_cast
from scarlet.runtime import heap
from scarlet.runtime.kind import same_class

T = TypeVar("T")

SMALLEST: Final = 8


class Deque(Generic[T]):
    def __init__(self) -> None:
        self._head: int = 0
        self._size: int = 0
        self._capacity: int = 0
        self._changes: u64 = 0
        self._items: Ptr[T] = Ptr(u64(0))

    def __del__(self) -> None:
        self.clear()

    @inline
    def _slot(self, index: int) -> int:
        return i64(i64(self._head + index) & i64(self._capacity - 1))

    def _make_room(self) -> None:
        """Double the ring when it is full."""
        if self._size < self._capacity:
            return
        capacity = self._capacity * 2 if self._capacity else SMALLEST
        address = heap.allocate(u64(capacity * self._items.item_size))
        if address == 0:
            raise MemoryError
        items: Ptr[T] = Ptr(address)
        for at in range(self._size):
            items.init(at, self._items.take(self._slot(at)))
        self._free_storage(self._items, self._capacity)
        self._items = items
        self._head = 0
        self._capacity = capacity

    def _free_storage(self, items: Ptr[T], capacity: int) -> None:
        if capacity != 0:
            heap.free(items.address, u64(capacity * items.item_size))

    @inline
    def __len__(self) -> int:
        return self._size

    @inline
    def __bool__(self) -> bool:
        return self._size != 0

    @inline
    def item_at(self, index: int) -> T:
        """Element `index`, which the caller knows to exist."""
        return self._items[self._slot(index)]

    def _checked(self, index: int) -> int:
        at = i64(index + self._size) if index < 0 else index
        if u64(at) >= u64(self._size):
            raise IndexError("deque index out of range")
        return self._slot(at)

    def __getitem__(self, index: int) -> T:
        return self._items[self._checked(index)]

    def __setitem__(self, index: int, value: T) -> None:
        self._items[self._checked(index)] = value

    def append(self, item: T) -> None:
        self._make_room()
        self._items.init(self._slot(self._size), item)
        self._size = i64(self._size + 1)
        self._changes = u64(self._changes + 1)

    def appendleft(self, item: T) -> None:
        self._make_room()
        self._head = self._slot(-1)
        self._items.init(self._head, item)
        self._size = i64(self._size + 1)
        self._changes = u64(self._changes + 1)

    def pop_last(self) -> T:
        """pop(): deque has no pop(i)."""
        if self._size == 0:
            raise IndexError("pop from an empty deque")
        self._size = i64(self._size - 1)
        self._changes = u64(self._changes + 1)
        return self._items.take(self._slot(self._size))

    def pop(self) -> T:
        return self.pop_last()

    def popleft(self) -> T:
        if self._size == 0:
            raise IndexError("pop from an empty deque")
        slot = self._head
        self._head = self._slot(1)
        self._size = i64(self._size - 1)
        self._changes = u64(self._changes + 1)
        return self._items.take(slot)

    def extend(self, items: list[T]) -> None:
        for item in items:
            self.append(item)

    def extendleft(self, items: list[T]) -> None:
        for item in items:
            self.appendleft(item)

    def clear(self) -> None:
        items = self._items
        head = self._head
        size = self._size
        capacity = self._capacity
        self._items = Ptr(u64(0))
        self._head = 0
        self._size = 0
        self._capacity = 0
        self._changes = u64(self._changes + 1)
        at = i64(0)
        while at < size:
            items.drop(i64(i64(head + at) & i64(capacity - 1)))
            at = i64(at + 1)
        self._free_storage(items, capacity)

    def _find(self, wanted: T) -> int:
        changes = self._changes
        at = 0
        while at < self._size:
            same = self.item_at(at) == wanted
            if self._changes != changes:
                raise RuntimeError("deque mutated during iteration")
            if same:
                return at
            at += 1
        return -1

    def __contains__(self, wanted: T) -> bool:
        return self._find(wanted) >= 0

    def index(self, wanted: T) -> int:
        at = self._find(wanted)
        if at < 0:
            raise ValueError(repr(wanted) + " is not in deque")
        return at

    def count(self, wanted: T) -> int:
        found = 0
        for item in self:
            if item == wanted:
                found += 1
        return found

    def remove(self, wanted: T) -> None:
        at = self._find(wanted)
        if at < 0:
            raise ValueError(repr(wanted) + " is not in deque")
        self._take(at)

    def __delitem__(self, index: int) -> None:
        at = i64(index + self._size) if index < 0 else index
        if u64(at) >= u64(self._size):
            raise IndexError("deque index out of range")
        self._take(at)

    def _take(self, at: int) -> T:
        """Move an element out and close the gap."""
        item = self._items.take(self._slot(at))
        while at + 1 < self._size:
            self._items.init(self._slot(at), self._items.take(self._slot(at + 1)))
            at += 1
        self._size -= 1
        self._changes = u64(self._changes + 1)
        return item

    def insert(self, index: int, item: T) -> None:
        self._make_room()
        at = index + self._size if index < 0 else index
        at = max(0, min(at, self._size))
        last = self._size
        while last > at:
            self._items.init(self._slot(last), self._items.take(self._slot(last - 1)))
            last -= 1
        self._items.init(self._slot(at), item)
        self._size += 1
        self._changes = u64(self._changes + 1)

    def rotate(self, steps: int = 1) -> None:
        """Move the elements `steps` places to the right."""
        if self._size < 2:
            return
        for _ in range(steps % self._size):
            self.appendleft(self.pop_last())

    def reverse(self) -> None:
        low = 0
        high = self._size - 1
        while low < high:
            item = self._items.take(self._slot(low))
            self._items.init(self._slot(low), self._items.take(self._slot(high)))
            self._items.init(self._slot(high), item)
            low += 1
            high -= 1

    def copy(self) -> "Deque[T]":
        out: Deque[T] = Deque()
        for at in range(self._size):
            out.append(self.item_at(at))
        return out

    def __eq__(self, other: object) -> bool:
        if not same_class(self, other):
            return False
        right: Deque[T] = unchecked_cast(Deque[T], other)
        if self._size != right._size:
            return False
        at = 0
        while at < self._size and at < right._size:
            if self.item_at(at) != right.item_at(at):
                return False
            at += 1
        return True

    def __repr__(self) -> str:
        parts: list[str] = []
        for item in self:
            parts.append(repr(item))
        return "deque([" + ", ".join(parts) + "])"

    def changes(self) -> u64:
        return self._changes

    def __iter__(self) -> "DequeIterator[T]":
        return DequeIterator(self)

    def __reversed__(self) -> "DequeReverseIterator[T]":
        return DequeReverseIterator(self)


class DequeIterator(Generic[T]):
    def __init__(self, owner: Deque[T]) -> None:
        self._owner = owner
        self._changes = owner.changes()
        self._at = 0

    def __iter__(self) -> "DequeIterator[T]":
        return self

    def __next__(self) -> T:
        if self._owner.changes() != self._changes:
            raise RuntimeError("deque mutated during iteration")
        if self._at >= len(self._owner):
            raise StopIteration
        self._at += 1
        return self._owner.item_at(self._at - 1)


class DequeReverseIterator(Generic[T]):
    def __init__(self, owner: Deque[T]) -> None:
        self._owner = owner
        self._changes = owner.changes()
        self._at = len(owner)

    def __iter__(self) -> "DequeReverseIterator[T]":
        return self

    def __next__(self) -> T:
        if self._owner.changes() != self._changes:
            raise RuntimeError("deque mutated during iteration")
        if self._at <= 0:
            raise StopIteration
        self._at -= 1
        return self._owner.item_at(self._at)
