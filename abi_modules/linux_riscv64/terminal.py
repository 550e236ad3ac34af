"""Terminal requests of ioctl(2): the numbers and structures of Linux onto objects/terminal (ioctl_tty(2), termios(3)).

ioctl itself is declared in descriptors.py, which hands every request on an open terminal to terminal_ioctl. A request
that is not there is ENOTTY.
"""

from enum import IntEnum
from typing import Annotated, Final

from objects.credentials import CAP_SYS_ADMIN
from objects.task import Task
from objects.terminal import Terminal
from objects.terminal_file import TerminalFile
from objects.termios import CONTROL_COUNT, ControlMode, Flow, InputMode, LocalMode, OutputMode, Termios, When, WindowSize
from scarlet.kernel.memory.user import load_bytes, load_u8, load_u32, store_bytes, store_i32, store_u32
from scarlet.lang import Errno, i32, struct, u8, u16, u32, u64
from scarlet.lang.errno import EINVAL, ENOTTY


class IoctlRequest(IntEnum):
    """asm-generic/ioctls.h"""

    TCGETS = 0x5401
    TCSETS = 0x5402
    TCSETSW = 0x5403
    TCSETSF = 0x5404
    TCGETA = 0x5405
    TCSETA = 0x5406
    TCSETAW = 0x5407
    TCSETAF = 0x5408
    TCSBRK = 0x5409
    TCXONC = 0x540A
    TCFLSH = 0x540B
    TIOCEXCL = 0x540C
    TIOCNXCL = 0x540D
    TIOCSCTTY = 0x540E
    TIOCGPGRP = 0x540F
    TIOCSPGRP = 0x5410
    TIOCOUTQ = 0x5411
    TIOCSTI = 0x5412
    TIOCGWINSZ = 0x5413
    TIOCSWINSZ = 0x5414
    TIOCMGET = 0x5415
    FIONREAD = 0x541B
    FIONBIO = 0x5421
    TIOCNOTTY = 0x5422
    TIOCSETD = 0x5423
    TIOCGETD = 0x5424
    TCSBRKP = 0x5425
    TIOCGSID = 0x5429
    TIOCVHANGUP = 0x5437
    FIONCLEX = 0x5450
    FIOCLEX = 0x5451
    FIOASYNC = 0x5452
    TCGETS2 = 0x802C542A
    TCSETS2 = 0x402C542B
    TCSETSW2 = 0x402C542C
    TCSETSF2 = 0x402C542D
    TIOCGDEV = 0x80045432
    TIOCGEXCL = 0x80045440


def terminal_ioctl(task: Task, file: TerminalFile, request: int, argument: u64) -> i32:
    """A request on an open terminal. ENOTTY for one that terminals do not know; EIO after a hang-up; EFAULT, EINVAL, EPERM, EINTR."""
    terminal = file.live()
    match request:
        case IoctlRequest.TCGETS:
            store_bytes(task.space, argument, _kernel_termios(terminal.settings).pack()[:TERMIOS_BYTES])
        case IoctlRequest.TCGETS2:
            store_bytes(task.space, argument, _kernel_termios(terminal.settings).pack())
        case IoctlRequest.TCGETA:
            store_bytes(task.space, argument, _kernel_termio(terminal.settings).pack())
        case IoctlRequest.TCSETS | IoctlRequest.TCSETSW | IoctlRequest.TCSETSF:
            file.set_attributes(_load_termios(task, argument), When(request - IoctlRequest.TCSETS))
        case IoctlRequest.TCSETS2 | IoctlRequest.TCSETSW2 | IoctlRequest.TCSETSF2:
            file.set_attributes(_load_termios2(task, argument), When(request - IoctlRequest.TCSETS2))
        case IoctlRequest.TCSETA | IoctlRequest.TCSETAW | IoctlRequest.TCSETAF:
            file.set_attributes(_load_termio(task, argument, terminal.settings), When(request - IoctlRequest.TCSETA))
        case IoctlRequest.TCSBRK | IoctlRequest.TCSBRKP:
            file.drain()
        case IoctlRequest.TCXONC:
            if argument > Flow.START_INPUT:
                raise Errno(EINVAL, "TCXONC takes TCOOFF, TCOON, TCIOFF or TCION")
            terminal.control_flow(Flow(int(argument)))
        case IoctlRequest.TCFLSH:
            if argument > 2:
                raise Errno(EINVAL, "TCFLSH takes TCIFLUSH, TCOFLUSH or TCIOFLUSH")
            file.flush(input=argument != 1, output=argument != 0)
        case IoctlRequest.TIOCSTI:
            file.insert(load_u8(task.space, argument))
        case IoctlRequest.FIONREAD:
            store_i32(task.space, argument, file.available())
        case IoctlRequest.TIOCOUTQ:
            store_i32(task.space, argument, terminal.unsent())
        case IoctlRequest.TIOCGWINSZ | IoctlRequest.TIOCSWINSZ:
            _window(task, terminal, request, argument)
        case _:
            _control(task, terminal, request, argument)
    return i32(0)


