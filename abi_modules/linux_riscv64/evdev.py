"""Requests of ioctl(2) on /dev/input/event files: the EVIOC requests of linux/input.h.

A request says in itself how many bytes may be stored and, for some, which event type or axis is meant. Like Linux's evdev, what is not
known is EINVAL, what an input device has not got is the errno given there, and requests that fill a buffer return how many bytes that was.
"""

from enum import IntEnum
from typing import Final

from objects.input import InputDevice
from objects.inputcodes import REP_DELAY, REP_PERIOD, CodeSet, EventType, codes_of
from objects.inputevent import Axis
from objects.inputfile import EventFile
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, struct, u16, u32, u64
from scarlet.lang.errno import EINVAL, ENOENT, ENOSYS

VERSION: Final = 0x010001
READ: Final = 2
WRITE: Final = 1
LETTER: Final = 0x45
"""'E', the type of all requests here."""


class EvdevRequest(IntEnum):
    """linux/input.h"""

    EVIOCGVERSION = 0x80044501
    EVIOCGID = 0x80084502
    EVIOCGREP = 0x80084503
    EVIOCSREP = 0x40084503
    EVIOCSFF = 0x40304580
    EVIOCRMFF = 0x40044581
    EVIOCGEFFECTS = 0x80044584
    EVIOCGRAB = 0x40044590
    EVIOCREVOKE = 0x40044591
    EVIOCGMASK = 0x80104592
    EVIOCSMASK = 0x40104593
    EVIOCSCLOCKID = 0x400445A0


class SizedRequest(IntEnum):
    """The numbers of requests whose size is the caller's."""

    EVIOCGNAME = 0x06
    EVIOCGPHYS = 0x07
    EVIOCGUNIQ = 0x08
    EVIOCGPROP = 0x09
    EVIOCGKEY = 0x18
    EVIOCGLED = 0x19
    EVIOCGSND = 0x1A
    EVIOCGSW = 0x1B


GBIT: Final = 0x20
"""EVIOCGBIT: plus the event type."""
TYPE_MASK: Final = 0x1F
GABS: Final = 0x40
SABS: Final = 0xC0
"""EVIOCGABS, EVIOCSABS: plus the axis."""
AXIS_MASK: Final = 0x3F


@struct
class InputId:
    """struct input_id"""

    bustype: u16
    vendor: u16
    product: u16
    version: u16


@struct
class InputAbsinfo:
    """struct input_absinfo"""

    value: i32
    minimum: i32
    maximum: i32
    fuzz: i32
    flat: i32
    resolution: i32


@struct
class InputMask:
    """struct input_mask"""

    type: u32
    codes_size: u32
    codes_ptr: u64


def evdev_ioctl(task: Task, file: EventFile, request: int, argument: u64) -> i32:
    """A request on an open event file. ENODEV when the device is gone; EFAULT, EINVAL, EBUSY, ENOSYS, ENOENT."""
    device = file.live()
    match request:
        case EvdevRequest.EVIOCGVERSION:
            store_u32(task.space, argument, VERSION)
        case EvdevRequest.EVIOCGID:
            _store_identity(task, device, argument)
        case EvdevRequest.EVIOCGREP:
            _require_repetition(device)
            store_u32(task.space, argument, device.delay_ms)
            store_u32(task.space, u64(argument + 4), device.period_ms)
        case EvdevRequest.EVIOCSREP:
            _require_repetition(device)
            delay = int(i32(load_u32(task.space, argument)))
            period = int(i32(load_u32(task.space, u64(argument + 4))))
            device.inject(EventType.REP, REP_DELAY, delay)
            device.inject(EventType.REP, REP_PERIOD, period)
        case EvdevRequest.EVIOCSFF | EvdevRequest.EVIOCRMFF:
            raise Errno(ENOSYS, "no force feedback")
        case EvdevRequest.EVIOCGEFFECTS:
            store_u32(task.space, argument, 0)
        case EvdevRequest.EVIOCGRAB:
            if argument != 0:
                device.grab(file.queue)
            else:
                device.release(file.queue)
        case EvdevRequest.EVIOCREVOKE:
            if argument != 0:
                raise Errno(EINVAL, "EVIOCREVOKE takes 0")
            file.revoke()
        case EvdevRequest.EVIOCGMASK | EvdevRequest.EVIOCSMASK:
            _mask(task, file, argument, set=request == EvdevRequest.EVIOCSMASK)
        case EvdevRequest.EVIOCSCLOCKID:
            file.set_clock(int(i32(load_u32(task.space, argument))))
        case _:
            return i32(_sized(task, file, device, request, argument))
    return i32(0)


