"""Rights never grow: whatever is done with handles, none ever has a right that the handle it came from had not.

A state machine does everything that handles can be made from - duplicating, restricting, sending through channels, lending to children,
forking - with any rights, between two tables, and keeps what each handle may be at most. Then the checks of the table are taken out one
at a time, and the same machine must notice.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from objects import handle as module
from objects.channel import make_channel
from objects.handle import Handle, HandleTable, MissingRight, Role
from objects.object import KernelObject, Rights
from scarlet.lang.errno import Errno

ALL = 1023
LIMIT = 12
FIXED = Rights(ALL & ~int(Rights.TRANSFER))
"""All but the right to leave: what sending and lending must notice."""
rights_sets = st.integers(0, ALL).map(Rights) | st.sampled_from([Rights(ALL), FIXED, Rights.NONE])
tables = st.integers(0, 1)
slots = st.integers(0, LIMIT - 1)


class Handles(RuleBasedStateMachine):
    """Two tables, a channel between them, and `most[table][slot]`: the rights that the handle there may have at most."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = [HandleTable(LIMIT), HandleTable(LIMIT)]
        self.most: list[dict[int, Rights]] = [{}, {}]
        self.ends = make_channel()
        self.sent: list[list[Rights]] = []

    @rule(table=tables, rights=rights_sets)
    def make(self, table: int, rights: Rights) -> None:
        with suppress(Errno):
            self.most[table][self.tables[table].allocate(KernelObject(), rights)] = rights

    @rule(table=tables, slot=slots)
    def close(self, table: int, slot: int) -> None:
        with suppress(Errno):
            self.tables[table].close(slot)
            del self.most[table][slot]

    @rule(table=tables, slot=slots, rights=rights_sets, goal=st.integers(-1, LIMIT))
    def duplicate(self, table: int, slot: int, rights: Rights, goal: int) -> None:
        with suppress(Errno):
            at = self.tables[table].duplicate_with(slot, rights, goal)
            assert self.most[table][slot] & Rights.DUPLICATE, "it was not allowed to be doubled"
            self.most[table][at] = self.most[table][slot] & rights

    @rule(table=tables, slot=slots, goal=slots)
    def duplicate_as_posix_does(self, table: int, slot: int, goal: int) -> None:
        with suppress(Errno):
            self.tables[table].duplicate_to(slot, goal)
            self.most[table][goal] = self.most[table][slot]

    @rule(table=tables, slot=slots, rights=rights_sets)
    def restrict(self, table: int, slot: int, rights: Rights) -> None:
        with suppress(Errno):
            self.tables[table].restrict(slot, rights)
            self.most[table][slot] &= rights

    @rule(table=tables, slot=slots, rights=rights_sets, goal=slots)
    def lend(self, table: int, slot: int, rights: Rights, goal: int) -> None:
        with suppress(Errno):
            self.tables[1 - table].place(goal, self.tables[table].lend(slot, rights, Role.NONE))
            assert self.most[table][slot] & Rights.TRANSFER, "it was not allowed to leave"
            self.most[1 - table][goal] = self.most[table][slot] & rights

    @rule(chosen=st.lists(slots, max_size=3))
    def send(self, chosen: list[int]) -> None:
        with suppress(Errno):
            if self.ends[1].has_room():
                self.ends[0].send_from(self.tables[0], b"", chosen)
                assert all(self.most[0][slot] & Rights.TRANSFER for slot in chosen), "it was not allowed to leave"
                self.sent.append([self.most[0].pop(slot) for slot in chosen])

    @rule()
    def receive(self) -> None:
        if not self.sent:
            return
        with suppress(Errno):
            slots = self.tables[1].receive(self.ends[1].await_message().handles)
            self.ends[1].drop_first()
            self.most[1] |= dict(zip(slots, self.sent.pop(0), strict=True))

    @rule(table=tables)
    def fork(self, table: int) -> None:
        self.tables[1 - table] = self.tables[table].fork()
        self.most[1 - table] = dict(self.most[table])

    @rule(table=tables, slot=slots, rights=rights_sets)
    def use(self, table: int, slot: int, rights: Rights) -> None:
        allowed = slot in self.most[table] and self.tables[table].handle(slot).rights & rights == rights
        try:
            self.tables[table].object(slot, rights)
            assert allowed, "used without the right"
        except Errno as error:
            assert not allowed
            assert isinstance(error, MissingRight) == (slot in self.most[table])

    @invariant()
    def nothing_grew(self) -> None:
        for table, most in zip(self.tables, self.most, strict=True):
            assert table.slots() == sorted(most)
            for slot, limit in most.items():
                assert table.handle(slot).rights & ~int(limit) == 0, "a right appeared"


Property = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_rights_never_grow() -> None:
    run_state_machine_as_test(Handles, settings=Property)


def without_require(handle: Handle, rights: Rights) -> None:
    """The check that every operation with fewer rights makes, left out."""


def object_without_check(self: HandleTable, slot: int, rights: Rights = Rights.NONE) -> KernelObject:
    return self.handle(slot).object


def lend_without_transfer(self: HandleTable, slot: int, rights: Rights, role: Role) -> Handle:
    handle = self.handle(slot)
    module._require(handle, rights)
    return Handle(handle.object, rights, role, False)


def restrict_without_check(self: HandleTable, slot: int, rights: Rights) -> None:
    self.handle(slot).rights = rights


def sendable_without_check(self: HandleTable, slots: list[int]) -> None:
    for slot in slots:
        self.handle(slot)
    if len(set(slots)) < len(slots):
        raise Errno(22)


@pytest.mark.parametrize(
    ("owner", "name", "mutant"),
    [
        (module, "_require", without_require),
        (HandleTable, "object", object_without_check),
        (HandleTable, "lend", lend_without_transfer),
        (HandleTable, "restrict", restrict_without_check),
        (HandleTable, "require_sendable", sendable_without_check),
    ],
    ids=["require", "object", "lend", "restrict", "send"],
)
def test_a_right_that_is_not_checked_is_noticed(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, mutant: Callable[..., object]
) -> None:
    monkeypatch.setattr(owner, name, mutant)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Handles, settings=settings(Property, max_examples=500, phases=[Phase.generate], report_multiple_bugs=False)
        )
