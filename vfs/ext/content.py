"""Where the content of a regular file is: what the page cache asks. (vfs/pagecache/backing.py)

Blocks come late. When a page becomes dirty, room is only promised (`reserve`). When it is written back, blocks are claimed in memory
(`allocate`), as long a run as can be had; when the device has the data, one operation enters them in bitmap, map and size (`written`). So
no crash shows a file whose blocks hold what somebody else deleted, and files are contiguous without knowing how large they will be.

The caller of `reserve` is the program that writes: blocks that are reserved for root are not promised to anybody else.
"""

import weakref
from typing import Final

from objects.credentials import CAP_SYS_RESOURCE, Credentials
from objects.inode import Inode
from objects.task import Task
from scarlet.kernel.thread import current_thread
from scarlet.lang.errno import EFBIG, ENOSPC, Errno
from vfs.ext.blockmap import NOWHERE, BlockMap
from vfs.ext.claims import Claim, Claims
from vfs.ext.record import Record
from vfs.ext.volume import Volume
from vfs.pagecache.backing import HOLE, Backing, Extent

PAGE_SHIFT: Final = 12
PAGE_SIZE: Final = 1 << PAGE_SHIFT
STEPS_AT_ONCE: Final = 16
"""Extents, or blocks of numbers, freed in one operation."""
EVERY_PAGE: Final = 1 << 52
"""More than any file has."""


