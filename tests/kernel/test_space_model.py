"""Address spaces against a plain model: a dict from page number to (protection, shared cell, contents)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scarlet.kernel.memory import frames, pagetable
from scarlet.kernel.memory.area import Access, FaultResult, Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno
from scarlet.machine.bootinfo import MemoryRange
from tests.kernel.conftest import RAM_BASE
from tests.kernel.spaces import NONE, PAGE, RW, FakeFile, Fault, R, W, X, load, outcome, store

WINDOW = 24
"""Pages the game is played in, across the border of two last-level tables."""
BASE = 0x10_0020_0000 - 12 * PAGE
FILE_PAGES = 20

pages = st.integers(0, WINDOW - 1)
lengths = st.integers(1, 10)
protections = st.sampled_from([NONE, R, RW, R | X, W])


class Cell:
    """The contents of one page, perhaps seen from several places."""

    def __init__(self, value: int) -> None:
        self.value = value


class Page:
    def __init__(self, protection: Protection, cell: Cell, *, shared: bool, origin: int) -> None:
        self.protection = protection
        self.cell = cell
        self.shared = shared
        self.origin = origin
        """What a discarded private page reads as again."""

    def copy(self) -> "Page":
        cell = self.cell if self.shared else Cell(self.cell.value)
        return Page(self.protection, cell, shared=self.shared, origin=self.origin)


Model = dict[int, Page]


class SpaceMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        frames.init([MemoryRange(RAM_BASE, 16 << 20)], [])
        pagetable.init()
        self.read_only_file = FakeFile(FILE_PAGES, ready=12)
        self.shared_file = FakeFile(FILE_PAGES)
        self.shared_cells = [Cell(index + 1) for index in range(FILE_PAGES)]
        self.free = frames.free_frames()
        self.worlds: list[tuple[AddressSpace, Model]] = []

    @initialize()
    def begin(self) -> None:
        self.worlds.append((AddressSpace(), {}))

    def pick(self, which: int) -> tuple[AddressSpace, Model]:
        return self.worlds[which % len(self.worlds)]

    @rule(which=st.integers(0, 3), page=pages, count=lengths, protection=protections, shared=st.booleans())
    def map_anonymous(self, which: int, page: int, count: int, protection: Protection, shared: bool) -> None:
        space, model = self.pick(which)
        assert space.map_area(BASE + page * PAGE, count * PAGE, protection, fixed=True, shared=shared) == BASE + page * PAGE
        for index in range(page, page + count):
            model[index] = Page(protection, Cell(0), shared=shared, origin=0)

    @rule(which=st.integers(0, 3), page=pages, count=lengths, protection=protections, offset=st.integers(0, 9), shared=st.booleans())
    def map_file(self, which: int, page: int, count: int, protection: Protection, offset: int, shared: bool) -> None:
        space, model = self.pick(which)
        file = self.shared_file if shared else self.read_only_file
        space.map_area(BASE + page * PAGE, count * PAGE, protection, fixed=True, shared=shared, pager=file, page_offset=offset)
        for index in range(count):
            origin = offset + index + 1
            cell = self.shared_cells[offset + index] if shared else Cell(origin)
            model[page + index] = Page(protection, cell, shared=shared, origin=origin)

    @rule(which=st.integers(0, 3), page=pages, count=lengths)
    def unmap(self, which: int, page: int, count: int) -> None:
        space, model = self.pick(which)
        space.unmap(BASE + page * PAGE, count * PAGE)
        for index in range(page, page + count):
            model.pop(index, None)

    @rule(which=st.integers(0, 3), page=pages, count=lengths, protection=protections)
    def protect(self, which: int, page: int, count: int, protection: Protection) -> None:
        space, model = self.pick(which)
        whole = all(index in model for index in range(page, page + count))
        try:
            space.protect(BASE + page * PAGE, count * PAGE, protection)
            assert whole
        except Errno:
            assert not whole
            return
        for index in range(page, page + count):
            model[index].protection = protection

    @rule(which=st.integers(0, 3), page=pages, count=lengths)
    def discard(self, which: int, page: int, count: int) -> None:
        space, model = self.pick(which)
        if not all(index in model for index in range(page, page + count)):
            return
        space.discard(BASE + page * PAGE, count * PAGE)
        for index in range(page, page + count):
            if not model[index].shared:
                model[index].cell = Cell(model[index].origin)

    @rule(which=st.integers(0, 3), page=pages, count=lengths, place=pages)
    def move(self, which: int, page: int, count: int, place: int) -> None:
        space, model = self.pick(which)
        start = BASE + page * PAGE
        area = space.find(start)
        fits = area is not None and start + count * PAGE <= area.end and (place >= page + count or place + count <= page)
        if not fits:
            return
        assert space.remap(start, count * PAGE, count * PAGE, may_move=True, fixed_at=BASE + place * PAGE) == BASE + place * PAGE
        moved = [model.pop(page + index) for index in range(count)]
        for index in range(count):
            model[place + index] = moved[index]

    @rule(which=st.integers(0, 3), page=pages, value=st.integers(0, 255))
    def write(self, which: int, page: int, value: int) -> None:
        space, model = self.pick(which)
        entry = model.get(page)
        try:
            store(space, BASE + page * PAGE + 9, value)
        except Fault as fault:
            if entry is None:
                assert fault.result is FaultResult.SEGV_MAPERR
            else:
                assert fault.result is FaultResult.SEGV_ACCERR
                assert not entry.protection & W
            return
        assert entry is not None
        assert entry.protection & W
        entry.cell.value = value

    @rule(which=st.integers(0, 3), page=pages)
    def read(self, which: int, page: int) -> None:
        space, model = self.pick(which)
        entry = model.get(page)
        if entry is None:
            assert outcome(space, BASE + page * PAGE, Access.READ) is FaultResult.SEGV_MAPERR
        elif not entry.protection & RW:
            assert outcome(space, BASE + page * PAGE, Access.READ) is FaultResult.SEGV_ACCERR
        else:
            assert load(space, BASE + page * PAGE + 9) == entry.cell.value

    @precondition(lambda self: len(self.worlds) < 4)
    @rule(which=st.integers(0, 3))
    def fork(self, which: int) -> None:
        space, model = self.pick(which)
        self.worlds.append((space.fork(), {index: page.copy() for index, page in model.items()}))

    @precondition(lambda self: len(self.worlds) > 1)
    @rule(which=st.integers(0, 3))
    def exit(self, which: int) -> None:
        self.worlds.pop(which % len(self.worlds))

    @invariant()
    def areas_are_sorted_and_apart(self) -> None:
        for space, model in self.worlds:
            items = space.areas.items
            assert all(area.start < area.end for area in items)
            assert all(left.end <= right.start for left, right in zip(items, items[1:], strict=False))
            assert all(not right.continues(left) for left, right in zip(items, items[1:], strict=False))
            assert sum(area.length for area in items) // PAGE == space.mapped_pages == len(model)

    @invariant()
    def pages_are_counted_and_inside_areas(self) -> None:
        for space, model in self.worlds:
            present = [index for index in range(-1, WINDOW + 12) if space.table.lookup(BASE + index * PAGE) != 0]
            assert len(present) == space.resident_pages
            assert all(index in model for index in present)

    def teardown(self) -> None:
        self.worlds.clear()
        assert frames.free_frames() == self.free


SpaceMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None, derandomize=True)
TestSpaceAgainstModel = SpaceMachine.TestCase
