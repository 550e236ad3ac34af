"""Terminal attributes: modes, control characters, speeds, window size. (termios(3), ioctl_tty(2))

Flag values and the indices of control characters are those of Linux's asm-generic/termbits.h, so that an ABI module can copy them.
"""

from enum import IntEnum, IntFlag
from typing import Final


class InputMode(IntFlag):
    """c_iflag."""

    NONE = 0
    IGNBRK = 0x1
    BRKINT = 0x2
    IGNPAR = 0x4
    PARMRK = 0x8
    INPCK = 0x10
    ISTRIP = 0x20
    INLCR = 0x40
    IGNCR = 0x80
    ICRNL = 0x100
    IUCLC = 0x200
    IXON = 0x400
    IXANY = 0x800
    IXOFF = 0x1000
    IMAXBEL = 0x2000
    IUTF8 = 0x4000


class OutputMode(IntFlag):
    """c_oflag."""

    NONE = 0
    OPOST = 0x1
    OLCUC = 0x2
    ONLCR = 0x4
    OCRNL = 0x8
    ONOCR = 0x10
    ONLRET = 0x20
    OFILL = 0x40
    OFDEL = 0x80
    XTABS = 0x1800


class ControlMode(IntFlag):
    """c_cflag."""

    NONE = 0
    BAUD = 0x100F
    CSIZE = 0x30
    CS8 = 0x30
    CSTOPB = 0x40
    CREAD = 0x80
    PARENB = 0x100
    PARODD = 0x200
    HUPCL = 0x400
    CLOCAL = 0x800


class LocalMode(IntFlag):
    """c_lflag."""

    NONE = 0
    ISIG = 0x1
    ICANON = 0x2
    XCASE = 0x4
    ECHO = 0x8
    ECHOE = 0x10
    ECHOK = 0x20
    ECHONL = 0x40
    NOFLSH = 0x80
    TOSTOP = 0x100
    ECHOCTL = 0x200
    ECHOPRT = 0x400
    ECHOKE = 0x800
    FLUSHO = 0x1000
    PENDIN = 0x4000
    IEXTEN = 0x8000
    EXTPROC = 0x10000


class Control(IntEnum):
    """Indices of c_cc."""

    INTR = 0
    QUIT = 1
    ERASE = 2
    KILL = 3
    EOF = 4
    TIME = 5
    MIN = 6
    SWTC = 7
    START = 8
    STOP = 9
    SUSP = 10
    EOL = 11
    REPRINT = 12
    DISCARD = 13
    WERASE = 14
    LNEXT = 15
    EOL2 = 16


class When(IntEnum):
    """When new attributes take effect; TCSANOW, TCSADRAIN and TCSAFLUSH of termios(3)."""

    NOW = 0
    DRAIN = 1
    FLUSH = 2


class Flow(IntEnum):
    """What tcflow(3) does; TCOOFF, TCOON, TCIOFF and TCION."""

    STOP_OUTPUT = 0
    START_OUTPUT = 1
    STOP_INPUT = 2
    START_INPUT = 3


CONTROL_COUNT: Final = 19
B38400: Final = 0xF
SPEED: Final = 38400
DEFAULT_CONTROLS: Final = b"\x03\x1c\x7f\x15\x04\x00\x01\x00\x11\x13\x1a\x00\x12\x0f\x17\x16\x00\x00\x00"


class Termios:
    """The attributes of one terminal."""

    def __init__(self) -> None:
        self.input: InputMode = InputMode.ICRNL | InputMode.IXON
        self.output: OutputMode = OutputMode.OPOST | OutputMode.ONLCR
        self.control: int = ControlMode.CS8 | ControlMode.CREAD | ControlMode.HUPCL | ControlMode.CLOCAL | B38400
        self.local: LocalMode = (
            LocalMode.ISIG | LocalMode.ICANON | LocalMode.ECHO | LocalMode.ECHOE | LocalMode.ECHOK
            | LocalMode.ECHOCTL | LocalMode.ECHOKE | LocalMode.IEXTEN
        )  # fmt: skip
        self.line = 0
        self.characters = bytearray(DEFAULT_CONTROLS)
        self.input_speed = SPEED
        self.output_speed = SPEED

    def copy_from(self, other: "Termios") -> None:
        """Take over all attributes."""
        self.input = other.input
        self.output = other.output
        self.control = other.control
        self.local = other.local
        self.line = other.line
        self.characters[:] = other.characters
        self.input_speed = other.input_speed
        self.output_speed = other.output_speed

    def copy(self) -> "Termios":
        """The same attributes, independent."""
        copy = Termios()
        copy.copy_from(self)
        return copy

    def is_control(self, byte: int, which: Control) -> bool:
        """Is the byte this control character? A character of 0 is switched off."""
        character = self.characters[which]
        return character == byte and character != 0

    @property
    def canonical(self) -> bool:
        """Is input edited and read by lines?"""
        return self.local & LocalMode.ICANON != LocalMode.NONE

    @property
    def echoes(self) -> bool:
        """Is input echoed?"""
        return self.local & LocalMode.ECHO != LocalMode.NONE


class WindowSize:
    """Rows and columns in characters, width and height in pixels (0: unknown)."""

    def __init__(self, rows: int = 0, columns: int = 0, width: int = 0, height: int = 0) -> None:
        self.rows = rows
        self.columns = columns
        self.width = width
        self.height = height

    def equals(self, other: "WindowSize") -> bool:
        """Are all four the same?"""
        return (
            self.rows == other.rows and self.columns == other.columns and self.width == other.width and self.height == other.height
        )  # fmt: skip
