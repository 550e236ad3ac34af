"""Requests of ioctl(2) about the keyboard of a virtual terminal. (ioctl_console(2), linux/kd.h)"""

from enum import IntEnum
from typing import Final

from objects import input as inputs
from objects.inputcodes import REP_DELAY, REP_PERIOD, EventType
from objects.keyboard import KeyboardClient, KeyboardMode, Lock, keyboard
from objects.task import Task
from scarlet.kernel.memory.user import load_u32, store_bytes, store_u32
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EINVAL

KB_101: Final = 2
"""An extended keyboard: the one answer there is to KDGKBTYPE."""
K_METABIT: Final = 3
K_ESCPREFIX: Final = 4
ALL_LOCKS: Final = 7


class KeyboardRequest(IntEnum):
    """linux/kd.h"""

    KDGETLED = 0x4B31
    KDSETLED = 0x4B32
    KDGKBTYPE = 0x4B33
    KDGKBMODE = 0x4B44
    KDSKBMODE = 0x4B45
    KDKBDREP = 0x4B52
    KDGKBMETA = 0x4B62
    KDSKBMETA = 0x4B63
    KDGKBLED = 0x4B64
    KDSKBLED = 0x4B65


def keyboard_ioctl(task: Task, client: KeyboardClient, request: int, argument: u64) -> bool:
    """Carry out a request about the keyboard; False when it is none. EFAULT, EINVAL.

    The caller has checked that it may change the terminal: it is the process's own, or the process is privileged."""
    state = client.keyboard
    match request:
        case KeyboardRequest.KDGKBTYPE:
            store_bytes(task.space, argument, bytes([KB_101]))
        case KeyboardRequest.KDGKBMODE:
            store_u32(task.space, argument, int(state.mode))
        case KeyboardRequest.KDSKBMODE:
            if argument > KeyboardMode.OFF:
                raise Errno(EINVAL, "no such keyboard mode")
            state.mode = KeyboardMode(int(argument))
        case KeyboardRequest.KDGKBMETA:
            store_u32(task.space, argument, K_ESCPREFIX if state.meta_is_escape else K_METABIT)
        case KeyboardRequest.KDSKBMETA:
            if argument != K_ESCPREFIX and argument != K_METABIT:
                raise Errno(EINVAL, "K_METABIT or K_ESCPREFIX")
            state.meta_is_escape = argument == K_ESCPREFIX
        case KeyboardRequest.KDGKBLED:
            store_bytes(task.space, argument, bytes([int(state.locks) | int(state.default_locks) << 4]))
        case KeyboardRequest.KDSKBLED:
            if argument & ~u64(0x77) != 0:
                raise Errno(EINVAL, "three locks and their defaults")
            state.locks = Lock(int(argument) & ALL_LOCKS)
            state.default_locks = Lock(int(argument) >> 4 & ALL_LOCKS)
            keyboard.show_lights()
        case KeyboardRequest.KDGETLED:
            store_bytes(task.space, argument, bytes([int(state.shown_lights())]))
        case KeyboardRequest.KDSETLED:
            state.lights = Lock(int(argument)) if argument <= ALL_LOCKS else None
            keyboard.show_lights()
        case KeyboardRequest.KDKBDREP:
            _set_repetition(task, argument)
        case _:
            return False
    return True


def _set_repetition(task: Task, address: u64) -> None:
    """struct kbd_repeat: the delay and the period of all keyboards where they are positive; what they are now is stored."""
    delay = int(i32(load_u32(task.space, address)))
    period = int(i32(load_u32(task.space, u64(address + 4))))
    for device in inputs.devices():
        if device.is_keyboard and device.types.has(EventType.REP):
            if delay > 0:
                device.inject(EventType.REP, REP_DELAY, delay)
            if period > 0:
                device.inject(EventType.REP, REP_PERIOD, period)
            delay = device.delay_ms
            period = device.period_ms
    store_u32(task.space, address, max(delay, 0))
    store_u32(task.space, u64(address + 4), max(period, 0))
