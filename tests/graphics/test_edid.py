"""What a screen tells of itself: read, checked, believed as far as it makes sense, and survived where it does not."""

import struct
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import edid
from scarlet.lang.errno import EINVAL, Errno
from scarlet.machine.hosted.devices import edid as made
from scarlet.machine.hosted.devices.gpu import F_EDID, Gpu
from tests.graphics.support import Bench

GOOD = made.edid(1920, 1080, 527, 296)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """With a device of its own: parametrize it, indirectly, with a function that makes one."""
    bench = Bench(request.param())
    yield bench
    bench.close()


def changed(at: int, value: int) -> bytes:
    """The good one with another byte, and a sum that is right."""
    return made.summed(GOOD[:at] + bytes([value]) + GOOD[at + 1 : 127])


def told(data: bytes) -> tuple[int, int, int, int]:
    found = edid.parse(data)
    return found.width, found.height, found.width_mm, found.height_mm


# The block


@pytest.mark.parametrize("width", [640, 1280, 2560, 4095])
@pytest.mark.parametrize("width_mm", [1, 255, 256, 4095])
def test_sizes_of_twelve_bits(width: int, width_mm: int) -> None:
    assert told(made.edid(width, 1080, width_mm, 300)) == (width, 1080, width_mm, 300)
    assert told(made.edid(1080, width, 300, width_mm)) == (1080, width, 300, width_mm)


def test_extensions_are_checked_and_passed_over() -> None:
    first = made.edid(800, 600, 200, 150, extensions=1)
    assert told(first + made.summed(b"\x02" * 127)) == (800, 600, 200, 150)
    for rest in (b"", bytes(127), b"\x01" + bytes(127)):
        with pytest.raises(Errno):
            edid.parse(first + rest)


def test_the_size_in_centimetres_where_no_other_is_told() -> None:
    without = bytearray(GOOD[:127])
    without[66:69] = bytes(3)
    assert told(made.summed(bytes(without))) == (1920, 1080, 530, 300)
    without[21] = 0
    assert told(made.summed(bytes(without))) == (1920, 1080, 0, 0), "the shape of the screen is not its size"


def test_a_first_descriptor_that_is_no_timing() -> None:
    without = bytearray(GOOD[:127])
    without[54:72] = made.NO_DESCRIPTOR
    assert told(made.summed(bytes(without))) == (0, 0, 530, 300)


@pytest.mark.parametrize("data", [b"", GOOD[:127], b"\0" * 128, changed(18, 2), GOOD[:50] + b"\xff" + GOOD[51:], changed(126, 3)])
def test_what_is_no_edid(data: bytes) -> None:
    with pytest.raises(Errno) as refused:
        edid.parse(data)
    assert refused.value.code == EINVAL


@settings(derandomize=True, max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.builds(changed, st.integers(8, 126), st.integers(0, 255))))
def test_any_bytes_are_survived(data: bytes) -> None:
    try:
        found = told(data)
    except Errno:
        return
    assert all(0 <= value < 4096 for value in found)


# The device


def screen_of(width: int, data: bytes | None) -> Gpu:
    model = Gpu(width, 200)
    model.edid = data
    return model


def damaged() -> Gpu:
    """One byte of what its screen tells is another."""
    return screen_of(320, GOOD[:-1] + b"x")


@pytest.mark.parametrize("bench", [partial(Gpu, 320, 200)], indirect=True)
def test_the_size_of_the_screen_follows_it(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.width_mm, screen.height_mm) == (320, 81, 50)
    bench.model.resize(480, 240)
    bench.serve()
    assert (screen.mode.width, screen.width_mm, screen.height_mm) == (480, 121, 60)


@pytest.mark.parametrize("bench", [partial(screen_of, 320, made.edid(640, 480, 300, 200))], indirect=True)
def test_the_host_is_believed_before_the_screen(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.mode.height, screen.width_mm) == (320, 200, 300)


@pytest.mark.parametrize("bench", [partial(screen_of, 0, made.edid(640, 480, 300, 200))], indirect=True)
def test_what_the_screen_likes_best_where_the_host_says_nothing(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.mode.height, screen.width_mm) == (640, 480, 300)


@pytest.mark.parametrize("bench", [partial(screen_of, 0, made.edid(20, 10, 300, 200))], indirect=True)
def test_what_is_no_picture_is_not_liked(bench: Bench) -> None:
    assert bench.screen().mode.width == 1024


class Old(Gpu):
    """Knows nothing of EDIDs."""

    features = Gpu.features & ~F_EDID


class Refusing(Gpu):
    """Has none."""

    def command(self, kind: int, body: bytes) -> tuple[int, bytes]:
        return (0x1200, b"") if kind == 0x010A else super().command(kind, body)


@pytest.mark.parametrize("bench", [partial(kind, 320, 200) for kind in (Old, Refusing)], indirect=True)
def test_a_device_that_tells_nothing(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.width_mm, screen.height_mm) == (320, 0, 0)
    assert bench.log == ""


@pytest.mark.parametrize(
    "bench", [partial(screen_of, 320, data) for data in (b"", bytes(128), GOOD[:100], GOOD[:-1] + b"x")], indirect=True
)
def test_a_screen_that_tells_nonsense_is_used_all_the_same(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.width_mm, screen.height_mm) == (320, 0, 0)
    assert "the screen's own size is not known" in bench.log


class Lying(Gpu):
    """Answers the question for the EDID with nonsense."""

    def __init__(self, type: int, answer: bytes) -> None:
        super().__init__(320, 200)
        self.type, self.answer = type, answer

    def command(self, kind: int, body: bytes) -> tuple[int, bytes]:
        return (self.type, self.answer) if kind == 0x010A else super().command(kind, body)


@pytest.mark.parametrize(
    "bench",
    [
        partial(Lying, type, answer)
        for type, answer in [
            (0x1104, b""), (0x1104, GOOD), (0x1100, bytes(1032)), (0x1101, bytes(1032)),
            (0x1104, struct.pack("<II", 1025, 0) + bytes(1024)), (0x1104, struct.pack("<II", 0xFFFFFFFF, 0) + bytes(1024)),
        ]
    ],
    indirect=True,
)  # fmt: skip
def test_a_device_that_lies_is_taken_offline(bench: Bench) -> None:
    driver = bench.driver()
    bench.serve()
    assert not driver.online and driver.screen.gone
    assert "taken offline" in bench.log
