"""Many threads at once (interleave.py): right as it is, and wrong with each of these mistakes planted in it."""

from collections.abc import Callable

import pytest

from tests.pagecache.interleave import run
from vfs.pagecache import closing, direct, filling, flushing
from vfs.pagecache.cache import PageCache
from vfs.pagecache.flushing import WriteRun
from vfs.pagecache.page import Page

SEEDS = 12
SEEDS_FOR_MUTANTS = 100
FIRST_SEEDS = {"range_not_closed": 41, "no_wait_for_a_busy_page": 9, "nothing_zeroed_behind_the_end": 5}
"""Mistakes that few seeds find: one that does comes first."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_files_are_what_their_writers_think(seed: int) -> None:
    run(seed)


Patch = Callable[[pytest.MonkeyPatch], None]


def lost_dirty_bit(patch: pytest.MonkeyPatch) -> None:
    """Programs keep the right to store into a page that was written back."""
    patch.setattr(flushing, "protect_pages", lambda *_: None)


def no_wait_for_a_busy_page(patch: pytest.MonkeyPatch) -> None:
    """Pages are cut off while the disk still reads or writes them."""

    def empty(file: PageCache, first: int, end: int) -> None:
        for index in closing.indices(file, first, end):
            page = file.pages.get(index)
            assert page is not None
            file.remove(page)

    patch.setattr(closing, "empty", empty)


def nothing_zeroed_behind_the_end(patch: pytest.MonkeyPatch) -> None:
    """A page shows what the disk has behind the end of the file."""
    patch.setattr(filling, "zero_from", lambda *_: None)


def tail_not_settled(patch: pytest.MonkeyPatch) -> None:
    """A file grows over what the disk has behind its end."""
    patch.setattr(filling, "settle_tail", lambda _: None)
    patch.setattr(direct, "settle_tail", lambda _: None)


def tail_not_zeroed_when_cut(patch: pytest.MonkeyPatch) -> None:
    """What was cut off comes back when the file grows."""
    patch.setattr(filling, "zero_part", lambda *_: None)


def clean_after_the_write(patch: pytest.MonkeyPatch) -> None:
    """What is written while the disk takes the page is taken for written."""
    complete = WriteRun.complete

    def mutant(self: WriteRun) -> int:
        error = complete(self)
        for page in self.pages:
            if page.dirty and not page.gone:
                self.cache.mark_clean(page)
        return error

    patch.setattr(WriteRun, "complete", mutant)


def written_to_a_page_that_is_gone(patch: pytest.MonkeyPatch) -> None:
    """A page given back while the file system made room for it goes to a program all the same."""
    patch.setattr(Page, "gone", property(lambda _: False, lambda _page, _value: None), raising=False)


def range_not_closed(patch: pytest.MonkeyPatch) -> None:
    """Pages come in while their blocks are given to another file."""
    patch.setattr(PageCache, "is_closed", lambda *_: False)


def direct_write_leaves_pages(patch: pytest.MonkeyPatch) -> None:
    """The cache keeps what a direct write has replaced on the disk."""

    class Leaky(closing.Closed):
        def __enter__(self) -> "closing.Closed":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    patch.setattr(direct, "Closed", Leaky)


def direct_read_of_old_data(patch: pytest.MonkeyPatch) -> None:
    """What is dirty is not written before the disk is read."""
    sync_range = PageCache.sync_range

    def mutant(self: PageCache, offset: int, count: int) -> None:
        if self.mutex._held:
            sync_range(self, offset, count)

    patch.setattr(PageCache, "sync_range", mutant)


MUTANTS = [
    lost_dirty_bit, no_wait_for_a_busy_page, nothing_zeroed_behind_the_end, tail_not_settled, tail_not_zeroed_when_cut,
    clean_after_the_write, written_to_a_page_that_is_gone, range_not_closed, direct_write_leaves_pages, direct_read_of_old_data,
]  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.__name__ for mutant in MUTANTS])
def test_a_planted_mistake_is_found(mutant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    first = FIRST_SEEDS.get(mutant.__name__, 0)
    for seed in range(first, first + SEEDS_FOR_MUTANTS):
        try:
            run(seed)
        except Exception:
            return
    pytest.fail("not found")
