"""The virtqueue against a device model that reads the rings from memory by the specification: requests of any shape, given and finished
in any order, never share a descriptor and never lose one; what a broken device says is refused.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from drivers.virtio import ring
from drivers.virtio.queue import DeviceError, Segment, Virtqueue, passed
from scarlet.machine import physmem
from scarlet.machine.hosted import world
from scarlet.machine.hosted.devices.virtqueue import DeviceQueue
from scarlet.machine.hosted.layout import RAM_BASE

BASE = RAM_BASE
TABLES = BASE + (1 << 20)
BUFFERS = BASE + (2 << 20)


@pytest.fixture(autouse=True)
def memory() -> Iterator[None]:
    before = world.install(world.World(8 << 20))
    yield
    world.install(before)


class Device:
    """The device's side, with the chains that it works on."""

    def __init__(self, base: int, size: int, event_index: bool) -> None:
        self.queue = DeviceQueue.legacy(base, size, event_index=event_index)
        self.taken: list[tuple[int, list[tuple[int, int, bool]]]] = []

    def look(self) -> None:
        """Take every chain that has become available."""
        for request in self.queue.look():
            self.taken.append((request.head, [(piece.pa, piece.length, piece.device_writes) for piece in request.pieces]))

    def finish(self, which: int, written: int) -> None:
        self.queue.put(self.taken.pop(which)[0], written)

    def interrupts_wanted(self, before: int) -> bool:
        """Would the driver want to hear of one more chain?"""
        used = self.queue.used
        self.queue.used = (before + 1) % 65536
        wanted = self.queue.wants_interrupt(before)
        self.queue.used = used
        return wanted


class QueueMachine(RuleBasedStateMachine):
    """Any interleaving of giving, publishing, finishing and taking back."""

    @initialize(
        size=st.sampled_from([1, 2, 4, 8, 16]), indirect=st.booleans(), event_index=st.booleans(), start=st.sampled_from([0, 65530])
    )
    def start(self, size: int, indirect: bool, event_index: bool, start: int) -> None:
        physmem.zero(BASE, ring.total_size(size))
        self.queue: Virtqueue[int] = Virtqueue(BASE, size, indirect=indirect, event_index=event_index)
        self.device = Device(BASE, size, event_index)
        self._advance(start)
        self.in_flight: dict[int, list[tuple[int, int, bool]]] = {}
        self.finished: list[tuple[int, int]] = []
        self.last = 0
        self.unpublished = False

    def _advance(self, start: int) -> None:
        """As if so many requests had been made: the indices are about to wrap."""
        self.queue._given = self.queue._told = self.queue._taken = start
        self.device.queue.seen = self.device.queue.used = start
        physmem.store16(self.device.queue.available + 2, start)
        physmem.store16(self.device.queue.used_ring + 2, start)

    @rule(readable=st.lists(st.integers(1, 5000), max_size=3), writable=st.lists(st.integers(1, 5000), max_size=3), table=st.booleans())
    def give(self, readable: list[int], writable: list[int], table: bool) -> None:
        count = len(readable) + len(writable)
        if count == 0 or not self.queue.has_room(count, table=table):
            return
        self.last += 1
        shape = [(BUFFERS + 64 * self.last + n, length, n >= len(readable)) for n, length in enumerate(readable + writable)]
        segments = [Segment(pa, length, device_writes=writes) for pa, length, writes in shape]
        self.queue.give(segments, self.last, TABLES + 256 * (self.last % 64) if table else 0)
        self.in_flight[self.last] = shape
        self.unpublished = True

    @rule()
    def publish(self) -> None:
        wants = self.queue.publish()
        assert wants == (self.unpublished and self.device_wanted())
        self.unpublished = False
        self.device.look()

    def device_wanted(self) -> bool:
        if not self.device.queue.event_index:
            return not physmem.load16(self.device.queue.used_ring) & 1
        event = physmem.load16(self.device.queue.used_ring + 4 + 8 * self.queue.size)
        return passed(event, self.queue._given, self.device.queue.seen)

    @rule(quiet=st.booleans())
    def set_notification(self, quiet: bool) -> None:
        physmem.store16(self.device.queue.used_ring, 1 if quiet else 0)
        physmem.store16(self.device.queue.used_ring + 4 + 8 * self.queue.size, (self.device.queue.seen - (5 if quiet else 0)) & 0xFFFF)

    @rule(which=st.integers(0, 99), part=st.integers(0, 100))
    def finish(self, which: int, part: int) -> None:
        if not self.device.taken:
            return
        which %= len(self.device.taken)
        head, segments = self.device.taken[which]
        written = sum(length for _pa, length, writes in segments if writes) * part // 100
        request = next(number for number, shape in self.in_flight.items() if shape == segments)
        self.device.finish(which, written)
        assert head < self.queue.size
        self.finished.append((request, written))

    @rule()
    def take(self) -> None:
        completion = self.queue.take()
        if not self.finished:
            assert completion is None
            return
        assert completion is not None
        assert (completion.request, completion.written) == self.finished.pop(0)
        del self.in_flight[completion.request]

    @rule(wanted=st.booleans())
    def interrupts(self, wanted: bool) -> None:
        if wanted:
            assert self.queue.want_interrupts() == (not self.finished)
            assert self.finished or self.device.interrupts_wanted(self.device.queue.used)
        else:
            self.queue.suppress_interrupts()
            assert not self.device.interrupts_wanted(self.queue._taken)

    @invariant()
    def descriptors_are_all_somewhere_and_nowhere_twice(self) -> None:
        if not hasattr(self, "queue"):
            return
        queue: Any = self.queue
        places: list[int] = []
        index = queue._first_free
        for _ in range(queue.free):
            places.append(index)
            index = queue._next[index]
        for head, chain in enumerate(queue._chains):
            if chain is not None:
                index = head
                for _ in range(chain.descriptors):
                    places.append(index)
                    index = queue._next[index]
        assert sorted(places) == list(range(queue.size))

    @invariant()
    def the_device_sees_what_was_given(self) -> None:
        if hasattr(self, "device"):
            for _head, segments in self.device.taken:
                assert segments in self.in_flight.values()

    def teardown(self) -> None:
        if hasattr(self, "queue"):
            left = self.queue.abandon()
            assert sorted(left) == sorted(self.in_flight)
            assert self.queue.free == self.queue.size


QueueMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
HUNT = settings(
    max_examples=3000,
    stateful_step_count=60,
    deadline=None,
    print_blob=False,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    database=None,
)
"""For mutants: the first failure is enough."""
TestQueue = QueueMachine.TestCase


def reuse_the_first(self: Any, head: int, chain: Any) -> None:
    """A published kernel's bug: the list of free descriptors is only ever that of the chain that came back last."""
    self._chains[head] = None
    self._first_free = head
    self.free += chain.descriptors


def forget_the_rest(self: Any, head: int, chain: Any) -> None:
    """A leak: of a chain only the head comes back."""
    self._chains[head] = None
    self._next[head] = self._first_free
    self._first_free = head
    self.free += 1


@pytest.mark.parametrize("mutant", [reuse_the_first, forget_the_rest])
def test_the_properties_catch_a_broken_free_list(mutant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Virtqueue, "_put_back", mutant)
    with pytest.raises((AssertionError, IndexError, ValueError, DeviceError, StopIteration)):
        run_state_machine_as_test(QueueMachine, settings=HUNT)


def test_the_properties_catch_an_index_that_is_published_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Virtqueue.give

    def eager(self: Any, segments: list[Segment], request: Any, table_pa: int = 0) -> None:
        self._available.set_index(self._given + 1)
        original(self, segments, request, table_pa)
        self._told = self._given

    monkeypatch.setattr(Virtqueue, "give", eager)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(QueueMachine, settings=HUNT)


def make(size: int = 4, **features: bool) -> tuple[Virtqueue[str], Device]:
    physmem.zero(BASE, ring.total_size(size))
    return Virtqueue(BASE, size, **features), Device(BASE, size, features.get("event_index", False))


def test_a_device_that_claims_what_cannot_be() -> None:
    queue, device = make()
    queue.give([Segment(BUFFERS, 16), Segment(BUFFERS, 8, device_writes=True)], "request")
    queue.publish()
    device.look()
    for head, written, reason in ((7, 0, "not given"), (1, 0, "not given"), (0xFFFFFFFF, 0, "not given"), (0, 9, "9 bytes written")):
        device.queue.put(head, written)
        with pytest.raises(DeviceError, match=reason):
            queue.take()
        device.queue.used -= 1
        physmem.store16(device.queue.used_ring + 2, device.queue.used)
    device.queue.put(0, 8)
    completion = queue.take()
    assert completion is not None
    assert completion.written == 8
    device.queue.put(0, 8)
    with pytest.raises(DeviceError, match="not given"):
        queue.take()


def test_a_used_index_that_jumps() -> None:
    queue, device = make()
    physmem.store16(device.queue.used_ring + 2, 5)
    with pytest.raises(DeviceError, match="runs ahead"):
        queue.take()


@given(st.binary(min_size=64, max_size=64), st.integers(1, 3))
def test_random_answers_never_get_out_as_anything_else(noise: bytes, requests: int) -> None:
    queue, device = make()
    for number in range(requests):
        queue.give([Segment(BUFFERS, 4, device_writes=True)], str(number))
    queue.publish()
    physmem.write(device.queue.used_ring, noise)
    taken = 0
    try:
        while queue.take() is not None:
            taken += 1
    except DeviceError:
        pass
    assert taken <= requests
    assert len(queue.abandon()) == requests - taken


@pytest.mark.parametrize(
    "segments",
    [[], [Segment(BUFFERS, 0)], [Segment(BUFFERS, 1, device_writes=True), Segment(BUFFERS, 1)], [Segment(BUFFERS, 1)] * 5],
    ids=["none", "empty", "order", "full"],
)
def test_requests_that_make_no_sense(segments: list[Segment]) -> None:
    queue, _device = make()
    with pytest.raises(ValueError, match=r"without buffers|empty buffer|comes first|is full"):
        queue.give(segments, "request")
    assert queue.free == 4


@pytest.mark.parametrize("size", [0, 3, 65536, -4])
def test_sizes_that_cannot_be(size: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        Virtqueue[int](BASE, size)


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 100))
def test_the_event_index_is_passed_when_one_of_the_entries_is_its_own(event: int, old: int, count: int) -> None:
    entries = {(old + step) % 65536 for step in range(count)}
    assert passed(event, (old + count) % 65536, old) == (event in entries)


def test_the_layout_is_that_of_the_specification() -> None:
    assert ring.available_offset(256) == 4096
    assert ring.used_offset(256) == 8192
    assert ring.total_size(256) == 8192 + 6 + 8 * 256