class Content(Backing):
    """One file."""

    def __init__(self, volume: Volume, record: Record, map: BlockMap) -> None:
        super().__init__(volume.device)
        self.volume = volume
        self.record = record
        self.blocks = map
        self.changed_in = 0
        """The transaction that last changed the map or the size on the disk: what reading the file needs."""
        self.inode: weakref.ref[Inode] | None = None
        self._kept: Inode | None = None
        """The file while it is dirty and has a name."""
        self.promised = 0
        """Blocks that were promised to its pages, and not given yet."""
        self._promised: dict[int, int] = {}
        """By page."""
        self._claims = Claims(volume.allocator)

    def __del__(self) -> None:
        self._claims.drop(0, EVERY_PAGE)
        self._break_promises(0, EVERY_PAGE)

    # What the page cache asks

    def map(self, offset: int, count: int) -> list[Extent]:
        with self.volume.mutex:
            return self._extents(offset, count)

    def reserve(self, offset: int, count: int) -> None:
        self.volume.require_writable()
        bits = self.volume.geometry.block_bits
        if offset + count > self.blocks.largest() << bits:
            raise Errno(EFBIG, "larger than this file system's files can be")
        needed = 0
        pages: list[int] = []
        missing: list[int] = []
        for index in range(offset >> PAGE_SHIFT, (offset + count) >> PAGE_SHIFT):
            if index not in self._promised:
                pages.append(index)
        if len(pages) == 0:
            return
        with self.volume.mutex:
            for index in pages:
                blocks = self._holes(index << PAGE_SHIFT >> bits, max(PAGE_SIZE >> bits, 1))
                missing.append(blocks)
                needed += blocks
        if needed > 0:
            self.volume.require_room(needed + self.blocks.metadata_for(needed) + self._kept_back())
        for place in range(len(pages)):
            if pages[place] not in self._promised:
                self._promised[pages[place]] = missing[place]
                self._promise(missing[place])

    def _kept_back(self) -> int:
        """Blocks that only root may use, and those that maps may need for what was promised before."""
        volume = self.volume
        kept = self.blocks.metadata_for(volume.reserved)
        who = caller()
        if who is None or who.fsuid == int(volume.geometry.on_disk.s_def_resuid) or who.capable(CAP_SYS_RESOURCE):
            return kept
        return kept + volume.geometry.reserved_blocks

    def allocate(self, offset: int, count: int) -> list[Extent]:
        self.volume.require_writable()
        bits = self.volume.geometry.block_bits
        with self.volume.mutex:
            first = offset >> bits
            end = (offset + count + (1 << bits) - 1) >> bits
            while first < end:
                claim = self._claims.at(first)
                if claim is not None:
                    first = claim.end
                    continue
                found = self.blocks.find(first)
                part = min(found.count, end - first, self._claims.ahead(first))
                if found.start == NOWHERE:
                    part = self._claims.add(first, part, self._goal(first))
                first += part
            return self._extents(offset, count)

    def written(self, offset: int, count: int) -> None:
        volume = self.volume
        bits = volume.geometry.block_bits
        first = offset >> bits
        end = (offset + count + (1 << bits) - 1) >> bits
        record = self.record
        claims = self._claims.within(first, end)
        grows = offset + count > record.size
        if len(claims) > 0 or grows or self._has_unwritten(first, end):
            with volume.operation():
                self.begin_change()
                self.blocks.mark_written(first, end - first)
                for claim in claims:
                    self._enter(claim, first, end)
                record.size = max(record.size, offset + count)
            for claim in claims:
                self._claims.settle(claim, first, end)
        self._break_promises(offset >> PAGE_SHIFT, (offset + count + PAGE_SIZE - 1) >> PAGE_SHIFT)

    def dirtied(self) -> None:
        if self.record.links > 0:
            self._keep()

    def cleaned(self) -> None:
        self._kept = None

    def lost_last_name(self) -> None:
        """Nobody will find the file any more: that it is dirty is no reason to keep it."""
        self._kept = None

    def got_name(self, *, unwritten: bool) -> None:
        """It had none before. `unwritten`: there is something that the disk has not got."""
        if unwritten:
            self._keep()

    def _keep(self) -> None:
        self._kept = self.inode() if self.inode is not None else None

    # Changing the size, and what else takes blocks away

    def begin_change(self) -> None:
        """Map or size are about to change, within the caller's operation."""
        self.volume.table.change(self.record)
        self.changed_in = self.volume.changes.running.number

    def forget(self, first: int) -> None:
        """No page behind `first` blocks is in the cache any more: what was chosen and promised for them is nobody's."""
        self._claims.drop(first, EVERY_PAGE)
        bits = self.volume.geometry.block_bits
        self._break_promises(((first << bits) + PAGE_SIZE - 1) >> PAGE_SHIFT, EVERY_PAGE)

    def free(self, first: int, end: int) -> None:
        """Free the blocks from `first` to before `end`, in as many operations as that takes. No page of them is in the cache. EIO."""
        volume = self.volume
        bits = volume.geometry.block_bits
        self._claims.drop(first, end)
        self._break_promises(((first << bits) + PAGE_SIZE - 1) >> PAGE_SHIFT, (end << bits) >> PAGE_SHIFT)
        finished = False
        while not finished:
            with volume.operation():
                self.begin_change()
                finished = self.blocks.remove(first, end, STEPS_AT_ONCE)

    def reservation(self) -> int:
        """What must be free for fill_holes: one block, and those that are kept back."""
        return 1 + self._kept_back()

    def fill_holes(self, first: int, end: int) -> int:
        """Give the first hole of a range unwritten blocks, within the caller's operation: how far the range is done. ENOSPC."""
        volume = self.volume
        claim = self._claims.at(first)
        if claim is not None:
            return claim.end
        run = self.blocks.find(first)
        if run.start == NOWHERE:
            count = min(run.count, end - first, self._claims.ahead(first), volume.available() - self._kept_back())
            if count <= 0:
                raise Errno(ENOSPC)
            self.begin_change()
            chosen = volume.allocator.find(self._goal(first), count)
            volume.take_data(self.record, chosen.start, chosen.count)
            self.blocks.insert(first, chosen.start, chosen.count, unwritten=True)
            return first + chosen.count
        return first + run.count

    # Claims and promises

    def _goal(self, first: int) -> int:
        """Where the search for a block of the file begins: behind the one before it."""
        if first > 0:
            before = self._claims.at(first - 1)
            if before is not None:
                return before.start + before.count
            found = self.blocks.find(first - 1)
            if found.start != NOWHERE:
                return found.start + 1
        return self.volume.goal(self.record)

    def _enter(self, claim: Claim, first: int, end: int) -> None:
        """The blocks of a claim that lie in a range become the file's, within the caller's operation. Nobody else could get them."""
        low = max(claim.first, first)
        high = min(claim.end, end)
        start = claim.start + low - claim.first
        self.volume.take_data(self.record, start, high - low)
        self.blocks.insert(low, start, high - low)

    def _break_promises(self, first: int, end: int) -> None:
        if len(self._promised) == 0:
            return
        if end - first < len(self._promised):
            for page in range(first, end):
                self._promise(-self._promised.pop(page, 0))
            return
        for page in [page for page in self._promised if first <= page < end]:
            self._promise(-self._promised.pop(page))

    def _promise(self, blocks: int) -> None:
        """So many more, or less."""
        self.promised += blocks
        self.volume.reserved += blocks

    # Looking; the caller holds the mutex

    def _extents(self, offset: int, count: int) -> list[Extent]:
        bits = self.volume.geometry.block_bits
        found: list[Extent] = []
        block = offset >> bits
        end = (offset + count + (1 << bits) - 1) >> bits
        while block < end:
            claim = self._claims.at(block)
            if claim is not None:
                skipped = block - claim.first
                part = claim.count - skipped
                found.append(Extent(block << bits, part << bits, (claim.start + skipped) << bits, unwritten=True))
            else:
                run = self.blocks.find(block)
                part = min(run.count, self._claims.ahead(block), end - block)
                position = run.start << bits if run.start != NOWHERE else HOLE
                found.append(Extent(block << bits, part << bits, position, unwritten=run.unwritten))
            block += part
        return found

    def _holes(self, block: int, count: int) -> int:
        """How many of these have no block on the disk."""
        end = block + count
        holes = 0
        while block < end:
            run = self.blocks.find(block)
            part = min(run.count, end - block)
            if run.start == NOWHERE:
                holes += part
            block += part
        return holes

    def _has_unwritten(self, block: int, end: int) -> bool:
        with self.volume.mutex:
            while block < end:
                run = self.blocks.find(block)
                if run.unwritten:
                    return True
                block += run.count
        return False


def caller() -> Credentials | None:
    """Who the running thread works for; None for the kernel itself."""
    thread = current_thread()
    return thread.credentials if isinstance(thread, Task) else None
