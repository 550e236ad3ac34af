"""/dev/fb0 and the virtual terminals as Linux programs see them: reading, writing, mapping, every request, and their errors."""

import gc
import struct
from collections.abc import Callable

import pytest

from abi_modules.linux_riscv64.framebuffer_ioctl import FixedInfo, VariableInfo
from abi_modules.linux_riscv64.trace_ioctls import show_ioctl_request
from objects import framebuffer as screens
from objects import keyboard as keyboards
from objects.credentials import Credentials
from objects.framebuffer import Framebuffer
from objects.framepacing import FRAME_NS
from objects.metadata import InodeType, device_number
from objects.picturemode import Mode
from objects.virtualterminal import Shows
from scarlet.kernel import clock
from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.kernel.timer import Timer
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import errno
from tests.abi.support import AT_FDCWD, Program, linux
from vfs import framebuffernodes, screenterminals

IOCTL, OPENAT, CLOSE, LSEEK, READ, WRITE, PWRITE, FSYNC, MUNMAP, MMAP = 29, 56, 57, 62, 63, 64, 68, 82, 215, 222
O_RDWR, O_RDONLY, O_NOCTTY = 2, 0, 0o400
GET_VARIABLE, PUT_VARIABLE, GET_FIXED, GET_COLOURS, PUT_COLOURS, PAN, BLANK = 0x4600, 0x4601, 0x4602, 0x4604, 0x4605, 0x4606, 0x4611
KDGKBTYPE, KDSETMODE, KDGETMODE, KDGKBMODE, KDSKBMODE = 0x4B33, 0x4B3A, 0x4B3B, 0x4B44, 0x4B45
GIO_CMAP, PIO_CMAP = 0x4B70, 0x4B71
VT_OPENQRY, VT_GETMODE, VT_SETMODE, VT_GETSTATE, VT_RELDISP, VT_ACTIVATE, VT_WAITACTIVE, VT_DISALLOCATE = (
    0x5600, 0x5601, 0x5602, 0x5603, 0x5605, 0x5606, 0x5607, 0x5608,
)  # fmt: skip
SIGPROCMASK, SIGPENDING, SIGUSR1, SIGUSR2 = 135, 136, 10, 40
TCGETS, TIOCGWINSZ = 0x5401, 0x5413
PROT_READ, PROT_WRITE, MAP_SHARED, MAP_PRIVATE = 1, 2, 1, 2
STRIDE = 200 * 4


class Paper(Framebuffer):
    """A screen that does everything at once, and writes down what it is asked for."""

    def __init__(self) -> None:
        super().__init__(b"paper")
        self.flushes: list[tuple[int, int]] = []
        self.shows: list[tuple[int, bool]] = []
        self.most = 1 << 20
        self.native_size(200, 100)

    def start_flush(self, first: int, end: int) -> None:
        self.flushes.append((first, end))
        Done(self).start(clock.monotonic_ns())

    def start_mode(self, mode: Mode) -> None:
        if mode.size > self.most:
            raise MemoryError
        self.mode_set(mode, PixelMemory(mode.size))

    def start_show(self) -> None:
        self.shows.append((self.first_row, self.blank))


class Done(Timer):
    """The device is done with a flush."""

    def __init__(self, paper: Paper) -> None:
        super().__init__()
        self.paper = paper

    def expired(self) -> None:
        self.paper.flushed()


def wait(duration_ns: int = 3 * FRAME_NS) -> None:
    """Let frames go by."""
    WaitQueue().wait(clock.monotonic_ns() + duration_ns)


