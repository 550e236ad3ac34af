"""Checksums and parsers: right by a second opinion, and never anything but a packet or nothing, whatever comes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from net import addresses, arp
from net.checksum import checksum, fold, partial_sum
from net.dhcp import lease, message
from net.ipv4 import packet
from scarlet.machine.hosted.devices import usernet


@given(st.binary(max_size=200))
def test_the_checksum_is_the_reference_one(data: bytes) -> None:
    assert checksum(data) == usernet.checksum(data)


@given(st.binary(max_size=60).filter(lambda data: len(data) % 2 == 0), st.binary(max_size=61))
def test_a_sum_can_be_taken_in_parts(first: bytes, second: bytes) -> None:
    assert fold(partial_sum(second, partial_sum(first))) == fold(partial_sum(first + second))


@given(st.binary(min_size=2, max_size=100), st.data())
def test_a_flipped_bit_is_seen(data: bytes, choice: st.DataObject) -> None:
    data = data[: len(data) // 2 * 2]
    whole = data + struct.pack(">H", checksum(data))
    assert checksum(whole) == 0
    bit = choice.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    assert checksum(bytes(changed)) != 0


def test_masks_and_prefixes() -> None:
    for prefix in range(33):
        assert addresses.prefix_of(addresses.mask_of(prefix)) == prefix
    assert addresses.mask_of(24) == 0xFFFFFF00
    assert addresses.prefix_of(0xFF00FF00) == -1
    assert [addresses.natural_prefix(first << 24) for first in (10, 172, 192)] == [8, 16, 24]
    assert addresses.text_of(addresses.make_address(192, 0, 2, 7)) == "192.0.2.7"
    assert addresses.multicast_hardware(addresses.make_address(239, 129, 2, 3)) == bytes.fromhex("01005e010203")


GOOD = usernet.make_ip(usernet.GATEWAY, usernet.GUEST, 17, b"payload")


def test_a_packet_of_another_hand_is_understood() -> None:
    found = packet.parse(
        usernet.make_ip(bytes([1, 2, 3, 4]), bytes([5, 6, 7, 8]), 17, b"payload", identification=9, fragment=0x2003, ttl=5) + b"pad"
    )
    assert found is not None
    assert (found.source, found.destination, found.protocol, found.ttl) == (0x01020304, 0x05060708, 17, 5)
    assert (found.identification, found.offset, found.more_fragments, found.payload) == (9, 24, True, b"payload")


def test_our_header_is_understood_by_another_hand() -> None:
    ours = packet.make_header(0x0A000202, 0x0A00020F, 17, 7, identification=0, fragment=0, ttl=64, tos=0)
    assert ours == GOOD[:20]


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 0x55), (0, 0x44), (0, 0x4F), (2, 0xFF), (3, 19), (10, GOOD[10] ^ 1)],
    ids=["version 5", "header of 16", "header beyond the end", "longer than it is", "shorter than its header", "checksum"],
)
def test_a_broken_header_is_no_packet(place: int, value: int) -> None:
    broken = bytearray(GOOD)
    broken[place] = value
    if place != 10:
        broken[10:12] = b"\0\0"
        broken[10:12] = struct.pack(">H", usernet.checksum(bytes(broken[:20])))
    assert packet.parse(bytes(broken)) is None


def with_options(options: bytes) -> bytes:
    head = bytearray(GOOD[:20])
    head[0] = 0x40 | 5 + len(options) // 4
    head[2:4] = struct.pack(">H", 20 + len(options))
    head[10:12] = b"\0\0"
    whole = bytes(head) + options
    return whole[:10] + struct.pack(">H", usernet.checksum(whole)) + whole[12:]


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        (b"\1\1\1\0", True),
        (b"\x44\4\0\0", True),
        (b"\x83\4\0\0", False),
        (b"\x89\4\0\0", False),
        (b"\x44\1\0\0", False),
        (b"\x44\5\0\0", False),
        (b"\1\1\1\x44", False),
    ],
    ids=["padding", "unknown", "loose route", "strict route", "too short", "beyond the end", "no length"],
)
def test_options_are_skipped_but_not_routes_of_the_senders_choice(options: bytes, taken: bool) -> None:
    assert (packet.parse(with_options(options)) is not None) is taken


@given(st.binary(max_size=120))
def test_any_bytes_are_a_packet_or_not(data: bytes) -> None:
    packet.parse(data)
    packet.parse(data, quoted=True)
    arp.parse(data)


@given(st.binary(max_size=60), st.integers(0, 255), st.integers(0, 15))
def test_any_header_that_adds_up_is_a_packet_or_not(data: bytes, first: int, words: int) -> None:
    head = bytearray((bytes([first]) + data).ljust(60, b"\0")[: words * 4])
    if len(head) >= 20:
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", usernet.checksum(bytes(head)))
    found = packet.parse(bytes(head) + b"payload of some length")
    if found is not None:
        assert len(found.head) + len(found.payload) == found.total_length


def a_message(options: bytes, *, file: bytes = b"", sname: bytes = b"") -> bytes:
    head = struct.pack(">BBBBIHHIIII", 2, 1, 6, 0, 1, 0, 0, 0, 0x0A00020F, 0, 0)
    return head + bytes(16) + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + message.COOKIE + options


@given(st.binary(max_size=400))
def test_any_options_are_read_or_refused(options: bytes) -> None:
    found = message.parse(a_message(options))
    if found is not None:
        lease.read_lease(found)


def test_options_go_on_in_other_fields_and_in_parts() -> None:
    found = message.parse(
        a_message(bytes([15, 3]) + b"a.b" + bytes([52, 1, 3, 255]), file=bytes([15, 2]) + b".c\xff", sname=bytes([12, 1]) + b"n\xff")
    )
    assert found is not None
    assert found.options[15] == b"a.b.c"
    assert found.options[12] == b"n"


def leased(options: bytes, address: int = 0x0A00020F) -> lease.Lease | None:
    found = message.parse(a_message(options + b"\xff"))
    assert found is not None
    found.header.your_address = address  # type: ignore[assignment]
    return lease.read_lease(found)


HOUR = bytes([51, 4, 0, 0, 14, 16])
SERVER = bytes([54, 4, 10, 0, 2, 2])


def test_a_lease_has_what_the_server_left_out() -> None:
    found = leased(HOUR + SERVER)
    assert found is not None
    assert (found.prefix, found.broadcast, found.routers, found.name_servers, found.mtu) == (8, 0x0AFFFFFF, [], [], 0)
    assert (found.renews_ns, found.rebinds_ns, found.ends_ns) == (1800 * 10**9, 3150 * 10**9, 3600 * 10**9)


def test_a_lease_that_makes_no_sense_is_none() -> None:
    assert leased(HOUR) is None, "no server"
    assert leased(SERVER) is None, "no time"
    for address in (0, 0x7F000001, 0xE0000001, 0xFFFFFFFF):
        assert leased(HOUR + SERVER, address) is None


def test_nonsense_in_a_lease_is_left_out() -> None:
    odd = (
        bytes([1, 4, 255, 0, 255, 0, 3, 8, 224, 0, 0, 1, 10, 0, 2, 2, 6, 3, 1, 2, 3, 26, 2, 0, 10, 12, 3])
        + b"a\nb"
        + bytes([58, 4, 255, 0, 0, 0])
    )
    found = leased(HOUR + SERVER + odd)
    assert found is not None
    assert (found.prefix, found.routers, found.name_servers, found.mtu, found.host_name) == (8, [0x0A000202], [], 0, b"")
    assert found.renews_ns == 1800 * 10**9
