"""Handle tables, against a model: a dict from slot to object. (dup(2), close(2), fcntl(2))"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from objects.handle import HandleTable, Role
from objects.object import KernelObject, Rights
from scarlet.lang.errno import EBADF, EINVAL, EMFILE, Errno
from tests.objects.support import outcome

LIMIT = 12
SLOTS = st.integers(-2, LIMIT + 2)


class Counted(KernelObject):
    """Is in `living` as long as it lives."""

    def __init__(self, number: int, living: set[int]) -> None:
        super().__init__()
        self.number = number
        self.living = living
        living.add(number)

    def __del__(self) -> None:
        self.living.discard(self.number)


class Tables(RuleBasedStateMachine):
    """Two tables, the second a fork of the first when one is made."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = [HandleTable(LIMIT)]
        self.models: list[dict[int, tuple[int, bool]]] = [{}]
        self.living: set[int] = set()
        self.made = 0

    def lowest(self, which: int, start: int) -> int:
        slot = max(start, 0)
        while slot in self.models[which]:
            slot += 1
        return slot

    def attempt(self, which: int, start: int) -> None:
        self.tables[which].allocate(Counted(self.made, self.living), Rights.READ, lowest=start)

    @rule(which=st.integers(0, 1), start=st.integers(0, LIMIT), close_on_exec=st.booleans())
    def allocate(self, which: int, start: int, close_on_exec: bool) -> None:
        which %= len(self.tables)
        expected = self.lowest(which, start)
        self.made += 1
        if expected >= LIMIT:
            # Not pytest.raises: what it catches holds this frame, and with it the object.
            assert outcome(lambda: self.attempt(which, start)) == "EMFILE"
            return
        slot = self.tables[which].allocate(Counted(self.made, self.living), Rights.READ, close_on_exec=close_on_exec, lowest=start)
        assert slot == expected
        self.models[which][slot] = (self.made, close_on_exec)

    @rule(which=st.integers(0, 1), slot=SLOTS)
    def close(self, which: int, slot: int) -> None:
        which %= len(self.tables)
        expected = "ok" if slot in self.models[which] else "EBADF"
        assert outcome(lambda: self.tables[which].close(slot)) == expected
        self.models[which].pop(slot, None)

    @rule(which=st.integers(0, 1), slot=SLOTS, start=SLOTS, close_on_exec=st.booleans())
    def duplicate(self, which: int, slot: int, start: int, close_on_exec: bool) -> None:
        which %= len(self.tables)
        model = self.models[which]
        target = self.lowest(which, start)
        try:
            got = self.tables[which].duplicate(slot, lowest=start, close_on_exec=close_on_exec)
        except Errno as error:
            if slot not in model:
                assert error.code == EBADF
            elif start < 0 or start >= LIMIT:
                assert error.code == EINVAL
            else:
                assert error.code == EMFILE and target >= LIMIT
            return
        assert got == target
        model[got] = (model[slot][0], close_on_exec)

    @rule(which=st.integers(0, 1), slot=SLOTS, aim=SLOTS, close_on_exec=st.booleans())
    def duplicate_to(self, which: int, slot: int, aim: int, close_on_exec: bool) -> None:
        which %= len(self.tables)
        model = self.models[which]
        result = outcome(lambda: self.tables[which].duplicate_to(slot, aim, close_on_exec=close_on_exec))
        if slot not in model or not 0 <= aim < LIMIT:
            assert result == "EBADF"
            return
        assert result == "ok"
        if slot != aim:
            model[aim] = (model[slot][0], close_on_exec)

    @precondition(lambda self: len(self.tables) == 1)
    @rule()
    def fork(self) -> None:
        self.tables.append(self.tables[0].fork())
        self.models.append(dict(self.models[0]))

    @precondition(lambda self: len(self.tables) == 2)
    @rule()
    def end(self) -> None:
        self.tables.pop()
        self.models.pop()

    @rule(which=st.integers(0, 1))
    def exec(self, which: int) -> None:
        which %= len(self.tables)
        self.tables[which].close_for_exec(self.tables[which].marked_for_exec())
        self.models[which] = {slot: item for slot, item in self.models[which].items() if not item[1]}

    @invariant()
    def tables_equal_models(self) -> None:
        for table, model in zip(self.tables, self.models, strict=True):
            assert table.slots() == sorted(model)
            seen: dict[int, KernelObject] = {}
            for slot, (identity, close_on_exec) in model.items():
                handle = table.handle(slot)
                assert handle.close_on_exec == close_on_exec
                assert seen.setdefault(identity, handle.object) is handle.object
            assert table._lowest_free <= min((s for s in range(LIMIT + 1) if s not in model), default=0)

    @invariant()
    def objects_live_exactly_while_held(self) -> None:
        held = {item[0] for model in self.models for item in model.values()}
        assert self.living == held


TestTables = Tables.TestCase
TestTables.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)


def test_rights_are_checked_in_one_place() -> None:
    table = HandleTable()
    slot = table.allocate(KernelObject(), Rights.READ | Rights.SEEK)
    assert outcome(lambda: table.object(slot, Rights.READ)) == "ok"
    assert outcome(lambda: table.object(slot, Rights.READ | Rights.SEEK)) == "ok"
    assert outcome(lambda: table.object(slot, Rights.WRITE)) == "EBADF"
    assert outcome(lambda: table.object(slot, Rights.READ | Rights.WRITE)) == "EBADF"
    assert outcome(lambda: table.object(slot + 1)) == "EBADF"


def test_duplicates_keep_rights_and_role() -> None:
    table = HandleTable()
    slot = table.allocate(KernelObject(), Rights.WRITE, role=Role.STDOUT, close_on_exec=True)
    copy = table.handle(table.duplicate(slot))
    assert (copy.rights, copy.role, copy.close_on_exec) == (Rights.WRITE, Role.STDOUT, False)


def test_every_table_has_an_owner_number_and_hears_of_closes() -> None:
    class Listening(KernelObject):
        def __init__(self) -> None:
            super().__init__()
            self.heard: list[int] = []

        def handle_closed(self, owner: int) -> None:
            self.heard.append(owner)

    table = HandleTable()
    item = Listening()
    table.allocate(item, Rights.READ)
    table.duplicate(0)
    child = table.fork()
    table.close(1)
    owner = child.owner
    assert owner != table.owner
    del child
    assert item.heard == [table.owner, owner, owner]