def with_paper(body: Callable[[Program, Paper], None]) -> None:
    """/dev/fb0 is /fb, the terminals are /tty0 to /tty6."""

    def prepared(program: Program) -> None:
        paper = Paper()
        screens.framebuffers.append(paper)
        framebuffernodes.announce_framebuffer(paper)
        screenterminals._announce(paper)
        program.tree.mknod(b"/fb", InodeType.CHARACTER, 0o660, device_number(29, 0))
        for number in range(7):
            program.tree.mknod(b"/tty%d" % number, InodeType.CHARACTER, 0o620, device_number(4, number))
        try:
            body(program, paper)
        finally:
            program.task.process.handles.close_all()
            program.task.space.unmap(0, 1 << 38)
            paper.lost()
            wait(1)
            screens.framebuffers.clear()
            screenterminals._terminals.clear()
            keyboards.keyboard._client = None
            forget(paper)
            gc.collect()

    linux(prepared)


def forget(paper: Paper) -> None:
    """Its memory goes now, whoever still knows it."""
    paper.memory = None


def opened(program: Program, path: bytes = b"/fb", flags: int = O_RDWR) -> int:
    fd = program.call(OPENAT, AT_FDCWD, path, flags)
    assert fd >= 0
    return fd


def variable(program: Program, fd: int, request: int = GET_VARIABLE, **changes: int) -> tuple[int, VariableInfo]:
    """What a request with a changed fb_var_screeninfo returns and leaves."""
    place = program.room(VariableInfo.SIZE)
    assert program.call(IOCTL, fd, GET_VARIABLE, place) == 0
    info = VariableInfo.parse(program.get(place, VariableInfo.SIZE))
    for name, value in changes.items():
        setattr(info, name, value)
    place = program.put(info.pack())
    result = program.call(IOCTL, fd, request, place)
    return result, VariableInfo.parse(program.get(place, VariableInfo.SIZE))


def test_what_the_screen_is() -> None:
    assert (VariableInfo.SIZE, FixedInfo.SIZE) == (160, 80)

    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        result, info = variable(program, fd)
        assert (info.xres, info.yres, info.xres_virtual, info.yres_virtual, info.bits_per_pixel) == (200, 100, 200, 100, 32)
        assert (info.red_offset, info.green_offset, info.blue_offset, info.red_length, info.transp_length) == (16, 8, 0, 8, 0)
        assert (info.width, info.height) == (0xFFFFFFFF, 0xFFFFFFFF), "millimetres, unknown"
        paper.width_mm, paper.height_mm = 325, 203
        _result, info = variable(program, fd)
        assert (info.width, info.height) == (325, 203)
        place = program.room(FixedInfo.SIZE)
        assert program.call(IOCTL, fd, GET_FIXED, place) == 0
        fixed = FixedInfo.parse(program.get(place, FixedInfo.SIZE))
        assert (fixed.smem_len, fixed.line_length, fixed.visual, fixed.type, fixed.ypanstep) == (STRIDE * 100, STRIDE, 2, 0, 1)
        assert bytes(fixed.id).rstrip(b"\0") == b"paper"
        assert program.call(IOCTL, fd, GET_FIXED, 1) == -errno.EFAULT
        assert program.call(IOCTL, fd, 0x4699, place) == -errno.ENOTTY
        assert program.call(IOCTL, fd, TCGETS, place) == -errno.ENOTTY

    with_paper(body)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, 0), ({"yres_virtual": 200}, 0), ({"xres": 320, "yres": 200, "xres_virtual": 320, "yres_virtual": 200}, 0),
        ({"bits_per_pixel": 16}, -errno.EINVAL), ({"xres": 0}, -errno.EINVAL), ({"yres": 1 << 31}, -errno.EINVAL),
        ({"xres_virtual": 201}, -errno.EINVAL), ({"yoffset": 1}, -errno.EINVAL), ({"xoffset": 1}, -errno.EINVAL),
        ({"rotate": 1}, -errno.EINVAL), ({"vmode": 1}, -errno.EINVAL), ({"grayscale": 1}, -errno.EINVAL), ({"activate": 16}, 0),
        ({"activate": 1}, -errno.EINVAL), ({"red_offset": 0, "blue_offset": 16}, -errno.EINVAL),
        ({"red_length": 0, "green_length": 0, "blue_length": 0, "red_offset": 9}, 0),
        ({"xres": 4096, "yres": 4096, "xres_virtual": 4096}, -errno.ENOMEM), ({"yres_virtual": 200, "activate": 2}, 0),
    ],
)  # fmt: skip
def test_what_can_be_changed(changes: dict[str, int], result: int) -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        got, info = variable(program, fd, PUT_VARIABLE, **changes)
        assert got == result
        changed = result == 0 and changes.get("activate", 0) != 2
        _got, now = variable(program, fd)
        for name in ("xres", "yres", "yres_virtual"):
            usual = {"xres": 200, "yres": 100, "yres_virtual": 100}[name]
            assert getattr(now, name) == (changes.get(name, usual) if changed else usual)
        program.call(CLOSE, fd)
        assert paper.mode.width == 200 and paper.mode.rows == 100, "the screen's own mode is back"

    with_paper(body)


