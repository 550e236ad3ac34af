"""The machines that run with a display: each has a number and a socket in a folder of the user's, by which it is asked for its screen.

A number is taken by locking a file, so that it is free again however the machine ended.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli.errors import Status, UserError

MOST = 100


@dataclass(frozen=True)
class Place:
    """Where a running machine is found."""

    number: int
    socket: Path


def folder() -> Path:
    """The user's folder for what lasts as long as programs run."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(given) / "scarlet" if given else Path(tempfile.gettempdir()) / f"scarlet-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise UserError(f"{path} belongs to somebody else; set XDG_RUNTIME_DIR")
    return path


@contextmanager
def taken() -> Iterator[Place]:
    """A number that no running machine has, as long as the context lasts."""
    for number in range(1, MOST):
        lock = os.open(_lock(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(lock):
            os.close(lock)
            continue
        place = _place(number)
        place.socket.unlink(missing_ok=True)
        try:
            yield place
        finally:
            place.socket.unlink(missing_ok=True)
            _lock(number).unlink(missing_ok=True)
            os.close(lock)
        return
    raise UserError("too many machines with a display are running")


def find(number: int | None) -> Place:
    """The machine of that number; without one, the only one there is."""
    running = list(machines())
    if number is not None:
        for place in running:
            if place.number == number:
                return place
        raise UserError(f"no machine {number} with a display is running{_which(running)}", Status.USAGE)
    if len(running) > 1:
        raise UserError(f"several machines are running: say which with --machine{_which(running)}", Status.USAGE)
    if not running:
        raise UserError("no machine with a display is running (scarlet run --display, --vnc or --headless starts one)", Status.USAGE)
    return running[0]


def machines() -> Iterator[Place]:
    """Those that run."""
    for path in sorted(folder().glob("*.lock")):
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if not _locked(lock):
                yield _place(int(path.stem))
        finally:
            os.close(lock)


def _which(running: list[Place]) -> str:
    return f" ({', '.join(str(place.number) for place in running)})" if running else ""


def _lock(number: int) -> Path:
    return folder() / f"{number}.lock"


def _place(number: int) -> Place:
    return Place(number, folder() / f"{number}.qmp")


def _locked(descriptor: int) -> bool:
    """Lock a file for us; False when somebody has it locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
