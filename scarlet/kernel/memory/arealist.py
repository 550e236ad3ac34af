"""The areas of an address space, sorted and without overlap.

Changes are made of three steps: `split` at the borders of a range, so that every area is inside or outside; act on the areas inside;
`merge` what has become alike. The area found last is remembered: faults and user copies come in bursts.
"""

from typing import Final

from scarlet.kernel.memory.area import Area
from scarlet.machine.sv39 import PAGE_SIZE

GUARD_GAP: Final = 256 * PAGE_SIZE
"""What stays unmapped below an area that grows down (stack_guard_gap)."""
MAX_AREAS: Final = 65530
"""vm.max_map_count."""


class AreaList:
    """Areas in ascending order, in `items`."""

    def __init__(self) -> None:
        self.items: list[Area] = []
        self._last: Area | None = None

    def find(self, address: int) -> Area | None:
        """The area that holds the address."""
        last = self._last
        if last is not None and last.start <= address < last.end:
            return last
        index = self.index_from(address)
        if index < len(self.items) and self.items[index].start <= address:
            self._last = self.items[index]
            return self.items[index]
        return None

    def index_from(self, address: int) -> int:
        """The index of the first area that ends after the address; the number of areas if there is none."""
        low = 0
        high = len(self.items)
        while low < high:
            middle = (low + high) // 2
            if self.items[middle].end <= address:
                low = middle + 1
            else:
                high = middle
        return low

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any area reaches into the range."""
        index = self.index_from(start)
        return index < len(self.items) and self.items[index].start < end

    def covers(self, start: int, end: int) -> bool:
        """Whether every address of the range is in an area."""
        index = self.index_from(start)
        while start < end:
            if index >= len(self.items) or self.items[index].start > start:
                return False
            start = self.items[index].end
            index += 1
        return True

    def make_room(self, area: Area) -> None:
        """See that this area can be inserted later without asking for memory. MemoryError."""
        self.items.append(area)
        self.items.pop()

    def insert(self, area: Area) -> None:
        """Add an area where none is, joined with its neighbours if they are alike. MemoryError."""
        self._last = None
        index = self.index_from(area.start)
        self.items.insert(index, area)
        self._merge_at(index + 1)
        self._merge_at(index)

    def split(self, address: int) -> None:
        """See that no area goes across the address."""
        index = self.index_from(address)
        if index < len(self.items) and self.items[index].start < address:
            area = self.items[index]
            self.items.insert(index + 1, area.copy(address, area.end))
            area.end = address
            self._last = None

    def within(self, start: int, end: int) -> list[Area]:
        """The areas that reach into the range."""
        found: list[Area] = []
        index = self.index_from(start)
        while index < len(self.items) and self.items[index].start < end:
            found.append(self.items[index])
            index += 1
        return found

    def remove(self, start: int, end: int) -> list[Area]:
        """Take out of the list what lies in the range. MemoryError, and everything is still there."""
        self.split(start)
        self.split(end)
        removed = self.within(start, end)
        self._last = None
        first = self.index_from(start)
        for _ in range(len(removed)):
            self.items.pop(first)
        return removed

    def take(self, start: int) -> Area:
        """Take the area that begins at an address out of the list."""
        self._last = None
        return self.items.pop(self.index_from(start))

    def merge(self, start: int, end: int) -> None:
        """Join areas in and beside the range that are alike."""
        self._last = None
        index = self.index_from(start)
        while index < len(self.items) and self.items[index].start <= end:
            if not self._merge_at(index):
                index += 1

    def end_before(self, address: int) -> int:
        """Where the last area below the address ends, 0 if there is none."""
        index = self.index_from(address)
        return self.items[index - 1].end if index > 0 else 0

    def start_after(self, address: int, otherwise: int) -> int:
        """Where the first area that ends after the address starts."""
        index = self.index_from(address)
        return self.items[index].start if index < len(self.items) else otherwise

    def is_free(self, start: int, end: int) -> bool:
        """Whether a new area can lie there, away from stacks that may grow."""
        index = self.index_from(start)
        return index >= len(self.items) or _lower_edge(self.items[index]) >= end

    def highest_gap(self, length: int, lowest: int, top: int) -> int:
        """The highest free range of a length below `top`, -1 if there is none above `lowest`."""
        high = top
        index = len(self.items) - 1
        while index >= 0:
            area = self.items[index]
            if area.end <= high - length:
                break
            high = min(high, _lower_edge(area))
            index -= 1
        return high - length if high - length >= lowest else -1

    def _merge_at(self, index: int) -> bool:
        """Join the area with the one before it, if they are alike."""
        if index <= 0 or index >= len(self.items):
            return False
        before = self.items[index - 1]
        area = self.items[index]
        if not area.continues(before):
            return False
        before.end = area.end
        before.private_pages = before.private_pages or area.private_pages
        self.items.pop(index)
        return True


def _lower_edge(area: Area) -> int:
    return area.start - GUARD_GAP if area.grows_down else area.start
