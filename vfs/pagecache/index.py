"""Where a cache finds its pages: by their index, in leaves of 64.

A dict of all pages would be one piece of memory, of a megabyte for a large file, and would have to be made anew again and again, just when
pages have taken all that lies side by side. So there is a dict of leaves, a sixty-fourth of that. The leaf that was asked last is kept at
hand: most who look for a page look for its neighbour next.
"""

from collections.abc import Iterator
from typing import Final

from vfs.pagecache.page import Page

LEAF_BITS: Final = 6
LEAF_SIZE: Final = 1 << LEAF_BITS
LEAF_MASK: Final = LEAF_SIZE - 1
NOWHERE: Final = -1


class Leaf:
    """The places of LEAF_SIZE neighbours."""

    def __init__(self) -> None:
        self.pages: list[Page | None] = [None] * LEAF_SIZE
        self.count = 0
        """How many of them are there."""


class PageIndex:
    """The pages of one cache. In no order, for who looks at all of them; meanwhile nothing may be put in or taken out."""

    def __init__(self) -> None:
        self._leaves: dict[int, Leaf] = {}
        self._count = 0
        self._last: Leaf | None = None
        self._last_number = NOWHERE

    def __len__(self) -> int:
        return self._count

    def __contains__(self, index: int) -> bool:
        return self.get(index) is not None

    def get(self, index: int) -> Page | None:
        """The page, None where there is none."""
        if index >> LEAF_BITS == self._last_number:
            leaf = self._last
        else:
            leaf = self._leaves.get(index >> LEAF_BITS)
            if leaf is not None:
                self._last = leaf
                self._last_number = index >> LEAF_BITS
        return leaf.pages[index & LEAF_MASK] if leaf is not None else None

    def put(self, page: Page) -> None:
        """A page that was not there. MemoryError, and nothing has changed."""
        number = page.index >> LEAF_BITS
        leaf = self._leaves.get(number)
        if leaf is None:
            leaf = Leaf()
            self._leaves[number] = leaf
        leaf.pages[page.index & LEAF_MASK] = page
        leaf.count += 1
        self._count += 1

    def pop(self, index: int) -> None:
        """Take a page out that is there."""
        number = index >> LEAF_BITS
        leaf = self._leaves[number]
        assert leaf.pages[index & LEAF_MASK] is not None, "no such page"
        leaf.pages[index & LEAF_MASK] = None
        leaf.count -= 1
        self._count -= 1
        if leaf.count == 0:
            self._leaves.pop(number)
            if number == self._last_number:
                self._last = None
                self._last_number = NOWHERE

    def values(self) -> Iterator[Page]:
        """All of them."""
        for leaf in self._leaves.values():
            for page in leaf.pages:
                if page is not None:
                    yield page

    def clear(self) -> None:
        """Take all out."""
        self._leaves.clear()
        self._count = 0
        self._last = None
        self._last_number = NOWHERE
