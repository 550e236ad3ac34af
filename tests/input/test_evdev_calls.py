"""/dev/input/event* as Linux programs use it: reading, polling, writing, the EVIOC requests, and their errors."""

import struct
from collections.abc import Callable

import pytest

from objects import input as inputs
from objects.input import InputDevice
from objects.inputcodes import EventType
from objects.inputevent import Axis, InputEvent, InputIdentity
from objects.keyboard import keyboard
from objects.keycodes import Key
from objects.metadata import InodeType, device_number
from scarlet.kernel import clock
from scarlet.lang import errno
from tests.abi.support import AT_FDCWD, Program, linux
from vfs.inputnodes import FIRST_EVENT, MAJOR, announce_events, listing

IOCTL, OPENAT, CLOSE, READ, WRITE, PPOLL, KILL, EXIT = 29, 56, 57, 63, 64, 73, 129, 93
O_RDWR, O_NONBLOCK = 2, 0o4000
POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16
EVENT = struct.Struct("<qqHHi")


def request(direction: int, number: int, size: int) -> int:
    """_IOC() for the letter E; direction 1 is _IOW, 2 is _IOR."""
    return direction << 30 | size << 16 | ord("E") << 8 | number


GVERSION, GID, GREP, SREP = request(2, 1, 4), request(2, 2, 8), request(2, 3, 8), request(1, 3, 8)
GRAB, REVOKE, SCLOCKID = request(1, 0x90, 4), request(1, 0x91, 4), request(1, 0xA0, 4)
GMASK, SMASK = request(2, 0x92, 16), request(1, 0x93, 16)


class Gadget(InputDevice):
    """A keyboard and tablet in one, with lights."""

    def __init__(self) -> None:
        super().__init__(b"gadget", location=b"here/input0")
        self.number = 0
        self.identity = InputIdentity(6, 0x1234, 0x5678, 3)
        self.can(EventType.KEY, b"\xff" * 16)
        self.can(EventType.LED, b"\x07")
        self.can(EventType.ABS, b"\x03")
        self.can(EventType.REP, b"\x03")
        self.axes = {0: Axis(-5, 500, resolution=12), 1: Axis(0, 100)}
        self.sent: list[tuple[int, int]] = []

    def output(self, event: InputEvent) -> None:
        self.sent.append((event.code, event.value))

    def key(self, code: int, value: int) -> None:
        self.report(EventType.KEY, code, value)
        self.report(EventType.SYN, 0, 0)


def with_gadget(body: Callable[[Program, Gadget], None]) -> None:
    def prepared(program: Program) -> None:
        gadget = Gadget()
        announce_events(gadget)
        program.tree.mknod(b"/event0", InodeType.CHARACTER, 0o660, device_number(MAJOR, FIRST_EVENT))
        body(program, gadget)
        gadget.remove()

    linux(prepared)


def open_events(program: Program, flags: int = O_RDWR | O_NONBLOCK) -> int:
    descriptor = program.call(OPENAT, AT_FDCWD, b"/event0", flags, 0)
    assert descriptor >= 0
    return descriptor


def read_events(program: Program, fd: int, count: int = 100) -> list[tuple[int, int, int]]:
    room = program.room(count * EVENT.size)
    done = program.call(READ, fd, room, count * EVENT.size)
    assert done > 0 and done % EVENT.size == 0
    return [(kind, code, value) for _s, _us, kind, code, value in EVENT.iter_unpack(program.get(room, done))]


def filled(program: Program, fd: int, number: int, size: int) -> bytes:
    """What a request of that number puts into a buffer of that size."""
    room = program.room(size)
    done = program.call(IOCTL, fd, request(2, number, size), room)
    assert done >= 0, done
    return program.get(room, done)


def test_whole_packets_are_read() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        gadget.report(EventType.KEY, Key.A, 1)
        room = program.room(240)
        assert program.call(READ, fd, room, 240) == -errno.EAGAIN
        gadget.report(EventType.SYN, 0, 0)
        assert program.call(READ, fd, room, 23) == -errno.EINVAL
        assert program.call(READ, fd, room, 0) == 0
        assert read_events(program, fd, 1) == [(1, Key.A, 1)]
        gadget.key(Key.A, 0)
        assert read_events(program, fd) == [(0, 0, 0), (1, Key.A, 0), (0, 0, 0)]
        assert program.call(READ, fd, room, 240) == -errno.EAGAIN
        gadget.key(Key.B, 1)
        assert program.call(READ, fd, 8, 240) == -errno.EFAULT

    with_gadget(body)


