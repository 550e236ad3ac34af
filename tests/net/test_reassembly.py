"""Fragments in any order, twice, too late, too many, overlapping: the whole packet or nothing, and bounded memory."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net import statistics
from net.ipv4 import reassembly
from net.ipv4.packet import Packet, parse
from net.ipv4.reassembly import MAX_BYTES, MAX_PACKETS, TIMEOUT_NS, Reassembly
from scarlet.machine.hosted.devices.usernet import make_ip
from tests.net.support import Lab, pause

A, B = bytes([192, 0, 2, 1]), bytes([10, 0, 2, 15])
MORE = 0x2000


def fragment(data: bytes, start: int, end: int, number: int = 1) -> Packet:
    more = MORE if end < len(data) else 0
    found = parse(make_ip(A, B, 17, data[start:end], identification=number, fragment=more | start // 8))
    assert found is not None
    return found


def assembler() -> tuple[Reassembly, list[Packet]]:
    late: list[Packet] = []
    return Reassembly(late.append), late


@st.composite
def cuts(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int]]]:
    """A payload, and where its fragments begin and end, in the order in which they come."""
    data = draw(st.binary(min_size=9, max_size=300))
    places = draw(st.sets(st.integers(1, (len(data) - 1) // 8), min_size=1, max_size=8))
    edges = [0, *sorted(place * 8 for place in places), len(data)]
    pieces = list(zip(edges, edges[1:]))
    return data, draw(st.permutations(pieces + draw(st.lists(st.sampled_from(pieces), max_size=4))))


@given(cuts())
def test_any_order_gives_the_whole(shape: tuple[bytes, list[tuple[int, int]]]) -> None:
    data, pieces = shape
    holder, _late = assembler()
    wholes = []
    missing = set(pieces)
    for start, end in pieces:
        whole = holder.add(fragment(data, start, end))
        missing.discard((start, end))
        if whole is not None:
            wholes.append(whole.payload)
            assert not missing
            break
    assert wholes == [data]
    assert holder.bytes == 0
    assert len(holder) == 0


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 80), st.booleans(), st.integers(1, 3)), max_size=30))
def test_whatever_comes_memory_is_counted(pieces: list[tuple[int, int, bool, int]]) -> None:
    holder, _late = assembler()
    for place, size, more, number in pieces:
        found = parse(make_ip(A, B, 17, bytes(size), identification=number, fragment=(MORE if more else 0) | place))
        assert found is not None
        whole = holder.add(found) if found.is_fragment else None
        assert whole is None or whole.total_length == 20 + len(whole.payload)
        held = sum(len(part.payload) for item in holder._assemblies.values() for part in item.parts)
        assert holder.bytes == held
        for item in holder._assemblies.values():
            ends = [(part.offset, part.offset + len(part.payload)) for part in item.parts]
            assert all(before[1] <= after[0] for before, after in zip(ends, ends[1:])), "an overlap was taken in"


def test_an_overlap_drops_all_of_it() -> None:
    holder, _late = assembler()
    data = bytes(range(48))
    assert holder.add(fragment(data, 0, 24)) is None
    assert holder.add(fragment(data, 16, 32)) is None
    assert len(holder) == 0


def test_a_second_end_elsewhere_drops_all_of_it() -> None:
    holder, _late = assembler()
    assert holder.add(fragment(bytes(48), 40, 48)) is None
    assert holder.add(fragment(bytes(32), 24, 32)) is None
    assert len(holder) == 0


def test_packets_with_different_numbers_are_different() -> None:
    holder, _late = assembler()
    assert holder.add(fragment(b"a" * 16, 0, 8, number=1)) is None
    assert holder.add(fragment(b"b" * 16, 8, 16, number=2)) is None
    whole = holder.add(fragment(b"a" * 16, 8, 16, number=1))
    assert whole is not None
    assert whole.payload == b"a" * 16


def test_a_packet_beyond_the_largest_is_refused() -> None:
    holder, _late = assembler()
    found = parse(make_ip(A, B, 17, bytes(100), fragment=0x1FFF))
    assert found is not None
    assert holder.add(found) is None
    assert len(holder) == 0


def test_a_flood_is_bounded() -> None:
    holder, _late = assembler()
    for number in range(MAX_PACKETS + 50):
        holder.add(fragment(bytes(2000), 0, 1000, number=number))
    assert len(holder) <= MAX_PACKETS
    big = bytes(60000)
    for number in range(60):
        for start in range(0, 40000, 4000):
            holder.add(fragment(big, start, start + 4000, number=number))
    assert holder.bytes <= MAX_BYTES


def test_what_stays_incomplete_is_forgotten_and_reported() -> None:
    with Lab(dhcp=False) as lab:
        holder, late = assembler()

        def body() -> None:
            holder.add(fragment(bytes(100), 0, 48, number=1))
            holder.add(fragment(bytes(100), 48, 96, number=2))
            pause(TIMEOUT_NS + 1)
            assert len(holder) == 0
            assert [(item.identification, item.offset) for item in late] == [(1, 0)]
            assert statistics.ip.reasm_timeout == 2

        lab.run(body)


def forget_an_end(self: Any, assembly: Any, place: int, packet: Packet, end: int) -> bool:
    return True


@pytest.mark.parametrize("name", ["_fits"])
def test_the_properties_catch_overlaps_that_are_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reassembly.Reassembly, name, forget_an_end)
    with pytest.raises(AssertionError):
        test_whatever_comes_memory_is_counted()


def test_the_properties_catch_an_order_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reassembly.Assembly, "place_of", lambda self, offset: len(self.parts))
    with pytest.raises(AssertionError):
        test_any_order_gives_the_whole()
