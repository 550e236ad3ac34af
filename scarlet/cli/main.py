"""The entry point of the `scarlet` command: signals, closed streams, and errors in one line.

Only what the first lines need is imported here, so that Ctrl-C is quiet from the start on: until the commands are loaded it ends the
process as it does any other.
"""

import contextlib
import os
import signal
import sys
from types import FrameType

from scarlet.cli.errors import Status, UserError


def main() -> None:
    """Run the command line. What ends it is an exit status, never a traceback; a bug's traceback is all that passes."""
    interrupt = signal.getsignal(signal.SIGINT)  # ignored in the background of a shell without job control
    if interrupt == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _require_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup(1)
            signal.signal(number, _leave)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # those who only print end when nobody reads; run and its kind see to it themselves
    from scarlet.cli import commands

    signal.signal(signal.SIGINT, interrupt)
    try:
        try:
            commands.run_command_line()
        finally:
            _flush()
    except UserError as error:
        _fail(error.message, error.status)
    except KeyboardInterrupt:
        sys.exit(Status.INTERRUPTED)
    except BrokenPipeError:
        sys.exit(Status.BROKEN_PIPE)
    except OSError as error:  # the user's folders and files: not to be written, full, gone
        reason = (error.strerror or str(error)).lower()
        _fail(f"{error.filename}: {reason}" if error.filename else reason, Status.FAILED)


def _leave(number: int, _frame: FrameType | None) -> None:
    """Unwind the stack as Ctrl-C does, so that terminals are restored, machines switched off and compilers ended."""
    raise SystemExit(128 + number)


def _require_streams() -> None:
    """Standard streams that the caller has closed: no input, output that cannot be written, errors that nobody sees. Else the next file
    to be opened would be taken for one."""
    for number, flags in enumerate((os.O_RDWR, os.O_RDONLY, os.O_RDWR)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # the lowest number that is free
    sys.stdin = sys.stdin or open(0, closefd=False)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)


def _flush() -> None:
    """What was printed reaches its reader now, or it is an error."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for the interpreter, which tries once more
        raise UserError(f"standard output: {(error.strerror or str(error)).lower()}") from None


def _fail(message: str, status: int) -> None:
    with contextlib.suppress(OSError):
        print(f"scarlet: {message}", file=sys.stderr, flush=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