def test_a_mode_is_not_changed_under_a_mapping() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        assert program.call(MMAP, 0, STRIDE * 100, PROT_READ, MAP_SHARED, fd, 0) > 0
        assert variable(program, fd, PUT_VARIABLE, yres_virtual=200)[0] == -errno.EBUSY
        assert variable(program, fd, PUT_VARIABLE)[0] == 0

    with_paper(body)


def test_panning_and_blanking() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        assert variable(program, fd, PUT_VARIABLE, yres_virtual=200)[0] == 0
        result, info = variable(program, fd, PAN, yoffset=70)
        assert (result, info.yoffset, paper.shows) == (0, 70, [(70, False)])
        assert variable(program, fd, PAN, yoffset=101)[0] == -errno.EINVAL
        assert variable(program, fd, PAN, xoffset=1)[0] == -errno.EINVAL
        assert program.call(IOCTL, fd, BLANK, 1) == 0
        assert program.call(IOCTL, fd, BLANK, 4) == 0
        assert paper.shows[1:] == [(70, True)]
        program.call(CLOSE, fd)
        assert paper.shows[-1] == (0, False), "the text terminal can be seen again"

    with_paper(body)


def test_reading_writing_seeking() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        size = STRIDE * 100
        assert program.call(WRITE, fd, program.put(b"abcd" * 200), 800) == 800
        assert program.call(LSEEK, fd, 2, 0) == 2
        place = program.room(8)
        assert program.call(READ, fd, place, 4) == 4
        assert program.get(place, 4) == b"cdab"
        assert program.call(LSEEK, fd, size - 4, 0) == size - 4
        assert program.call(WRITE, fd, program.put(b"12345678"), 8) == 4
        assert program.call(WRITE, fd, program.put(b"1"), 1) == -errno.ENOSPC
        assert program.call(READ, fd, place, 4) == 0
        assert program.call(LSEEK, fd, 4, 1) == size + 4
        assert program.call(WRITE, fd, program.put(b"1"), 1) == -errno.EFBIG
        assert program.call(READ, fd, place, 4) == 0
        assert program.call(LSEEK, fd, -1, 0) == -errno.EINVAL
        assert program.call(LSEEK, fd, 0, 2) == 0, "the end of a device is at 0"
        assert program.call(LSEEK, fd, 0, 3) == -errno.ENXIO
        assert program.call(WRITE, fd, 1, 8) == -errno.EFAULT
        assert program.call(READ, fd, 1, 8) == -errno.EFAULT
        assert program.call(FSYNC, fd) == 0
        assert {row for first, end in paper.flushes for row in range(first, end)} == set(range(100))
        paper.flushes.clear()
        assert program.call(PWRITE, fd, program.put(b"1234"), 4, 50 * STRIDE) == 4
        assert program.call(FSYNC, fd) == 0
        assert paper.flushes == [(50, 51)]

    with_paper(body)


