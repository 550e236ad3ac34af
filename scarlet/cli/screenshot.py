"""Pictures of the screen: of a running machine (`scarlet screenshot`), and the last one of a run (`scarlet run --screenshot`)."""

import threading
from pathlib import Path

from scarlet.cli import console, qmp, running
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import write_atomically
from scarlet.cli.picture import Picture, png

EVERY_S = 0.25


def take(file: Path, machine: int | None) -> int:
    """Save what a running machine shows."""
    _check(file)
    place = running.find(machine)
    try:
        with qmp.Connection(place.socket) as connection:
            picture = connection.screen()
    except ConnectionError:
        raise UserError("the machine has just ended") from None
    _save(file, picture)
    return 0


def _check(file: Path) -> None:
    if file.suffix.lower() != ".png":
        raise UserError(f"{file}: pictures are saved as PNG, so the name ends in .png", Status.USAGE)
    if not file.absolute().parent.is_dir():
        raise UserError(f"{file}: there is no folder {file.parent}", Status.USAGE)


def _save(file: Path, picture: Picture) -> None:
    write_atomically(file.absolute(), png(picture))


class LastPicture:
    """Follows a machine and keeps its screen in mind, so that the last one can be saved however the run ends.

    A run that is stopped from here (--timeout, Ctrl-C, Ctrl-A X) is asked for its screen first. A machine that switches itself off takes
    QEMU with it at once: there the picture is one of its last quarter of a second.
    """

    def __init__(self, file: Path, socket: Path) -> None:
        _check(file)
        self.file = file
        self.socket = socket
        self._picture: Picture | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """The machine is about to be switched off, or has gone: the last picture is taken and saved."""
        if self._ending.is_set():
            return
        self._ending.set()
        self._thread.join()
        if self._picture is None:
            console.warn(f"{self.file} was not written: the machine ended before its screen could be read")
            return
        _save(self.file, self._picture)

    def _follow(self) -> None:
        try:
            with qmp.Connection(self.socket) as connection:
                ending = False
                while not ending:
                    ending = self._ending.wait(EVERY_S)
                    self._picture = connection.screen()
        except (UserError, OSError):
            return  # the machine is gone
