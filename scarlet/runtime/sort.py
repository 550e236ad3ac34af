"""Stable sorting by merging (list.sort, sorted).

The sort orders positions, not elements: the elements stay where they are until the order is known, so an exception
out of a comparison leaves them as they were. Runs are merged bottom-up; two neighbouring runs that are in order
already cost one comparison, so sorted input is linear.
"""

from collections.abc import Callable
from typing import TypeVar

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, less, memcpy
from scarlet.runtime import heap

T = TypeVar("T")
K = TypeVar("K")


def sort_items(items: Ptr[T], size: int, reverse: bool) -> None:
    """Sort `size` elements in place."""
    if size > 1:
        permute(items, order_of(items, size, reverse))


def sort_items_by_key(items: Ptr[T], size: int, key: Callable[[T], K], reverse: bool) -> None:
    """Sort by the keys of the elements, each computed once, in order."""
    keys: list[K] = []
    for at in range(size):
        keys.append(key(items[at]))
    if size > 1:
        permute(items, order_of_list(keys, reverse))


def order_of_list(keys: list[K], reverse: bool) -> list[int]:
    order = list(range(len(keys)))
    spare = list(range(len(keys)))
    width = 1
    while width < len(keys):
        for start in range(0, len(keys), width * 2):
            merge_keys(keys, order, spare, start, width, reverse)
        order, spare = spare, order
        width *= 2
    return order


def order_of(items: Ptr[T], size: int, reverse: bool) -> list[int]:
    """The positions of the elements in sorted order."""
    keys: list[T] = []
    for at in range(size):
        keys.append(items[at])
    return order_of_list(keys, reverse)


def merge_keys(keys: list[K], source: list[int], target: list[int], start: int, width: int, reverse: bool) -> None:
    """Merge source[start:start+width] with the run after it into target; of equal keys the left one goes first."""
    size = len(keys)
    middle = min(start + width, size)
    end = min(middle + width, size)
    left = start
    right = middle
    if middle < end and not precedes(keys, source[middle], source[middle - 1], reverse):  # in order already
        for at in range(start, end):
            target[at] = source[at]
        return
    for at in range(start, end):
        if left < middle and (right >= end or not precedes(keys, source[right], source[left], reverse)):
            target[at] = source[left]
            left += 1
        else:
            target[at] = source[right]
            right += 1


def precedes(keys: list[K], later: int, earlier: int, reverse: bool) -> bool:
    """Whether the key at `later` must come before the one at `earlier`."""
    if reverse:
        return less(keys[earlier], keys[later])
    return less(keys[later], keys[earlier])


def permute(items: Ptr[T], order: list[int]) -> None:
    """Put the elements into the given order of their old positions."""
    size = u64(len(order) * items.item_size)
    spare = heap.allocate(size)
    if spare == 0:
        raise MemoryError
    memcpy(Ptr(spare), Ptr(items.address), size)
    old: Ptr[T] = Ptr(spare)
    for at in range(len(order)):
        items.init(at, old.take(order[at]))
    heap.free(spare, size)