def test_a_mapping_is_the_screen() -> None:
    """What is stored there is flushed without a word, its rows and nothing else; and when nobody stores, nothing happens."""

    def body(program: Program, paper: Paper) -> None:
        from scarlet.kernel import timer
        from scarlet.kernel.memory.user import store_u32
        from scarlet.lang import u64

        space = program.task.space
        fd = opened(program)
        at = program.call(MMAP, 0, STRIDE * 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
        program.call(CLOSE, fd)
        wait()
        paper.flushes.clear()
        store_u32(space, u64(at + 30 * STRIDE), 0x123456)
        wait()
        assert paper.memory is not None
        page = 30 * STRIDE // 4096
        assert paper.flushes == [(page * 4096 // STRIDE, -(-(page + 1) * 4096 // STRIDE))]
        place = program.room(4)
        again = opened(program)
        program.call(LSEEK, again, 30 * STRIDE, 0)
        program.call(READ, again, place, 4)
        assert program.word(place) == 0x123456
        wait()
        assert len(paper.flushes) == 1, "reading is not drawing"
        store_u32(space, u64(at + 30 * STRIDE), 1)
        wait()
        assert len(paper.flushes) == 2, "the same page, again"
        wait(60 * FRAME_NS)
        assert not timer._heap, "an idle screen"
        store_u32(space, u64(at), 1)
        wait()
        assert len(paper.flushes) == 3, "and awake once more"
        assert program.fork(lambda child: store_u32(child.task.space, u64(at + 99 * STRIDE), 2)) is not None
        wait()
        assert paper.flushes[-1][1] == 100, "a child's share of the mapping"
        assert program.call(260, -1, 0, 0, 0) > 0
        assert program.call(MUNMAP, at, STRIDE * 100) == 0
        program.call(CLOSE, again)
        assert paper.users == 0

    with_paper(body)


def test_a_private_mapping_is_a_copy() -> None:
    def body(program: Program, paper: Paper) -> None:
        from scarlet.kernel.memory.user import store_u32
        from scarlet.lang import u64

        fd = opened(program, flags=O_RDONLY)
        assert program.call(MMAP, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == -errno.EACCES
        at = program.call(MMAP, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0)
        wait()
        paper.flushes.clear()
        store_u32(program.task.space, u64(at), 7)
        wait()
        assert paper.flushes == []

    with_paper(body)


def test_colour_maps() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)

        def colours(request: int, start: int, values: list[int]) -> tuple[int, list[int]]:
            table = program.put(struct.pack(f"<{len(values)}H", *values))
            others = [program.room(2 * len(values)) for _ in range(2)]
            result = program.call(IOCTL, fd, request, program.put(struct.pack("<IIQQQQ", start, len(values), table, *others, 0)))
            return result, list(struct.unpack(f"<{len(values)}H", program.get(table, 2 * len(values))))

        assert colours(GET_COLOURS, 0, [9] * 10) == (0, [0, 0, 0, 0, 0xAAAA, 0xAAAA, 0xAAAA, 0xAAAA, 0x5555, 0x5555])
        assert colours(PUT_COLOURS, 14, [1, 2])[0] == 0
        assert colours(GET_COLOURS, 13, [0] * 4) == (0, [0xFFFF, 1, 2, 0])
        assert colours(PUT_COLOURS, 15, [1, 2])[0] == -errno.EINVAL
        assert colours(GET_COLOURS, 256, [0])[0] == -errno.EINVAL

    with_paper(body)


def test_a_lost_device() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program)
        paper.lost()
        place = program.room(200)
        assert program.call(IOCTL, fd, GET_VARIABLE, place) == -errno.ENODEV
        assert program.call(WRITE, fd, place, 4) == -errno.ENODEV
        assert program.call(MMAP, 0, 4096, PROT_READ, MAP_SHARED, fd, 0) == -errno.ENODEV
        assert program.call(OPENAT, AT_FDCWD, b"/fb", O_RDWR) == -errno.ENODEV

    with_paper(body)


def test_text_and_graphics() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program, b"/tty1", O_RDWR | O_NOCTTY)
        place = program.room(8)
        assert program.call(IOCTL, fd, KDSETMODE, 1) == 0
        assert program.call(IOCTL, fd, KDGETMODE, place) == 0
        assert program.word(place) == 1
        wait()
        paper.flushes.clear()
        assert program.call(WRITE, fd, program.put(b"unseen"), 6) == 6
        wait()
        assert paper.flushes == []
        assert program.call(IOCTL, fd, KDSETMODE, 0) == 0
        wait()
        assert paper.flushes != []
        assert program.call(IOCTL, fd, KDSETMODE, 4) == -errno.EINVAL
        assert program.call(IOCTL, fd, KDSKBMODE, 0) == 0
        screen = opened(program)
        assert program.call(IOCTL, fd, KDSETMODE, 1) == 0
        program.call(CLOSE, screen)
        terminals = screenterminals.virtual_terminals()
        assert terminals is not None and terminals.get(1).shows is Shows.TEXT
        assert program.call(IOCTL, fd, KDGKBMODE, place) == 0
        assert program.word(place) == 3, "text again"

    with_paper(body)


def test_terminals_are_switched() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program, b"/tty0", O_RDWR | O_NOCTTY)
        place = program.room(8)

        def state() -> tuple[int, ...]:
            assert program.call(IOCTL, fd, VT_GETSTATE, place) == 0
            return struct.unpack("<HHH", program.get(place, 6))

        assert state() == (1, 0, 0b11)
        assert program.call(IOCTL, fd, VT_OPENQRY, place) == 0
        assert program.word(place) == 2
        third = opened(program, b"/tty3", O_RDWR | O_NOCTTY)
        assert state() == (1, 0, 0b1011)
        assert program.call(IOCTL, fd, VT_ACTIVATE, 3) == 0
        assert program.call(IOCTL, fd, VT_WAITACTIVE, 3) == 0
        assert state() == (3, 0, 0b1011)
        assert program.call(IOCTL, fd, VT_ACTIVATE, 7) == -errno.ENXIO
        assert program.call(IOCTL, fd, VT_DISALLOCATE, 3) == -errno.EBUSY
        assert program.call(IOCTL, fd, VT_DISALLOCATE, 2) == 0
        assert program.call(IOCTL, fd, VT_DISALLOCATE, 0) == 0
        assert program.call(IOCTL, fd, VT_GETMODE, place) == 0
        assert program.get(place, 8) == bytes(8)
        assert program.call(IOCTL, fd, VT_SETMODE, place) == 0
        assert program.call(IOCTL, fd, VT_SETMODE, program.put(b"\x02" + bytes(7))) == -errno.EINVAL
        assert program.call(IOCTL, fd, VT_SETMODE, program.put(b"\x01\0\x41" + bytes(5))) == -errno.EINVAL
        assert program.call(IOCTL, fd, VT_RELDISP, 1) == -errno.EINVAL
        assert program.call(IOCTL, third, TIOCGWINSZ, place) == 0
        assert struct.unpack("<HHHH", program.get(place, 8)) == (6, 25, 200, 96)
        assert program.call(IOCTL, third, TCGETS, program.room(64)) == 0

    with_paper(body)