def test_reading_waits_for_a_packet() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program, O_RDWR)
        got: list[tuple[int, int, int]] = []

        def reader(child: Program) -> None:
            got.extend(read_events(child, fd))
            child.call(EXIT, 0)

        child = program.fork(reader)
        program.call(124)  # sched_yield: the child runs until it sleeps
        gadget.report(EventType.KEY, Key.A, 1)
        program.call(124)
        assert got == []
        gadget.report(EventType.SYN, 0, 0)
        assert program.call(260, child.pid, 0, 0, 0) == child.pid
        assert got == [(1, Key.A, 1), (0, 0, 0)]

    with_gadget(body)


def test_times_follow_the_clock_of_the_file() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        clock.set_realtime_ns(1_000_000_000_000_000_000)
        room = program.room(96)

        def seconds() -> int:
            gadget.key(Key.A, 1)
            gadget.key(Key.A, 0)
            assert program.call(READ, fd, room, 96) == 96
            return int(EVENT.unpack(program.get(room, 24))[0])

        assert seconds() == 1_000_000_000
        assert program.call(IOCTL, fd, SCLOCKID, program.put(struct.pack("<i", 1))) == 0
        assert seconds() < 1000
        assert program.call(IOCTL, fd, SCLOCKID, program.put(struct.pack("<i", 7))) == 0
        assert program.call(IOCTL, fd, SCLOCKID, program.put(struct.pack("<i", 4))) == -errno.EINVAL
        assert seconds() < 1000

    with_gadget(body)


def test_a_slow_reader_learns_that_events_are_lost() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        for _turn in range(20):
            gadget.key(Key.A, 1)
            gadget.key(Key.A, 0)
        events = read_events(program, fd)
        assert events[0] == (0, 3, 0), "SYN_DROPPED"
        assert events[-2:] == [(1, Key.A, 0), (0, 0, 0)] and len(events) < 64

    with_gadget(body)


def test_another_clock_loses_what_waits() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        gadget.key(Key.A, 1)
        assert program.call(IOCTL, fd, SCLOCKID, program.put(struct.pack("<i", 1))) == 0
        assert program.call(READ, fd, program.room(24), 24) == -errno.EAGAIN
        gadget.key(Key.A, 0)
        assert read_events(program, fd) == [(0, 3, 0), (1, Key.A, 0), (0, 0, 0)]

    with_gadget(body)


def poll(program: Program, fd: int) -> int:
    entry = program.put(struct.pack("<ihh", fd, POLLIN | POLLOUT, 0))
    nothing = program.put(struct.pack("<qq", 0, 0))
    program.call(PPOLL, entry, 1, nothing, 0, 8)
    return int(struct.unpack("<ihh", program.get(entry, 8))[2])


def test_polling() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        assert poll(program, fd) == POLLOUT
        gadget.key(Key.A, 1)
        assert poll(program, fd) == POLLIN | POLLOUT
        gadget.remove()
        assert poll(program, fd) == POLLERR | POLLHUP
        assert program.call(READ, fd, program.room(240), 240) == -errno.ENODEV
        assert program.call(OPENAT, AT_FDCWD, b"/event0", O_RDWR, 0) == -errno.ENODEV

    with_gadget(body)


def test_what_the_device_is() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        room = program.room(64)
        assert program.call(IOCTL, fd, GVERSION, room) == 0 and program.word(room) == 0x010001
        assert program.call(IOCTL, fd, GID, room) == 0
        assert struct.unpack("<4H", program.get(room, 8)) == (6, 0x1234, 0x5678, 3)
        assert filled(program, fd, 0x06, 256) == b"gadget\0"
        assert filled(program, fd, 0x06, 3) == b"gad"
        assert filled(program, fd, 0x07, 256) == b"here/input0\0"
        assert program.call(IOCTL, fd, request(2, 0x08, 256), room) == -errno.ENOENT
        assert filled(program, fd, 0x09, 8) == bytes(8)

    with_gadget(body)


