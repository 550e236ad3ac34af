"""The virtio-gpu driver on the hosted machine's device: modes, flushes, the pointer, and devices that break the rules."""

import struct
from collections.abc import Iterator
from functools import partial

import pytest

from drivers.virtio.gpu_screen import VirtioScreen
from objects.framepacing import FRAME_NS, DamageSource
from objects.picturemode import Mode
from scarlet.kernel import timer
from scarlet.kernel.memory import frames
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.lang.errno import EINVAL, Errno
from scarlet.machine import physmem
from scarlet.machine.hosted.devices.gpu import OUT_OF_MEMORY, Gpu
from scarlet.machine.hosted.devices.virtqueue import Request
from tests.graphics.support import Bench, sleep


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """With a device of its own: parametrize it, indirectly, with a function that makes one."""
    bench = Bench(request.param() if hasattr(request, "param") else None)
    yield bench
    bench.close()


def fill(screen: VirtioScreen, first: int, end: int, colour: int) -> None:
    """Draw rows in one colour."""
    assert screen.memory is not None
    size = screen.mode.stride * (end - first)
    pixels = KernelBytes(bytearray(struct.pack("<I", colour) * (size // 4)))
    screen.memory.store(first * screen.mode.stride, pixels, 0, size)
    screen.damage(first, end)


@pytest.mark.parametrize("legacy", [False, True], ids=["version 2", "legacy"])
def test_what_is_drawn_is_shown(bench: Bench, legacy: bool) -> None:
    bench.device.legacy = legacy
    screen = bench.screen()
    assert (screen.mode.width, screen.mode.height, screen.mode.stride) == (320, 200, 1280)
    fill(screen, 10, 20, 0x123456)
    bench.pass_time()
    screen.request()
    bench.serve()
    assert bench.model.pixel(0, 9) == 0
    assert bench.model.pixel(0, 10) == 0x123456
    assert bench.model.pixel(319, 19) == 0x123456
    assert bench.model.pixel(319, 20) == 0
    assert bench.model.transfers[-1] == (0, 10, 320, 10), "only what was damaged"


def test_a_width_that_is_no_multiple_of_eight(bench: Bench) -> None:
    bench.model.width = 333
    screen = bench.screen()
    assert screen.mode.stride == 336 * 4
    fill(screen, 0, 200, 0xFF0000)
    fill(screen, 100, 101, 0x0000FF)
    bench.pass_time()
    screen.request()
    bench.serve()
    assert bench.model.size == (333, 200)
    assert [bench.model.pixel(332, y) for y in (99, 100, 101)] == [0xFF0000, 0x0000FF, 0xFF0000]


def test_frames_are_paced_and_an_idle_screen_has_none(bench: Bench) -> None:
    screen = bench.screen()
    bench.pass_time(10 * FRAME_NS)
    before = len(bench.model.flushes)
    assert not timer._heap, "nothing changes, nothing is due"
    for row in range(50):
        fill(screen, row, row + 1, row)
        screen.request()
        bench.serve()
    assert len(bench.model.flushes) == before + 1, "the first at once"
    bench.pass_time()
    assert len(bench.model.flushes) == before + 2, "the others together, a frame later"
    assert [bench.model.pixel(0, row) for row in range(50)] == list(range(50))
    bench.pass_time(10 * FRAME_NS)
    assert len(bench.model.flushes) == before + 2
    assert not timer._heap


class Drawer(DamageSource):
    """Draws when a frame is due, so many times."""

    def __init__(self, screen: VirtioScreen, times: int) -> None:
        self.screen, self.times = screen, times

    def collect(self) -> bool:
        if self.times:
            fill(self.screen, self.times, self.times + 1, 0xABCDEF)
            self.times -= 1
        return self.times > 0


def test_sources_are_asked_at_each_frame(bench: Bench) -> None:
    screen = bench.screen()
    source = Drawer(screen, 5)
    screen.add_source(source)
    screen.request()
    bench.pass_time(10 * FRAME_NS)
    assert source.times == 0
    assert [bench.model.pixel(0, row) for row in range(7)] == [0] + [0xABCDEF] * 5 + [0]
    assert not timer._heap


class SlowGpu(Gpu):
    """Answers flushes when it is told to."""

    def __init__(self) -> None:
        super().__init__(320, 200)
        self.held: list[Request] = []
        self.hold = False

    def handle(self, request: Request) -> int | None:
        if self.hold and struct.unpack("<I", request.read()[:4])[0] == 0x0104:
            self.held.append(request)
            return None
        return super().handle(request)

    def release(self) -> None:
        for request in self.held:
            written = super().handle(request)
            assert written is not None
            self.device.finish(request, written)
        self.held = []


@pytest.mark.parametrize("bench", [SlowGpu], indirect=True)
def test_who_draws_late_is_asked_again_after_a_slow_frame(bench: Bench) -> None:
    """A request that comes while the device is busy is not forgotten, though nothing is known to be damaged yet."""
    model = bench.model
    assert isinstance(model, SlowGpu)
    screen = bench.screen()
    source = Drawer(screen, 1)
    screen.add_source(source)
    bench.pass_time(4 * FRAME_NS)
    model.hold = True
    screen.request()
    source.times = 2
    screen.request()
    bench.pass_time(4 * FRAME_NS)
    model.hold = False
    model.release()
    bench.pass_time(4 * FRAME_NS)
    assert [model.pixel(0, row) for row in range(1, 3)] == [0xABCDEF] * 2


@pytest.mark.parametrize("bench", [SlowGpu], indirect=True)
def test_a_slow_device_gets_one_frame_at_a_time(bench: Bench) -> None:
    model = bench.model
    assert isinstance(model, SlowGpu)
    screen = bench.screen()
    bench.pass_time(4 * FRAME_NS)
    model.hold = True
    for row in range(6):
        fill(screen, row, row + 1, row + 1)
        screen.request()
        bench.serve()
        bench.pass_time()
    assert len(model.held) == 1
    model.hold = False
    model.release()
    bench.serve()
    bench.pass_time()
    assert [model.pixel(0, row) for row in range(6)] == list(range(1, 7))


def test_the_window_is_resized(bench: Bench) -> None:
    screen = bench.screen()
    free = frames.free_frames()
    bench.model.resize(480, 240)
    bench.serve()
    assert (screen.mode.width, screen.mode.height) == (480, 240)
    assert bench.model.size == (480, 240)
    assert len(bench.model.resources) == 1, "the old picture is gone"
    assert free - frames.free_frames() == 113 - 63, "and so is its memory"
    assert not screen.unused


@pytest.mark.parametrize("size", [(10, 5), (63, 200), (1 << 30, 1), (320, 16385)])
def test_a_size_that_is_no_pictures_is_not_followed(bench: Bench, size: tuple[int, int]) -> None:
    screen = bench.screen()
    bench.model.resize(*size)
    bench.serve()
    assert (screen.mode.width, screen.width_mm) == (320, 81) and not screen.gone
    bench.model.resize(480, 240)
    bench.serve()
    assert (screen.mode.width, screen.width_mm) == (480, 121)


@pytest.mark.parametrize("bench", [partial(Gpu, 10, 5)], indirect=True)
def test_a_screen_that_begins_with_such_a_size_has_a_picture_all_the_same(bench: Bench) -> None:
    screen = bench.screen()
    assert (screen.mode.width, screen.mode.height) == (1024, 768)


def test_programs_keep_the_mode_until_they_are_done(bench: Bench) -> None:
    screen = bench.screen()
    screen.acquire()
    bench.model.resize(480, 240)
    bench.serve()
    assert screen.mode.width == 320
    screen.release()
    bench.serve()
    assert screen.mode.width == 480


def test_a_mode_of_ones_own_and_panning(bench: Bench) -> None:
    screen = bench.screen()

    def body() -> None:
        screen.acquire()
        screen.set_mode(Mode(320, 200, 400))
        fill(screen, 200, 400, 0x00FF00)
        screen.request()
        sleep()
        assert bench.model.pixel(0, 0) == 0
        screen.pan(200)
        sleep()
        assert bench.model.scanout == (0, 200, 320, 200)
        assert bench.model.pixel(0, 0) == 0x00FF00
        with pytest.raises(Errno) as refused:
            screen.pan(201)
        assert refused.value.code == EINVAL
        screen.set_blank(blank=True)
        sleep()
        assert bench.model.size == (0, 0)
        screen.set_blank(blank=False)
        sleep()
        assert bench.model.pixel(0, 0) == 0x00FF00
        screen.release()
        sleep()
        assert (screen.mode.rows, bench.model.scanout) == (200, (0, 0, 320, 200)), "the screen's own mode again"

    bench.go(body)


class Refusing(Gpu):
    """Has no memory for pictures wider than 320."""

    def _create(self, body: bytes) -> int:
        return OUT_OF_MEMORY if struct.unpack_from("<IIII", body)[2] > 320 else super()._create(body)


class RefusingLate(Gpu):
    """Does not show pictures wider than 320."""

    def _scan_out(self, body: bytes) -> int:
        return OUT_OF_MEMORY if struct.unpack_from("<IIII", body)[2] > 320 else super()._scan_out(body)


@pytest.mark.parametrize("bench", [partial(Refusing, 320, 200), partial(RefusingLate, 320, 200)], indirect=True)
def test_a_mode_the_device_refuses_changes_nothing(bench: Bench) -> None:
    screen = bench.screen()
    free = frames.free_frames()

    def body() -> None:
        screen.acquire()
        for mode in (Mode(640, 400, 400), Mode(10, 10, 10), Mode(320, 200, 199)):
            with pytest.raises(Errno) as refused:
                screen.set_mode(mode)
            assert refused.value.code == EINVAL
        assert screen.mode.width == 320
        fill(screen, 0, 1, 7)
        screen.request()
        sleep()
        assert bench.model.pixel(0, 0) == 7
        screen.release()

    bench.go(body)
    assert len(bench.model.resources) == 1
    assert frames.free_frames() == free


def test_no_memory_for_another_mode(bench: Bench) -> None:
    screen = bench.screen()

    def body() -> None:
        screen.acquire()
        with pytest.raises(Errno) as refused:
            screen.set_mode(Mode(4096, 4096, 4096))
        assert refused.value.code == 12
        screen.release()

    free = frames.free_frames()
    bench.go(body)
    assert frames.free_frames() == free


def test_scattered_memory(bench: Bench) -> None:
    """Hardly two frames that follow one another are free: the device gets them one by one."""
    taken = []
    while True:
        try:
            taken.append(frames.allocate())
        except MemoryError:
            break
    for frame in taken:
        if frame // 4096 % 2 == 0:
            frames.unref(frame)
    screen = bench.screen()
    assert screen.memory is not None and len(screen.memory.runs) > 30
    for row in range(200):
        fill(screen, row, row + 1, row * 7)
    bench.pass_time()
    screen.request()
    bench.serve()
    assert [bench.model.pixel(319, row) for row in range(200)] == [row * 7 for row in range(200)]


def test_the_pointer(bench: Bench) -> None:
    driver = bench.driver()
    bench.serve()
    driver.cursor.show(b"\x01\x02\x03\xff" * 64 * 64, 100, 50, 1, 2)
    bench.serve()
    resource, x, y = bench.model.cursor
    assert (x, y) == (100, 50)
    assert bench.model.resources[resource].pixels[:4] == b"\x01\x02\x03\xff"
    for step in range(200):
        driver.cursor.move(step, step)
        bench.serve()
    assert bench.model.cursor == (resource, 199, 199)
    driver.cursor.hide()
    bench.serve()
    assert bench.model.cursor[0] == 0
    with pytest.raises(Errno):
        driver.cursor.show(b"", 0, 0, 0, 0)


class Liar(Gpu):
    """Answers one kind of command with nonsense."""

    def __init__(self, kind: int, answer: bytes) -> None:
        super().__init__(320, 200)
        self.kind, self.answer = kind, answer

    def handle(self, request: Request) -> int | None:
        if struct.unpack("<I", request.read()[:4])[0] == self.kind:
            return request.write(self.answer)
        return super().handle(request)


NONSENSE = struct.pack("<IIQII", 0xDEAD, 0, 0, 0, 0)
HUGE_SCREEN = struct.pack("<IIQII", 0x1101, 0, 0, 0, 0) + struct.pack("<IIIIII", 0, 0, 1 << 30, 1, 1, 0) + bytes(15 * 24)


@pytest.mark.parametrize(
    "bench",
    [
        partial(Liar, kind, answer)
        for kind, answer in [
        (0x0100, NONSENSE), (0x0100, b""), (0x0100, HUGE_SCREEN[:100]), (0x0101, NONSENSE), (0x0106, b"\0"),
        (0x0103, NONSENSE), (0x0105, NONSENSE), (0x0105, struct.pack("<IIQII", 0x1100, 1, 99, 0, 0)), (0x0104, NONSENSE),
        (0x0105, struct.pack("<IIQII", 0x1203, 1, 1, 0, 0)),
        ]
    ],
    indirect=True,
)  # fmt: skip
def test_a_device_that_lies_is_taken_offline(bench: Bench) -> None:
    free = frames.free_frames()
    driver = bench.driver()
    bench.serve()
    bench.pass_time()
    assert not driver.online
    assert driver.screen.gone
    assert bench.device.status == 128, "FAILED, after a reset"
    assert "taken offline" in bench.log

    def body() -> None:
        with pytest.raises(Errno):
            driver.screen.await_mode()

    bench.go(body)
    memory = driver.screen.memory
    assert free - frames.free_frames() <= 3 * 4 + (memory.size // 4096 if memory is not None else 0), "nothing but the queues is kept"


def test_the_last_frame_is_shown_before_the_machine_goes_off(bench: Bench) -> None:
    screen = bench.screen()
    for row in range(3):
        fill(screen, row, row + 1, 0xFFFFFF)
        screen.request()
    screen.show_now()
    assert [bench.model.pixel(5, row) for row in range(4)] == [0xFFFFFF] * 3 + [0]


def test_a_machine_that_goes_off_at_once_shows_something_all_the_same(bench: Bench) -> None:
    """It has not even been told the size of the screen."""
    driver = bench.driver()
    source = Drawer(driver.screen, 1)
    driver.screen.add_source(source)
    driver.screen.show_now()
    assert bench.model.pixel(5, 1) == 0xABCDEF


def test_memory_is_given_back(bench: Bench) -> None:
    screen = bench.screen()
    assert screen.memory is not None
    page = screen.memory.page(3)
    frames.ref(page)
    physmem.store32(page, 0xBEEF)
    bench.model.resize(480, 240)
    bench.serve()
    assert frames.references(page) == 1, "a mapped page outlives the mode"
    assert physmem.load32(page) == 0xBEEF
    frames.unref(page)