def test_a_process_takes_part_in_switching() -> None:
    """As a graphics program does that draws again when it is back: it lets the terminal go when it is asked by a signal."""

    def body(program: Program, paper: Paper) -> None:
        fd = opened(program, b"/tty1", O_RDWR | O_NOCTTY)
        second = opened(program, b"/tty2", O_RDWR | O_NOCTTY)
        terminals = screenterminals.virtual_terminals()
        assert terminals is not None
        program.call(SIGPROCMASK, 0, program.put(struct.pack("<Q", 1 << SIGUSR1 - 1 | 1 << SIGUSR2 - 1)), 0, 8)
        place = program.room(8)

        def pending() -> set[int]:
            assert program.call(SIGPENDING, place, 8) == 0
            mask = struct.unpack("<Q", program.get(place, 8))[0]
            return {number for number in (SIGUSR1, SIGUSR2) if mask >> number - 1 & 1}

        mode = struct.pack("<BBhhh", 1, 0, SIGUSR1, SIGUSR2, 0)
        assert program.call(IOCTL, fd, VT_SETMODE, program.put(mode)) == 0
        assert program.call(IOCTL, fd, VT_GETMODE, place) == 0
        assert program.get(place, 8) == mode
        assert program.call(IOCTL, fd, KDSETMODE, 1) == 0
        assert program.call(IOCTL, fd, VT_ACTIVATE, 2) == 0
        assert (pending(), terminals.shown) == ({SIGUSR1}, 1)
        assert program.call(IOCTL, fd, VT_RELDISP, 0) == 0
        assert program.call(IOCTL, fd, VT_RELDISP, 1) == -errno.EINVAL, "the wish was refused"
        assert program.call(IOCTL, fd, VT_ACTIVATE, 2) == 0
        assert program.call(IOCTL, fd, VT_RELDISP, 1) == 0
        assert terminals.shown == 2
        assert program.call(IOCTL, second, VT_ACTIVATE, 1) == 0
        assert (pending(), terminals.shown) == ({SIGUSR1, SIGUSR2}, 1)
        assert program.call(IOCTL, fd, VT_RELDISP, 2) == 0
        assert terminals.get(1).shows is Shows.GRAPHICS
        assert program.call(IOCTL, fd, VT_SETMODE, program.put(bytes(8))) == 0
        program.call(IOCTL, fd, KDSETMODE, 0)

        def child(other: Program) -> None:
            other.call(IOCTL, fd, VT_SETMODE, other.put(mode))
            other.call(IOCTL, fd, KDSETMODE, 1)

        program.fork(child)
        assert program.call(260, -1, 0, 0, 0) > 0
        assert program.call(IOCTL, fd, VT_ACTIVATE, 2) == 0
        assert terminals.shown == 2, "a process that is gone is not waited for"
        assert terminals.get(1).shows is Shows.TEXT

    with_paper(body)