def _control(task: Task, terminal: Terminal, request: int, argument: u64) -> None:
    """Sessions, groups, exclusive use."""
    match request:
        case IoctlRequest.TIOCEXCL:
            terminal.exclusive = True
        case IoctlRequest.TIOCNXCL:
            terminal.exclusive = False
        case IoctlRequest.TIOCGEXCL:
            store_i32(task.space, argument, 1 if terminal.exclusive else 0)
        case IoctlRequest.TIOCSCTTY:
            terminal.acquire(task, steal=argument == 1)
        case IoctlRequest.TIOCNOTTY:
            terminal.give_up(task)
        case IoctlRequest.TIOCGPGRP:
            store_i32(task.space, argument, terminal.foreground_of(task))
        case IoctlRequest.TIOCSPGRP:
            terminal.set_foreground(task, i32(load_u32(task.space, argument)))
        case IoctlRequest.TIOCGSID:
            store_i32(task.space, argument, terminal.session_of(task))
        case IoctlRequest.TIOCGETD:
            store_i32(task.space, argument, 0)
        case IoctlRequest.TIOCSETD:
            if load_u32(task.space, argument) != 0:
                raise Errno(EINVAL, "there is one line discipline, N_TTY")
        case IoctlRequest.TIOCGDEV:
            store_u32(task.space, argument, terminal.number)
        case IoctlRequest.TIOCVHANGUP:
            task.credentials.require(CAP_SYS_ADMIN, "hanging up needs CAP_SYS_ADMIN")
            terminal.hang_up()
        case _:
            raise Errno(ENOTTY, "a terminal does not know this request")


# --- window size ------------------------------------------------------------------------------------------------------------


@struct
class Winsize:
    """struct winsize"""

    ws_row: u16
    ws_col: u16
    ws_xpixel: u16
    ws_ypixel: u16


def _window(task: Task, terminal: Terminal, request: int, argument: u64) -> None:
    if request == IoctlRequest.TIOCGWINSZ:
        window = terminal.window
        size = Winsize(ws_row=u16(window.rows), ws_col=u16(window.columns), ws_xpixel=u16(window.width), ws_ypixel=u16(window.height))
        store_bytes(task.space, argument, size.pack())
    else:
        wanted = Winsize.parse(load_bytes(task.space, argument, Winsize.SIZE))
        terminal.set_window(WindowSize(int(wanted.ws_row), int(wanted.ws_col), int(wanted.ws_xpixel), int(wanted.ws_ypixel)))


# --- attributes -------------------------------------------------------------------------------------------------------------


@struct
class KernelTermios:
    """struct termios2 of the kernel (asm-generic/termbits.h); struct termios is the same without the speeds"""

    c_iflag: u32
    c_oflag: u32
    c_cflag: u32
    c_lflag: u32
    c_line: u8
    c_cc: Annotated[bytes, 19]
    c_ispeed: u32
    c_ospeed: u32


