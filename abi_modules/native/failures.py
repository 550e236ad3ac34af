"""From what the kernel raises to the status that a program gets: the one table.

Objects and file systems fail with Errno, whatever ABI asked. Calls of this package that have something to say for which there is no errno
raise Failure.
"""

from abi_modules.native.status import Status
from objects.handle import MissingRight
from scarlet.lang import errno
from scarlet.lang.errno import Errno


class Failure(Errno):
    """A status of the native ABI's own."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(errno.EINVAL, reason)
        self.status = status


def status_of(error: Errno) -> Status:
    """The status that stands for an error."""
    if isinstance(error, Failure):
        return error.status
    if isinstance(error, MissingRight):
        return Status.RIGHT_MISSING
    return _of_code(error.code)


def _of_code(code: int) -> Status:
    match code:
        case errno.EPERM:
            return Status.NOT_PERMITTED
        case errno.ENOENT | errno.ENODATA:
            return Status.NOT_FOUND
        case errno.ESRCH:
            return Status.NO_SUCH_TASK
        case errno.EIO | errno.ESTALE:
            return Status.INPUT_OUTPUT
        case errno.ENXIO | errno.ENODEV | errno.ENOTBLK:
            return Status.NO_DEVICE
        case errno.E2BIG | errno.EFBIG | errno.EMSGSIZE:
            return Status.TOO_LARGE
        case errno.ENOEXEC:
            return Status.NOT_EXECUTABLE
        case errno.EBADF:
            return Status.BAD_HANDLE
        case errno.ECHILD:
            return Status.NO_CHILD
        case errno.EAGAIN:
            return Status.WOULD_WAIT
        case errno.ENOMEM:
            return Status.NO_MEMORY
        case errno.EACCES:
            return Status.ACCESS_DENIED
        case errno.EFAULT:
            return Status.BAD_ADDRESS
        case errno.EBUSY | errno.ETXTBSY:
            return Status.BUSY
        case errno.EEXIST | errno.EADDRINUSE:
            return Status.ALREADY_EXISTS
        case errno.EXDEV:
            return Status.OUTSIDE
        case errno.ENOTDIR:
            return Status.NOT_A_DIRECTORY
        case errno.EISDIR:
            return Status.IS_A_DIRECTORY
        case errno.EINVAL:
            return Status.INVALID_ARGUMENT
        case errno.EMFILE | errno.ENFILE:
            return Status.LIMIT_REACHED
        case errno.ENOTTY:
            return Status.WRONG_TYPE
        case errno.ENOSPC:
            return Status.NO_SPACE
        case errno.ESPIPE:
            return Status.NOT_SEEKABLE
        case errno.EROFS:
            return Status.READ_ONLY
        case errno.EMLINK:
            return Status.TOO_MANY_LINKS
        case errno.EPIPE | errno.ENOTCONN:
            return Status.PEER_CLOSED
        case errno.ERANGE:
            return Status.BUFFER_TOO_SMALL
        case errno.EOVERFLOW:
            return Status.OUT_OF_RANGE
        case errno.EDEADLK:
            return Status.DEADLOCK
        case errno.ENAMETOOLONG:
            return Status.NAME_TOO_LONG
        case errno.ENOSYS:
            return Status.NO_SUCH_CALL
        case errno.ENOTEMPTY:
            return Status.NOT_EMPTY
        case errno.ELOOP:
            return Status.LINK_LOOP
        case errno.EOPNOTSUPP | errno.ENOPROTOOPT | errno.EAFNOSUPPORT:
            return Status.NOT_SUPPORTED
        case errno.ETIMEDOUT:
            return Status.TIMED_OUT
        case _:
            return Status.FAILED