def test_who_may_change_a_terminal() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program, b"/tty1", O_RDWR | O_NOCTTY)
        place = program.room(64)
        mine = program.task.process.credentials
        program.task.process.credentials = Credentials(1000, 1000)
        program.task.refresh()
        for request in (KDSETMODE, KDSKBMODE, VT_ACTIVATE, PIO_CMAP):
            assert program.call(IOCTL, fd, request, 1) == -errno.EPERM
        for request in (KDGETMODE, VT_GETSTATE, GIO_CMAP, KDGKBTYPE):
            assert program.call(IOCTL, fd, request, place) == 0
        program.task.process.credentials = mine
        program.task.refresh()

    with_paper(body)


def test_the_palette_of_a_terminal() -> None:
    def body(program: Program, paper: Paper) -> None:
        fd = opened(program, b"/tty1", O_RDWR | O_NOCTTY)
        place = program.room(48)
        assert program.call(IOCTL, fd, GIO_CMAP, place) == 0
        colours = program.get(place, 48)
        assert colours[3:6] == bytes([0, 0, 0xAA]), "the second is blue, on a PC"
        assert program.call(IOCTL, fd, PIO_CMAP, program.put(colours[:3] + b"\x11\x22\x33" + colours[6:])) == 0
        terminals = screenterminals.virtual_terminals()
        assert terminals is not None and terminals.get(1).screen.palette[4] == 0x112233

    with_paper(body)


def test_requests_have_names_in_the_trace() -> None:
    names = [show_ioctl_request(number) for number in (GET_VARIABLE, VT_ACTIVATE, KDSKBMODE, TCGETS, 0x4699)]
    assert names == ["FBIOGET_VSCREENINFO", "VT_ACTIVATE", "KDSKBMODE", "TCGETS", "0x4699"]
