"""Requests of ioctl(2) about virtual terminals: text and graphics, which one is shown, its colours. (ioctl_console(2), vt(4))

Terminals are switched by the kernel alone (VT_AUTO), or with the consent of a process (VT_PROCESS). Everything about fonts is ENOTTY.
"""

from enum import IntEnum
from typing import Final

from abi_modules.linux_riscv64.keyboard_ioctl import KeyboardRequest, keyboard_ioctl
from objects.credentials import CAP_SYS_TTY_CONFIG
from objects.restart import sleep_on
from objects.screencell import PALETTE
from objects.task import Task
from objects.terminal_file import TerminalFile
from objects.virtualterminal import Switcher, VirtualTerminal
from objects.virtualterminals import TERMINALS
from scarlet.kernel.memory.user import load_bytes, store_bytes, store_i32
from scarlet.lang import Errno, i16, struct, u8, u16, u64
from scarlet.lang.errno import EBUSY, EINVAL, ENXIO, EPERM

KD_TEXT: Final = 0
KD_GRAPHICS: Final = 1
KD_TEXT1: Final = 3
VT_AUTO: Final = 0
VT_PROCESS: Final = 1
SIGNALS: Final = 65
PALETTE_ORDER: Final = (0, 4, 2, 6, 1, 5, 3, 7)
"""The order of colours on a PC, of which that of the escape sequences is another."""


class ConsoleRequest(IntEnum):
    """linux/kd.h, linux/vt.h"""

    KDSETMODE = 0x4B3A
    KDGETMODE = 0x4B3B
    GIO_CMAP = 0x4B70
    PIO_CMAP = 0x4B71
    VT_OPENQRY = 0x5600
    VT_GETMODE = 0x5601
    VT_SETMODE = 0x5602
    VT_GETSTATE = 0x5603
    VT_RELDISP = 0x5605
    VT_ACTIVATE = 0x5606
    VT_WAITACTIVE = 0x5607
    VT_DISALLOCATE = 0x5608


READING: Final = (
    ConsoleRequest.KDGETMODE, ConsoleRequest.GIO_CMAP, ConsoleRequest.VT_OPENQRY, ConsoleRequest.VT_GETMODE, ConsoleRequest.VT_GETSTATE,
    ConsoleRequest.VT_WAITACTIVE, KeyboardRequest.KDGKBTYPE, KeyboardRequest.KDGKBMODE, KeyboardRequest.KDGKBMETA,
    KeyboardRequest.KDGKBLED, KeyboardRequest.KDGETLED,
)  # fmt: skip
"""Requests that change nothing: everybody may make them."""


@struct
class SwitchMode:
    """struct vt_mode"""

    mode: u8
    waitv: u8
    relsig: i16
    acqsig: i16
    frsig: i16


@struct
class SwitchState:
    """struct vt_stat"""

    v_active: u16
    v_signal: u16
    v_state: u16


def console_ioctl(task: Task, file: TerminalFile, request: int, argument: u64) -> bool:
    """A request on an open virtual terminal; False when it is none of these, or the terminal is no virtual one. EPERM when the terminal is
    not the caller's and the caller is not privileged; EINVAL, ENXIO, EFAULT, EINTR."""
    terminal = file.live()
    virtual = terminal.device
    if not isinstance(virtual, VirtualTerminal):
        return False
    if not _is_known(request):
        return False
    if request not in READING and not terminal.controls(task.process) and not task.credentials.capable(CAP_SYS_TTY_CONFIG):
        raise Errno(EPERM, "neither the process's own terminal nor CAP_SYS_TTY_CONFIG")
    if not keyboard_ioctl(task, virtual.keys, request, argument):
        _carry_out(task, virtual, request, argument)
    return True


def _is_known(request: int) -> bool:
    for known in ConsoleRequest:
        if known == request:
            return True
    for key in KeyboardRequest:
        if key == request:
            return True
    return False


