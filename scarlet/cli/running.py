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
FEW_BYTES = 40


@dataclass(frozen=True)
class Place:
    """Where a running machine is found."""

    number: int
    socket: Path
    what: str = ""
    """What runs there, in a few words."""


def folder() -> Path:
    """The user's folder for what lasts as long as programs run."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    path = Path(given) / "scarlet" if given else Path(tempfile.gettempdir()) / f"scarlet-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise UserError(f"{path} belongs to somebody else; set XDG_RUNTIME_DIR")
    return path


@contextmanager
def taken(what: str = "") -> Iterator[Place]:
    """A number that no running machine has, as long as the context lasts; `what` tells users what runs there."""
    for number in range(1, MOST):
        lock = os.open(_lock(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(lock, fcntl.LOCK_EX) or not _is_there(_lock(number), lock):
            os.close(lock)
            continue
        place = _place(number, what)
        place.socket.unlink(missing_ok=True)
        try:
            os.ftruncate(lock, 0)
            os.write(lock, " ".join(what.split()).encode(errors="replace")[:FEW_BYTES])
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
        try:
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # it has just ended
        try:
            if not _locked(lock, fcntl.LOCK_SH):
                yield _place(int(path.stem), os.read(lock, FEW_BYTES).decode(errors="ignore"))
        finally:
            os.close(lock)


def _which(running: list[Place]) -> str:
    return f" ({', '.join(f'{place.number}: {place.what}' for place in running)})" if running else ""


def _lock(number: int) -> Path:
    return folder() / f"{number}.lock"


def _place(number: int, what: str) -> Place:
    return Place(number, folder() / f"{number}.qmp", what)


def _locked(descriptor: int, how: int) -> bool:
    """Lock a file for us; False when somebody has it locked. (Those who only want to know share the lock.)"""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    """Is this still the file of that name? Whoever had it locked may have removed it before we locked it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
