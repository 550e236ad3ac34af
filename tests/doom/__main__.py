"""`python -m tests.doom --png FILE`: plays the beginning of a level on Scarlet and saves what is seen (docs/doom.png)."""

import argparse
import sys
from pathlib import Path

from scarlet.cli.errors import UserError
from scarlet.cli.picture import Picture, png
from tests.doom import oracle
from tests.doom.game import Game, alike, colours, view

FACTOR = 2
"""The picture is this much larger than DOOM's own."""


def magnified(picture: Picture, factor: int) -> Picture:
    """Each pixel as a square of pixels."""
    rows = []
    for y in range(picture.height):
        row = picture.row(y)
        wide = b"".join(row[at : at + 3] * factor for at in range(0, len(row), 3))
        rows.append(wide * factor)
    return Picture(picture.width * factor, picture.height * factor, b"".join(rows))


def play() -> Picture:
    """A few steps into the first level, a shot fired."""
    start = oracle.picture("-warp", "1", "1", "-skill", "3")
    with Game(arguments=("-warp", "1", "1", "-skill", "3")) as game:
        seen = game.wait("the level", lambda picture: alike(view(picture), view(start)) > 0.8)
        game.hold("up")
        seen = game.wait("a walk", lambda picture: alike(view(picture), view(seen)) < 0.3 and colours(view(picture)) > 80)
        game.let_go("up")
        game.hold("ctrl")
        flash = game.wait("the flash of a shot", lambda picture: brightness(picture) > brightness(seen) + 50)
        game.let_go("ctrl")
    return flash


def brightness(picture: Picture) -> int:
    """Of the place where the muzzle flashes: 0 to 255."""
    flash = picture.part(138, 92, 22, 20).pixels
    return sum(flash) // len(flash)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.doom", description=__doc__)
    parser.add_argument("--png", type=Path, required=True, help="where the picture goes")
    options = parser.parse_args()
    try:
        picture = play()
    except (UserError, AssertionError) as error:
        print(f"doom: {error}", file=sys.stderr)
        return 1
    options.png.write_bytes(png(magnified(picture, FACTOR)))
    print(f"{options.png}: {options.png.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