def _carry_out(task: Task, virtual: VirtualTerminal, request: int, argument: u64) -> None:
    owner = virtual.owner
    match request:
        case ConsoleRequest.KDGETMODE:
            store_i32(task.space, argument, int(virtual.shows))
        case ConsoleRequest.KDSETMODE:
            _set_mode(virtual, argument)
        case ConsoleRequest.GIO_CMAP:
            store_bytes(task.space, argument, _colours(virtual.screen.palette))
        case ConsoleRequest.PIO_CMAP:
            _set_colours(virtual, load_bytes(task.space, argument, 3 * len(PALETTE)))
        case ConsoleRequest.VT_OPENQRY:
            store_i32(task.space, argument, _first_free(virtual))
        case ConsoleRequest.VT_GETMODE:
            store_bytes(task.space, argument, _switching(virtual.switcher).pack())
        case ConsoleRequest.VT_SETMODE:
            _set_switching(task, virtual, SwitchMode.parse(load_bytes(task.space, argument, SwitchMode.SIZE)))
        case ConsoleRequest.VT_GETSTATE:
            state = 1
            for number in range(1, TERMINALS + 1):
                if number == owner.shown or owner.is_open(number):
                    state |= 1 << number
            store_bytes(task.space, argument, SwitchState(v_active=u16(owner.shown), v_signal=u16(0), v_state=u16(state)).pack())
        case ConsoleRequest.VT_RELDISP:
            owner.let_go(virtual, int(argument & 3))
        case ConsoleRequest.VT_ACTIVATE:
            owner.show(_number(argument))
        case ConsoleRequest.VT_WAITACTIVE:
            wanted = _number(argument)
            while owner.shown != wanted:
                sleep_on(owner.switched)
        case _:
            _release(virtual, argument)


def _switching(switcher: Switcher | None) -> SwitchMode:
    if switcher is None:
        return SwitchMode(mode=u8(VT_AUTO))
    waits = u8(1 if switcher.waits else 0)
    return SwitchMode(mode=u8(VT_PROCESS), waitv=waits, relsig=i16(switcher.release_signal), acqsig=i16(switcher.acquire_signal))


def _set_switching(task: Task, virtual: VirtualTerminal, wanted: SwitchMode) -> None:
    """The kernel alone switches the terminal, or the calling process takes part."""
    if wanted.mode != VT_AUTO and wanted.mode != VT_PROCESS:
        raise Errno(EINVAL, "VT_AUTO or VT_PROCESS")
    if not 0 <= wanted.relsig < SIGNALS or not 0 <= wanted.acqsig < SIGNALS:
        raise Errno(EINVAL, "no such signal")
    virtual.switcher = None
    if wanted.mode == VT_PROCESS:
        virtual.switcher = Switcher(task.process, wanted.waitv != 0, int(wanted.relsig), int(wanted.acqsig))


def _number(argument: u64) -> int:
    """The number of a terminal. ENXIO."""
    if not 1 <= argument <= TERMINALS:
        raise Errno(ENXIO, "no such terminal")
    return int(argument)


def _set_mode(virtual: VirtualTerminal, argument: u64) -> None:
    """KD_GRAPHICS, or text by any of its three names."""
    if argument == KD_GRAPHICS:
        virtual.show_graphics()
    elif argument <= KD_TEXT1:
        virtual.show_text()
    else:
        raise Errno(EINVAL, "KD_TEXT or KD_GRAPHICS")


def _first_free(virtual: VirtualTerminal) -> int:
    """The first terminal that nobody has open, -1 when there is none."""
    for number in range(1, TERMINALS + 1):
        if number != virtual.owner.shown and not virtual.owner.is_open(number):
            return number
    return -1


def _release(virtual: VirtualTerminal, argument: u64) -> None:
    """VT_DISALLOCATE: forget the text of a terminal that nobody uses, 0: of all of them. EBUSY, ENXIO."""
    owner = virtual.owner
    if argument != 0:
        number = _number(argument)
        if not owner.release(number):
            raise Errno(EBUSY, "the terminal is in use")
        return
    for number in range(1, TERMINALS + 1):
        owner.release(number)


def _colours(palette: list[int]) -> bytes:
    """Red, green, blue of each colour, in the order of a PC."""
    out = bytearray()
    for index in range(len(palette)):
        colour = palette[PALETTE_ORDER[index & 7] | index & 8]
        out.append(colour >> 16)
        out.append(colour >> 8 & 255)
        out.append(colour & 255)
    return bytes(out)


def _set_colours(virtual: VirtualTerminal, data: bytes) -> None:
    palette = virtual.screen.palette
    for index in range(len(palette)):
        palette[PALETTE_ORDER[index & 7] | index & 8] = data[3 * index] << 16 | data[3 * index + 1] << 8 | data[3 * index + 2]
    virtual.screen.touch_all()
    virtual.owner.changed(virtual)
