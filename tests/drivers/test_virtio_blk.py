"""The virtio-blk driver on the hosted machine's device: transports, scattered memory, many requests at once, the limits and features of
devices, errors of the medium. What devices do that break the rules is in test_virtio_broken.py.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.virtio import blk
from drivers.virtio.blk import VirtioBlock, VirtioDisk
from drivers.virtio.mmio import MmioTransport
from drivers.virtio.transport import DeviceType
from objects.block import Operation, Piece, Transfer
from scarlet.kernel.memory import frames
from scarlet.lang.errno import EINVAL, EIO, EOPNOTSUPP, EROFS
from scarlet.machine import physmem
from scarlet.machine.hosted.devices.disk import F_DISCARD, F_FLUSH, F_READ_ONLY, Disk
from scarlet.machine.hosted.devices.virtio import F_INDIRECT, Model
from tests.drivers.virtiobench import BASE, Bench, SlowDisk, refused

PAGE = 4096


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def scattered(count: int) -> list[int]:
    """So many frames, none beside another."""
    taken = [frames.allocate(0) for _ in range(2 * count)]
    return taken[::2]


@pytest.mark.parametrize("legacy", [False, True], ids=["version 2", "legacy"])
@pytest.mark.parametrize("indirect", [True, False], ids=["indirect", "direct"])
def test_what_is_written_is_read_back(bench: Bench, legacy: bool, indirect: bool) -> None:
    model = Disk(bench.bytes)
    model.queue_size = 16
    model.features &= ~(0 if indirect else F_INDIRECT)
    disk = bench.disk(model, legacy=legacy)
    assert MmioTransport(BASE).device_type() == DeviceType.BLOCK
    large = bytes(range(256)) * 500

    def body() -> None:
        assert disk.size == len(bench.bytes)
        assert disk.read(512, 1024) == bench.bytes[512:1536]
        disk.write(1024, b"x" * 512)
        disk.write(4096, large)
        assert disk.read(0, 200 * 512) == bench.bytes[: 200 * 512]
        assert disk.read(4096, len(large)) == large
        disk.flush()

    bench.go(body)
    assert bench.bytes[1024:1536] == b"x" * 512
    assert bench.bytes[4096 : 4096 + len(large)] == large
    assert model.flushes == 1


def test_a_transfer_moves_scattered_frames_in_one_request(bench: Bench) -> None:
    model = Disk(bench.bytes)
    disk = bench.disk(model)
    pages = scattered(5)

    def body() -> None:
        transfer = Transfer(Operation.READ, 8 * 512, [Piece(pa, PAGE) for pa in pages])
        disk.submit(transfer).wait()
        for index, pa in enumerate(pages):
            start = 8 * 512 + index * PAGE
            assert physmem.read(pa, PAGE) == bench.bytes[start : start + PAGE]

    bench.go(body)
    assert model.requests == 1


@pytest.mark.parametrize(
    ("seg_max", "size_max", "requests"), [(126, 0, 1), (3, 0, 2), (1, 0, 5), (126, PAGE, 1), (4, PAGE, 2), (1, PAGE, 6)]
)
def test_a_transfer_becomes_as_many_requests_as_the_device_needs(bench: Bench, seg_max: int, size_max: int, requests: int) -> None:
    """Six frames, of which the first two lie together."""
    model = Disk(bench.bytes, seg_max=seg_max, size_max=size_max)
    disk = bench.disk(model)
    together = frames.allocate(1)
    pages = [together, together + PAGE, *scattered(5)[1:]]

    def body() -> None:
        disk.most_pieces = 126  # whoever submits need not know
        disk.submit(Transfer(Operation.READ, 0, [Piece(pa, PAGE) for pa in pages])).wait()
        assert b"".join(bytes(physmem.read(pa, PAGE)) for pa in pages) == bench.bytes[: 6 * PAGE]
        for number, pa in enumerate(pages):
            physmem.write(pa, bytes([number + 1]) * PAGE)
        disk.submit(Transfer(Operation.WRITE, 0, [Piece(pa, PAGE) for pa in pages])).wait()

    bench.go(body)
    assert bench.bytes[: 6 * PAGE] == b"".join(bytes([number + 1]) * PAGE for number in range(6))
    assert model.requests == 2 * requests


def test_many_transfers_are_in_flight_and_end_in_any_order(bench: Bench) -> None:
    model = SlowDisk(bench.bytes, 6)
    model.queue_size = 16
    disk = bench.disk(model)
    ended: list[int] = []

    class Noted(Transfer):
        def finished(self) -> None:
            ended.append(self.offset // PAGE)

    def body() -> None:
        transfers = [Noted(Operation.READ, number * PAGE, [Piece(frames.allocate(0), PAGE)]) for number in range(6)]
        for transfer in transfers:
            disk.submit(transfer)
        assert not any(transfer.done for transfer in transfers)
        for transfer in transfers:
            transfer.wait()

    bench.go(body)
    assert ended == [5, 4, 3, 2, 1, 0]
    assert model.most == 6


@pytest.mark.parametrize("indirect", [True, False], ids=["indirect", "direct"])
def test_many_callers_share_a_queue_that_is_too_small(bench: Bench, indirect: bool) -> None:
    model = SlowDisk(bench.bytes, 2)
    model.queue_size = 8 if not indirect else 4
    model.features &= ~(0 if indirect else F_INDIRECT)
    disk = bench.disk(model)
    free = frames.free_frames()

    def caller(number: int) -> Callable[[], None]:
        def body() -> None:
            for turn in range(5):
                offset = (number * 5 + turn) * 512
                disk.write(offset, bytes([number + 1]) * 512)
                assert disk.read(offset, 512) == bytes([number + 1]) * 512

        return body

    bench.go(*(caller(number) for number in range(10)))
    assert model.most == 2
    for number in range(10):
        assert bench.bytes[number * 2560 : (number + 1) * 2560] == bytes([number + 1]) * 2560
    assert free - frames.free_frames() < 4, "idle requests: as many as were in flight"


def test_without_memory_requests_wait_for_one_another(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    model = SlowDisk(bench.bytes, 1)
    model.queue_size = 16
    disk = bench.disk(model)
    page = frames.allocate(0)

    def body() -> None:
        def none(order: int) -> int:
            raise MemoryError

        monkeypatch.setattr(frames, "allocate", none)
        for transfer in [disk.submit(Transfer(Operation.WRITE, 512 * number, [Piece(page, 512)])) for number in range(9)]:
            transfer.wait()

    bench.go(body)
    assert model.requests == 9


def test_a_bad_sector_is_eio_to_the_caller_and_nothing_else(bench: Bench) -> None:
    model = Disk(bench.bytes)
    model.broken = range(5, 6)
    disk = bench.disk(model)
    before = bytes(bench.bytes)

    def body() -> None:
        assert refused(lambda: disk.read(5 * 512, 512)) == EIO
        assert refused(lambda: disk.write(4 * 512, bytes(1024))) == EIO
        assert disk.read(6 * 512, 512) == bench.bytes[6 * 512 : 7 * 512]

    bench.go(body)
    assert bench.bytes == before


def test_one_bad_part_fails_a_transfer_of_many_requests_once_all_have_ended(bench: Bench) -> None:
    model = SlowDisk(bench.bytes, 3, seg_max=1)
    model.queue_size = 16
    model.broken = range(8, 9)
    disk = bench.disk(model)

    def body() -> None:
        disk.most_pieces = 126
        transfer = disk.submit(Transfer(Operation.READ, 0, [Piece(pa, PAGE) for pa in scattered(3)]))
        assert refused(transfer.wait) == EIO

    bench.go(body)
    assert model.requests == 3


def test_a_read_only_disk(bench: Bench) -> None:
    model = Disk(bench.bytes, read_only=True)
    disk = bench.disk(model)
    assert refused(lambda: disk.write(0, bytes(512))) == EROFS
    assert refused(lambda: disk.discard(0, 512)) == EROFS
    bench.go(disk.flush)
    assert model.requests == 0


def test_a_disk_without_a_cache_is_not_flushed(bench: Bench) -> None:
    model = Disk(bench.bytes)
    model.features &= ~F_FLUSH
    bench.go(bench.disk(model).flush)
    assert model.requests == 0


def test_discarded_and_zeroed_ranges_are_cut_to_what_the_device_takes(bench: Bench) -> None:
    model = Disk(bench.bytes, change_max=16)
    disk = bench.disk(model)

    def body() -> None:
        disk.discard(PAGE, 5 * PAGE)
        disk.write_zeroes(PAGE, 5 * PAGE, keep=True)
        assert refused(lambda: disk.discard(len(bench.bytes), 512)) == EINVAL

    bench.go(body)
    assert model.discarded == [(PAGE, 2 * PAGE), (3 * PAGE, 2 * PAGE), (5 * PAGE, PAGE)]
    assert bench.bytes[PAGE : 6 * PAGE] == bytes(5 * PAGE)
    assert bench.bytes[6 * PAGE] != 0


def test_what_the_device_does_not_offer_is_refused(bench: Bench) -> None:
    disk = bench.disk(Disk(bench.bytes, change_max=0))
    assert refused(lambda: disk.discard(0, 512)) == EOPNOTSUPP
    assert refused(lambda: disk.write_zeroes(0, 512, keep=False)) == EOPNOTSUPP


def test_a_device_that_knows_no_such_request_after_all(bench: Bench) -> None:
    model = Disk(bench.bytes)
    disk = bench.disk(model)
    model.change_max = 0
    refusals: list[int] = []
    bench.go(lambda: refusals.append(refused(lambda: disk.discard(0, 512))))
    assert refusals == [EOPNOTSUPP]


def test_blocks_larger_than_sectors_are_moved_whole(bench: Bench) -> None:
    disk = bench.disk(Disk(bench.bytes, block_size=4096))

    def body() -> None:
        assert refused(lambda: disk.read(512, 4096)) == EINVAL
        assert refused(lambda: disk.write(0, bytes(512))) == EINVAL
        assert disk.read(4096, 4096) == bench.bytes[4096:8192]

    bench.go(body)


def test_a_disk_that_grows_and_shrinks(bench: Bench) -> None:
    model = Disk(bench.bytes)
    disk = bench.disk(model)
    size = len(bench.bytes)

    def body() -> None:
        model.resize(size + PAGE)
        disk.read(0, 512)  # the interrupt comes with it
        assert disk.size == size + PAGE
        assert disk.read(size, PAGE) == bytes(PAGE)
        model.resize(PAGE)
        assert refused(lambda: disk.read(PAGE, 512)) in (EINVAL, EIO)
        assert disk.read(0, 512) == bench.bytes[:512]
        assert disk.size == PAGE

    bench.go(body)


def lose_an_error(self: Any, error: int) -> None:
    """A mutant: the error of the last request of a transfer counts."""
    self.error = error
    self.left -= 1
    if self.left == 0:
        self.ended()


def count_no_part(self: Any, error: int) -> None:
    """A mutant: a transfer ends with its first request."""
    self.error = self.error or error
    if not self.left == 0:
        self.left = 0
        self.ended()


@pytest.mark.parametrize("mutant", [lose_an_error, count_no_part])
def test_the_test_of_many_requests_catches_who_miscounts_them(bench: Bench, mutant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blk.Order, "part_done", mutant)
    with pytest.raises(AssertionError):
        test_one_bad_part_fails_a_transfer_of_many_requests_once_all_have_ended(bench)


def test_an_empty_place(bench: Bench) -> None:
    bench.plug(Model())
    assert MmioTransport(BASE).device_type() == DeviceType.NONE


def test_only_what_is_understood_is_accepted(bench: Bench) -> None:
    model = Disk(bench.bytes)
    model.features |= 1 << 3 | 1 << 20 | 1 << 40
    device = bench.plug(model)
    VirtioDisk(VirtioBlock(MmioTransport(BASE), "vda"))
    assert not device.accepted & (1 << 3 | 1 << 20 | 1 << 40 | F_READ_ONLY)
    assert device.accepted & F_DISCARD
