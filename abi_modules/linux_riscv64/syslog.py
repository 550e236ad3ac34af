"""The kernel's log through syslog(2), as dmesg and klogd use it.

All programs share two positions in it: where CLEAR has moved the beginning for READ_ALL, and what READ has handed out. The log wakes
nobody, since it must be able to record anything at any time; whoever waits for it looks often.

Source: syslog(2).
"""

from enum import IntEnum
from typing import Annotated, Final

from executor.declare import OutBuffer, syscall
from objects.credentials import CAP_SYSLOG
from objects.restart import sleep_on
from objects.task import Task
from scarlet.kernel import clock, log
from scarlet.kernel.memory.user import store_bytes
from scarlet.kernel.waitqueue import WaitQueue
from scarlet.lang import Errno, i32
from scarlet.lang.errno import EINVAL

AVERAGE_LINE_BYTES: Final = 64
LOOK_AGAIN_NS: Final = 100_000_000
LOWEST_CONSOLE_LEVEL: Final = 4
"""What is above is shown, so that errors always are. (/proc/sys/kernel/printk: minimum_console_loglevel)"""
HIGHEST_CONSOLE_LEVEL: Final = 8


class SyslogAction(IntEnum):
    """syslog(2)"""

    SYSLOG_ACTION_CLOSE = 0
    SYSLOG_ACTION_OPEN = 1
    SYSLOG_ACTION_READ = 2
    SYSLOG_ACTION_READ_ALL = 3
    SYSLOG_ACTION_READ_CLEAR = 4
    SYSLOG_ACTION_CLEAR = 5
    SYSLOG_ACTION_CONSOLE_OFF = 6
    SYSLOG_ACTION_CONSOLE_ON = 7
    SYSLOG_ACTION_CONSOLE_LEVEL = 8
    SYSLOG_ACTION_SIZE_UNREAD = 9
    SYSLOG_ACTION_SIZE_BUFFER = 10


class LogReader:
    """The two positions, and the console level to come back to."""

    def __init__(self) -> None:
        self.first = 0
        """The first line for READ_ALL."""
        self.next = 0
        """The first line that READ has not begun."""
        self.rest: bytes = b""
        """What READ has left of the line before it, which did not fit."""
        self.level_before: log.Level | None = None
        """While the console is off."""

    def text(self) -> bytes:
        """For READ_ALL."""
        return _text(self.first)

    def clear(self) -> None:
        self.first = _end(self.first)

    def unread(self) -> bytes:
        """For READ."""
        return self.rest + _text(self.next)

    def take(self, room: int) -> bytes:
        """As much of that as fits: whole lines, or a part of one that is longer than the room."""
        text = self.unread()
        count = len(text)
        if count > room:
            count = text.rfind(b"\n", 0, room) + 1
            count = count if count > 0 else room
        self.rest = text[count:]
        self.next = _end(self.next)
        return text[:count]


_reader: Final = LogReader()


def _text(first: int) -> bytes:
    """The lines from a number on, `<level>[time] text`."""
    return "".join([f"<{int(line.level)}>{line.format()}\n" for line in log.lines(first)]).encode()


def _end(first: int) -> int:
    """The number of the line that will come next."""
    lines = log.lines(first)
    return lines[-1].sequence + 1 if len(lines) > 0 else first


@syscall(116)
def syslog(task: Task, type_: Annotated[i32, SyslogAction], bufp: OutBuffer, len_: i32) -> i32:
    """syslog(2): reading, waiting for more, clearing, and the level of the console, where errors are always shown."""
    if type_ not in (SyslogAction.SYSLOG_ACTION_READ_ALL, SyslogAction.SYSLOG_ACTION_SIZE_BUFFER):
        task.credentials.require(CAP_SYSLOG, "this needs CAP_SYSLOG")
    match type_:
        case SyslogAction.SYSLOG_ACTION_CLOSE | SyslogAction.SYSLOG_ACTION_OPEN:
            return i32(0)
        case SyslogAction.SYSLOG_ACTION_READ | SyslogAction.SYSLOG_ACTION_READ_ALL | SyslogAction.SYSLOG_ACTION_READ_CLEAR:
            if bufp == 0 or len_ < 0:
                raise Errno(EINVAL, "no buffer")
            text = _read(int(type_), int(len_))
            store_bytes(task.space, bufp, text)
            return i32(len(text))
        case SyslogAction.SYSLOG_ACTION_CLEAR:
            _reader.clear()
        case SyslogAction.SYSLOG_ACTION_CONSOLE_OFF:
            _reader.level_before = _reader.level_before or log.console_level()
            log.set_console_level(_console_level(LOWEST_CONSOLE_LEVEL))
        case SyslogAction.SYSLOG_ACTION_CONSOLE_ON:
            if _reader.level_before is not None:
                log.set_console_level(_reader.level_before)
            _reader.level_before = None
        case SyslogAction.SYSLOG_ACTION_CONSOLE_LEVEL:
            log.set_console_level(_console_level(int(len_)))
            _reader.level_before = None
        case SyslogAction.SYSLOG_ACTION_SIZE_UNREAD:
            return i32(len(_reader.unread()))
        case SyslogAction.SYSLOG_ACTION_SIZE_BUFFER:
            return i32(log.CAPACITY * AVERAGE_LINE_BYTES)
        case _:
            raise Errno(EINVAL, "this action is not supported")
    return i32(0)


def _read(action: int, room: int) -> bytes:
    if action == SyslogAction.SYSLOG_ACTION_READ:
        while room > 0 and len(_reader.unread()) == 0:
            sleep_on(WaitQueue(), clock.deadline_after(LOOK_AGAIN_NS))
        return _reader.take(room)
    text = _last_lines(_reader.text(), room)
    if action == SyslogAction.SYSLOG_ACTION_READ_CLEAR:
        _reader.clear()
    return text


def _last_lines(text: bytes, room: int) -> bytes:
    """As many whole lines from the end as fit."""
    if len(text) <= room:
        return text
    text = text[len(text) - room :]
    return text[text.find(b"\n") + 1 :]


def _console_level(number: int) -> log.Level:
    """What is below a number is shown. EINVAL for one that is not between 1 and 8."""
    if not 1 <= number <= HIGHEST_CONSOLE_LEVEL:
        raise Errno(EINVAL, "levels are 1 to 8")
    match max(number, LOWEST_CONSOLE_LEVEL):
        case 8:
            return log.Level.DEBUG
        case 7:
            return log.Level.INFO
        case 6 | 5:
            return log.Level.WARNING
        case _:
            return log.Level.ERROR
