"""Status codes: how a native call says what became of it. 0 is success; there is no magic -1 and no errno variable.

Programs and the kernel import this module. failures.py turns what the kernel raises into these codes.
"""

from enum import IntEnum


class Status(IntEnum):
    """One value for each thing that can be wrong; the text of each is its meaning in `meaning()`."""

    OK = 0
    NO_SUCH_CALL = 1
    INVALID_ARGUMENT = 2
    BAD_ADDRESS = 3
    BAD_HANDLE = 4
    RIGHT_MISSING = 5
    WRONG_TYPE = 6
    NOT_SUPPORTED = 7
    NOT_PERMITTED = 8
    ACCESS_DENIED = 9
    WOULD_WAIT = 10
    TIMED_OUT = 11
    PEER_CLOSED = 12
    BUFFER_TOO_SMALL = 13
    TOO_LARGE = 14
    OUT_OF_RANGE = 15
    NO_MEMORY = 16
    NO_SPACE = 17
    LIMIT_REACHED = 18
    BUSY = 19
    NOT_FOUND = 20
    ALREADY_EXISTS = 21
    NOT_A_DIRECTORY = 22
    IS_A_DIRECTORY = 23
    NOT_EMPTY = 24
    NAME_TOO_LONG = 25
    LINK_LOOP = 26
    TOO_MANY_LINKS = 27
    OUTSIDE = 28
    READ_ONLY = 29
    NOT_SEEKABLE = 30
    NOT_EXECUTABLE = 31
    NO_DEVICE = 32
    INPUT_OUTPUT = 33
    NO_SUCH_TASK = 34
    NO_CHILD = 35
    DEADLOCK = 36
    FAILED = 37


def meaning(status: int) -> str:
    """What a status says, in a few words, for error messages."""
    match status:
        case Status.OK:
            return "success"
        case Status.NO_SUCH_CALL:
            return "no such call"
        case Status.INVALID_ARGUMENT:
            return "invalid argument"
        case Status.BAD_ADDRESS:
            return "bad address"
        case Status.BAD_HANDLE:
            return "no such handle"
        case Status.RIGHT_MISSING:
            return "the handle lacks the right"
        case Status.WRONG_TYPE:
            return "wrong type of object"
        case Status.NOT_SUPPORTED:
            return "not supported"
        case Status.NOT_PERMITTED:
            return "not permitted"
        case Status.ACCESS_DENIED:
            return "access denied"
        case Status.WOULD_WAIT:
            return "would have to wait"
        case Status.TIMED_OUT:
            return "timed out"
        case Status.PEER_CLOSED:
            return "nobody is at the other end"
        case Status.BUFFER_TOO_SMALL:
            return "the buffer is too small"
        case Status.TOO_LARGE:
            return "too large"
        case Status.OUT_OF_RANGE:
            return "out of range"
        case Status.NO_MEMORY:
            return "out of memory"
        case Status.NO_SPACE:
            return "no space left"
        case Status.LIMIT_REACHED:
            return "a limit is reached"
        case Status.BUSY:
            return "in use"
        case Status.NOT_FOUND:
            return "not found"
        case Status.ALREADY_EXISTS:
            return "already exists"
        case Status.NOT_A_DIRECTORY:
            return "not a directory"
        case Status.IS_A_DIRECTORY:
            return "is a directory"
        case Status.NOT_EMPTY:
            return "directory not empty"
        case Status.NAME_TOO_LONG:
            return "name too long"
        case Status.LINK_LOOP:
            return "too many symbolic links"
        case Status.TOO_MANY_LINKS:
            return "too many links to the file"
        case Status.OUTSIDE:
            return "outside of the directory or file system"
        case Status.READ_ONLY:
            return "read-only file system"
        case Status.NOT_SEEKABLE:
            return "not seekable"
        case Status.NOT_EXECUTABLE:
            return "not an executable of any system"
        case Status.NO_DEVICE:
            return "no such device"
        case Status.INPUT_OUTPUT:
            return "input/output error"
        case Status.NO_SUCH_TASK:
            return "no such task"
        case Status.NO_CHILD:
            return "no such child"
        case Status.DEADLOCK:
            return "deadlock avoided"
        case _:
            return "failed"
