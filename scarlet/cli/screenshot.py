"""`scarlet screenshot`: a picture of a running machine's screen."""

import signal
from pathlib import Path

from scarlet.cli import qmp, running
from scarlet.cli.errors import Status, UserError
from scarlet.cli.paths import write_atomically
from scarlet.cli.picture import Picture, png


def take(file: Path, machine: int | None) -> int:
    """Save what a running machine shows."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # the machine may end while it is asked
    check(file)
    place = running.find(machine)
    try:
        with qmp.Connection(place.socket) as connection:
            picture = connection.screen()
    except ConnectionError:
        raise UserError("the machine has just ended") from None
    save(file, picture)
    return 0


def check(file: Path) -> None:
    """UserError, before anything is done, when the picture could not be saved there."""
    if file.suffix.lower() != ".png":
        raise UserError(f"{file}: pictures are saved as PNG, so the name ends in .png", Status.USAGE)
    if not file.absolute().parent.is_dir():
        raise UserError(f"{file}: there is no folder {file.parent}", Status.USAGE)
    if file.is_dir():
        raise UserError(f"{file}: this is a folder", Status.USAGE)


def save(file: Path, picture: Picture) -> None:
    """Write it as a PNG file. UserError when that fails."""
    try:
        write_atomically(file.absolute(), png(picture))
    except OSError as error:
        raise UserError(f"{file}: {(error.strerror or 'cannot be written').lower()}") from None