def _sized(task: Task, file: EventFile, device: InputDevice, request: int, argument: u64) -> int:
    """The requests that carry a size; the bytes stored."""
    direction = request >> 30 & 3
    size = request >> 16 & 0x3FFF
    number = request & 0xFF
    if request >> 8 & 0xFF != LETTER:
        raise Errno(EINVAL, "not a request for input devices")
    if direction == READ:
        match number:
            case SizedRequest.EVIOCGNAME:
                return _store_text(task, argument, size, device.name)
            case SizedRequest.EVIOCGPHYS:
                return _store_text(task, argument, size, device.location)
            case SizedRequest.EVIOCGUNIQ:
                return _store_text(task, argument, size, device.serial)
            case SizedRequest.EVIOCGPROP:
                return _store_cut(task, argument, size, device.properties.bitmap())
            case SizedRequest.EVIOCGKEY:
                return _store_state(task, file, device, EventType.KEY, argument, size)
            case SizedRequest.EVIOCGLED:
                return _store_state(task, file, device, EventType.LED, argument, size)
            case SizedRequest.EVIOCGSND:
                return _store_state(task, file, device, EventType.SND, argument, size)
            case SizedRequest.EVIOCGSW:
                return _store_state(task, file, device, EventType.SW, argument, size)
            case _:
                pass
        if number & 0xFF - TYPE_MASK == GBIT:
            return _store_cut(task, argument, size, _codes(device, number & TYPE_MASK))
        if number & 0xFF - AXIS_MASK == GABS:
            _store_axis(task, device, number & AXIS_MASK, argument, size)
            return 0
    if direction == WRITE and number & 0xFF - AXIS_MASK == SABS:
        _load_axis(task, device, number & AXIS_MASK, argument, size)
        return 0
    raise Errno(EINVAL, "not a request for input devices")


def _store_cut(task: Task, address: u64, size: int, data: bytes) -> int:
    part = data[:size]
    store_bytes(task.space, address, part)
    return len(part)


def _store_text(task: Task, address: u64, size: int, text: bytes) -> int:
    """With the NUL at its end. ENOENT for what the device does not tell."""
    if len(text) == 0:
        raise Errno(ENOENT, "the device does not say")
    return _store_cut(task, address, size, text + b"\0")


def _store_identity(task: Task, device: InputDevice, address: u64) -> None:
    found = device.identity
    answer = InputId(bustype=u16(found.bus), vendor=u16(found.vendor), product=u16(found.product), version=u16(found.version))
    store_bytes(task.space, address, answer.pack())


def _require_repetition(device: InputDevice) -> None:
    if not device.types.has(EventType.REP):
        raise Errno(ENOSYS, "the device does not repeat")


def _codes(device: InputDevice, type: int) -> bytes:
    """What EVIOCGBIT stores: the types, or the codes of a type. EINVAL for a type without codes."""
    if type == EventType.SYN:
        return device.types.bitmap()
    if codes_of(type) == 0 or type == EventType.REP:
        raise Errno(EINVAL, "no such type of events")
    return _bitmap(device.codes.get(type), type)


def _bitmap(codes: CodeSet | None, type: int) -> bytes:
    return codes.bitmap() if codes is not None else CodeSet(codes_of(type)).bitmap()


def _store_state(task: Task, file: EventFile, device: InputDevice, type: EventType, address: u64, size: int) -> int:
    """What is on now; events about that which wait to be read are older, so they go."""
    file.queue.drop_type(type)
    return _store_cut(task, address, size, _bitmap(device.state.get(type), type))


def _axes(device: InputDevice) -> dict[int, Axis]:
    if len(device.axes) == 0:
        raise Errno(EINVAL, "the device has no axes")
    return device.axes


def _store_axis(task: Task, device: InputDevice, code: int, address: u64, size: int) -> None:
    """Zeros for an axis that the device has not got."""
    axis = _axes(device).get(code)
    answer = InputAbsinfo()
    if axis is not None:
        answer = InputAbsinfo(
            value=i32(axis.value), minimum=i32(axis.minimum), maximum=i32(axis.maximum),
            fuzz=i32(axis.fuzz), flat=i32(axis.flat), resolution=i32(axis.resolution),
        )  # fmt: skip
    store_bytes(task.space, address, answer.pack()[:size])


def _load_axis(task: Task, device: InputDevice, code: int, address: u64, size: int) -> None:
    """EVIOCSABS: calibrate an axis. An older struct without a resolution means none."""
    axes = _axes(device)
    data = load_bytes(task.space, address, min(size, InputAbsinfo.SIZE))
    wanted = InputAbsinfo.parse(data + bytes(InputAbsinfo.SIZE - len(data)))
    axis = axes.get(code)
    if axis is not None:
        axis.value = int(wanted.value)
        axis.minimum = int(wanted.minimum)
        axis.maximum = int(wanted.maximum)
        axis.fuzz = int(wanted.fuzz)
        axis.flat = int(wanted.flat)
        axis.resolution = int(wanted.resolution)


def _mask(task: Task, file: EventFile, address: u64, *, set: bool) -> None:
    """EVIOCGMASK and EVIOCSMASK: which events the file wants. A type without codes has nothing to mask."""
    wanted = InputMask.parse(load_bytes(task.space, address, InputMask.SIZE))
    type = int(wanted.type)
    limit = codes_of(type) if type != EventType.REP else 0
    if set:
        if limit != 0:
            file.queue.set_mask(type, load_bytes(task.space, wanted.codes_ptr, min(int(wanted.codes_size), (limit + 63) // 64 * 8)))
        return
    known = file.queue.masks.get(type)
    data = b"" if limit == 0 else known.bitmap() if known is not None else b"\xff" * ((limit + 63) // 64 * 8)
    size = min(int(wanted.codes_size), 4096)
    store_bytes(task.space, wanted.codes_ptr, data[:size])
    if len(data) < size:
        store_bytes(task.space, u64(wanted.codes_ptr + len(data)), bytes(size - len(data)))
