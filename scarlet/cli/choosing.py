"""The hardware that the options of a run ask for."""

from pathlib import Path
from typing import TYPE_CHECKING

from scarlet.cli import console, diskimage, display, network, units
from scarlet.cli.errors import Status, UserError
from scarlet.cli.hardware import Hardware

if TYPE_CHECKING:
    from scarlet.cli.run import Options
    from scarlet.cli.running import Place

READ_ONLY = ":ro"


def chosen(options: "Options", place: "Place | None" = None, sizes: int | None = None) -> Hardware:
    """What the options add to the machine. The disk is made when it is not there yet. `place`: the number of a machine with a display;
    `sizes`: what tells how large its terminal's window is."""
    disks: list[diskimage.DiskImage] = []
    _check_disks(options)
    if options.disk is not None:
        disks.append(_home_disk(options.disk))
    for drive in options.drives:
        path = Path(drive.removesuffix(READ_ONLY))
        disks.append(diskimage.open_image(path, read_only=drive.endswith(READ_ONLY)))
    screen: display.Display | None = None
    if options.hosted and options.screen.wanted:
        screen = display.Display()
    elif place is not None:
        screen = display.Display(display.where(options.screen), place.socket)
    card = network.chosen(options.net, options.forward, hosted=options.hosted)
    streams = not options.on_terminal and not options.on_screen
    return Hardware(tuple(disks), home=options.disk is not None, display=screen, network=card, streams=streams, window=sizes)


def _check_disks(options: "Options") -> None:
    """UserError before an image is opened, and locked, twice."""
    seen: set[Path] = set()
    written = [drive for drive in options.drives if not drive.endswith(READ_ONLY)]
    for name in written if options.disk is None else [str(options.disk), *written]:
        path = Path(name).resolve()
        if path in seen:
            raise UserError(f"{name} is given twice; one disk can be written only as one", Status.USAGE)
        seen.add(path)


def _home_disk(path: Path) -> diskimage.DiskImage:
    if not path.exists() or path.is_file() and path.stat().st_size == 0:
        console.say(f"scarlet: {path} is new: {units.in_words(diskimage.USUAL_SIZE)}, {diskimage.USUAL_KIND.value}")
        diskimage.create(path)
    disk = diskimage.open_image(path)
    diskimage.require_usable(disk)
    return disk