@struct
class KernelTermio:
    """struct termio, the ancient one: the low halves of the flags, eight characters"""

    c_iflag: u16
    c_oflag: u16
    c_cflag: u16
    c_lflag: u16
    c_line: u8
    c_cc: Annotated[bytes, 8]


TERMIOS_BYTES: Final = 36
"""struct termios"""
DEFAULT_SPEED: Final = 38400
"""What BOTHER means without a speed."""
TERMIO_COUNT: Final = 8
BOTHER: Final = 0x1000
"""The speed is in c_ospeed, not in the low bits of c_cflag."""
LOW_SPEEDS: Final = (0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400)
HIGH_SPEEDS: Final = (
    57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
)  # fmt: skip
"""B57600 (0x1001) and what follows it."""


def _speed(control: int, given: int) -> int:
    """Bits a second that c_cflag stands for."""
    code = control & ControlMode.BAUD
    if code == BOTHER:
        return given
    if code > BOTHER:
        return HIGH_SPEEDS[code - BOTHER - 1]
    return LOW_SPEEDS[code]


def _kernel_termios(settings: Termios) -> KernelTermios:
    return KernelTermios(
        c_iflag=u32(settings.input),
        c_oflag=u32(settings.output),
        c_cflag=u32(settings.control),
        c_lflag=u32(settings.local),
        c_line=u8(settings.line),
        c_cc=bytes(settings.characters),
        c_ispeed=u32(settings.input_speed),
        c_ospeed=u32(settings.output_speed),
    )


def _kernel_termio(settings: Termios) -> KernelTermio:
    return KernelTermio(
        c_iflag=u16(settings.input),
        c_oflag=u16(settings.output),
        c_cflag=u16(settings.control),
        c_lflag=u16(settings.local),
        c_line=u8(settings.line),
        c_cc=bytes(settings.characters[:TERMIO_COUNT]),
    )


def _load_termios(task: Task, address: u64) -> Termios:
    """struct termios, where the speed is in c_cflag."""
    given = KernelTermios.parse(load_bytes(task.space, address, TERMIOS_BYTES) + bytes(KernelTermios.SIZE - TERMIOS_BYTES))
    given.c_ispeed = u32(DEFAULT_SPEED)
    given.c_ospeed = u32(DEFAULT_SPEED)
    return _all_settings(given)


def _load_termios2(task: Task, address: u64) -> Termios:
    return _all_settings(KernelTermios.parse(load_bytes(task.space, address, KernelTermios.SIZE)))


def _all_settings(given: KernelTermios) -> Termios:
    settings = _settings(int(given.c_iflag), int(given.c_oflag), int(given.c_cflag), int(given.c_lflag), int(given.c_line))
    settings.characters[:] = given.c_cc
    settings.input_speed = _speed(settings.control, int(given.c_ispeed))
    settings.output_speed = _speed(settings.control, int(given.c_ospeed))
    return settings


def _load_termio(task: Task, address: u64, present: Termios) -> Termios:
    """The high halves of the flags, and the characters beyond the eighth, stay as they are."""
    given = KernelTermio.parse(load_bytes(task.space, address, KernelTermio.SIZE))
    settings = _settings(
        present.input & ~0xFFFF | int(given.c_iflag),
        present.output & ~0xFFFF | int(given.c_oflag),
        present.control & ~0xFFFF | int(given.c_cflag),
        present.local & ~0xFFFF | int(given.c_lflag),
        int(given.c_line),
    )
    settings.characters[:] = given.c_cc + bytes(present.characters[TERMIO_COUNT:CONTROL_COUNT])
    settings.input_speed = _speed(settings.control, present.input_speed)
    settings.output_speed = settings.input_speed
    return settings


def _settings(input: int, output: int, control: int, local: int, line: int) -> Termios:
    settings = Termios()
    settings.input = InputMode(input)
    settings.output = OutputMode(output)
    settings.control = control
    settings.local = LocalMode(local)
    settings.line = line
    return settings