def test_what_it_can_report() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        types = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 0x11 | 1 << 0x14
        assert filled(program, fd, 0x20, 8) == types.to_bytes(8, "little")
        assert filled(program, fd, 0x20, 2) == (types & 0xFFFF).to_bytes(2, "little")
        keys = filled(program, fd, 0x21, 200)
        assert len(keys) == 96 and keys[:16] == b"\xff" * 16 and not any(keys[16:])
        assert filled(program, fd, 0x23, 8) == b"\x03" + bytes(7)
        assert filled(program, fd, 0x22, 64) == bytes(8), "no relative axes"
        assert filled(program, fd, 0x31, 64) == b"\x07" + bytes(7)
        for type in (0x14, 0x16, 0x1F, 0x06):
            assert program.call(IOCTL, fd, request(2, 0x20 + type, 8), program.room(8)) == -errno.EINVAL

    with_gadget(body)


def test_its_state_replaces_the_events_that_led_to_it() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        gadget.key(Key.A, 1)
        gadget.inject(EventType.LED, 1, 1)
        gadget.inject(EventType.SYN, 0, 0)
        keys = filled(program, fd, 0x18, 96)
        assert [code for code in range(768) if keys[code // 8] >> code % 8 & 1] == [Key.A]
        assert read_events(program, fd) == [(0x11, 1, 1), (0, 0, 0)]
        assert filled(program, fd, 0x19, 8) == b"\x02" + bytes(7)
        assert filled(program, fd, 0x1B, 8) == bytes(8), "no switches"

    with_gadget(body)


def test_axes() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        gadget.report(EventType.ABS, 0, 77)
        room = program.room(24)
        assert program.call(IOCTL, fd, request(2, 0x40, 24), room) == 0
        assert struct.unpack("<6i", program.get(room, 24)) == (77, -5, 500, 0, 0, 12)
        assert program.call(IOCTL, fd, request(1, 0xC1, 24), program.put(struct.pack("<6i", 1, 2, 3, 4, 5, 6))) == 0
        axis = gadget.axes[1]
        assert (axis.value, axis.minimum, axis.maximum, axis.fuzz, axis.flat, axis.resolution) == (1, 2, 3, 4, 5, 6)
        assert program.call(IOCTL, fd, request(2, 0x45, 24), room) == 0
        assert program.get(room, 24) == bytes(24)
        gadget.axes = {}
        assert program.call(IOCTL, fd, request(2, 0x40, 24), room) == -errno.EINVAL

    with_gadget(body)


def test_repetition() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        room = program.room(8)
        assert program.call(IOCTL, fd, GREP, room) == 0
        assert struct.unpack("<II", program.get(room, 8)) == (250, 33)
        assert program.call(IOCTL, fd, SREP, program.put(struct.pack("<II", 500, 100))) == 0
        assert (gadget.delay_ms, gadget.period_ms) == (500, 100)
        gadget.types.put(EventType.REP, False)
        assert program.call(IOCTL, fd, GREP, room) == -errno.ENOSYS

    with_gadget(body)


def test_a_grab_keeps_events_from_everybody_else() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        mine, other = open_events(program), open_events(program)
        assert program.call(IOCTL, mine, GRAB, 0) == -errno.EINVAL
        assert program.call(IOCTL, mine, GRAB, 1) == 0
        assert program.call(IOCTL, other, GRAB, 1) == -errno.EBUSY
        gadget.key(Key.A, 1)
        assert read_events(program, mine) == [(1, Key.A, 1), (0, 0, 0)]
        assert program.call(READ, other, program.room(24), 24) == -errno.EAGAIN
        light = program.put(EVENT.pack(0, 0, EventType.LED, 0, 1))
        assert program.call(WRITE, other, light, 24) == 24 and gadget.sent == []
        assert program.call(CLOSE, mine) == 0
        gadget.key(Key.A, 0)
        assert read_events(program, other) == [(1, Key.A, 0), (0, 0, 0)]
        assert program.call(IOCTL, other, GRAB, 1) == 0

    with_gadget(body)


def test_a_revoked_file_is_dead() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        assert program.call(IOCTL, fd, REVOKE, 1) == -errno.EINVAL
        assert program.call(IOCTL, fd, REVOKE, 0) == 0
        gadget.key(Key.A, 1)
        assert program.call(READ, fd, program.room(24), 24) == -errno.ENODEV
        assert program.call(WRITE, fd, program.room(24), 24) == -errno.ENODEV
        assert program.call(IOCTL, fd, GVERSION, program.room(4)) == -errno.ENODEV
        assert poll(program, fd) == POLLERR | POLLHUP

    with_gadget(body)


def test_masked_events_are_not_queued() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        only_a = (1 << Key.A).to_bytes(96, "little")
        mask = program.put(struct.pack("<IIQ", 1, 96, program.put(only_a)))
        assert program.call(IOCTL, fd, SMASK, mask) == 0
        gadget.key(Key.B, 1)
        assert program.call(READ, fd, program.room(24), 24) == -errno.EAGAIN
        gadget.key(Key.A, 1)
        assert read_events(program, fd) == [(1, Key.A, 1), (0, 0, 0)]
        room = program.room(104)
        assert program.call(IOCTL, fd, GMASK, program.put(struct.pack("<IIQ", 1, 104, room))) == 0
        assert program.get(room, 104) == only_a + bytes(8)
        assert program.call(IOCTL, fd, GMASK, program.put(struct.pack("<IIQ", 3, 8, room))) == 0
        assert program.get(room, 8) == b"\xff" * 8
        no_keys = program.put((0xFFFFFFFD).to_bytes(8, "little"))
        assert program.call(IOCTL, fd, SMASK, program.put(struct.pack("<IIQ", 0, 8, no_keys))) == 0
        gadget.key(Key.A, 0)
        assert program.call(READ, fd, program.room(24), 24) == -errno.EAGAIN

    with_gadget(body)


def test_written_events_act_on_the_device() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        events = EVENT.pack(0, 0, EventType.LED, 1, 1) + EVENT.pack(0, 0, EventType.KEY, Key.A, 1) + EVENT.pack(0, 0, 0, 0, 0)
        assert program.call(WRITE, fd, program.put(events), len(events) + 5) == len(events)
        assert gadget.sent == [(1, 1)] and gadget.is_on(EventType.KEY, Key.A)
        assert read_events(program, fd) == [(0x11, 1, 1), (1, Key.A, 1), (0, 0, 0)]
        assert program.call(WRITE, fd, program.put(events), 20) == -errno.EINVAL

    with_gadget(body)


def test_requests_that_nobody_knows() -> None:
    def body(program: Program, gadget: Gadget) -> None:
        fd = open_events(program)
        room = program.room(64)
        assert program.call(IOCTL, fd, 0x5401, room) == -errno.EINVAL, "TCGETS"
        assert program.call(IOCTL, fd, request(2, 0x0A, 8), room) == -errno.EINVAL, "EVIOCGMTSLOTS without slots"
        assert program.call(IOCTL, fd, request(2, 4, 8), room) == -errno.EINVAL, "EVIOCGKEYCODE without a map"
        assert program.call(IOCTL, fd, request(1, 0x80, 48), room) == -errno.ENOSYS, "EVIOCSFF without force feedback"
        assert program.call(IOCTL, fd, GVERSION, 8) == -errno.EFAULT
        assert program.call(IOCTL, fd, 0x5421, program.put(struct.pack("<i", 0))) == 0, "FIONBIO"

    with_gadget(body)


def test_the_list_of_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def body(program: Program, gadget: Gadget) -> None:
        keyboard.watch(gadget)
        monkeypatch.setattr(inputs, "_devices", [gadget])
        assert listing().decode().splitlines() == [
            "I: Bus=0006 Vendor=1234 Product=5678 Version=0003",
            'N: Name="gadget"',
            "P: Phys=here/input0",
            "S: Sysfs=",
            "U: Uniq=",
            "H: Handlers=kbd event0 ",
            "B: PROP=0",
            "B: EV=12000b",
            "B: KEY=ffffffffffffffff ffffffffffffffff",
            "B: ABS=3",
            "B: LED=7",
            "",
        ]
        gadget.remove()
        assert listing() == b""

    with_gadget(body)
