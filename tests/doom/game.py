"""A game on a machine of its own without a window: what its screen shows, and the keys of its keyboard."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from scarlet.cli import qmp
from scarlet.cli.picture import Picture
from tests.doom import oracle

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = float(os.environ.get("SCARLET_TEST_LIMIT", "120"))
"""For a machine that hangs; nothing is concluded from it."""


class NotSeen(AssertionError):
    """What was waited for did not come."""


class Game:
    """`scarlet run --doom --headless`, and its screen as DOOM drew it, 320 x 200."""

    def __init__(self, *options: str, arguments: tuple[str, ...] = ()) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="scarlet-doom-")
        environment = os.environ | {"XDG_RUNTIME_DIR": self.folder.name}
        command = [sys.executable, "-m", "scarlet.cli.main", "run", "--doom", "--headless", "--timeout", str(LIMIT_S * 3), *options]
        self.process = subprocess.Popen(
            [*command, "--", *arguments], cwd=ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            self.connection = qmp.Connection(Path(self.folder.name) / "scarlet" / "1.qmp", limit_s=LIMIT_S)
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> "Game":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()
        self.end()

    def end(self) -> str:
        """Stop the machine as Ctrl-C does; what it said."""
        self.process.send_signal(signal.SIGINT)
        said, _none = self.process.communicate(timeout=LIMIT_S)
        self.folder.cleanup()
        return said

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def screen(self) -> Picture:
        """The whole screen."""
        return self.connection.screen()

    def picture(self) -> Picture:
        """What DOOM drew: the middle of the screen, made small again."""
        return drawn(self.screen())

    def press(self, *keys: str) -> None:
        self.connection.press(*keys)

    def hold(self, key: str) -> None:
        self.connection.key(key, down=True)

    def let_go(self, key: str) -> None:
        self.connection.key(key, down=False)

    def wait(self, what: str, seen: Callable[[Picture], bool]) -> Picture:
        """The first picture of which that is true. NotSeen when there is none."""
        return wait_for(what, seen, self.picture, lambda: self.ended)


def wait_for(
    what: str, seen: Callable[[Picture], bool], look: Callable[[], Picture], ended: Callable[[], bool], limit_s: float = LIMIT_S
) -> Picture:  # fmt: skip
    """Look until it is seen, the machine has ended, or hope is lost."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline and not ended():
        picture = look()
        if seen(picture):
            return picture
        time.sleep(0.02)  # between two looks
    raise NotSeen(f"{what} was not seen" + (": the machine has ended" if ended() else ""))


def drawn(screen: Picture) -> Picture:
    """A screen without what is around DOOM's picture, and that without its magnification."""
    scale = min(screen.width // oracle.WIDTH, screen.height // oracle.HEIGHT)
    width, height = oracle.WIDTH * scale, oracle.HEIGHT * scale
    if scale == 0:
        return Picture(oracle.WIDTH, oracle.HEIGHT, bytes(oracle.WIDTH * oracle.HEIGHT * 3))
    return screen.part((screen.width - width) // 2, (screen.height - height) // 2, width, height).every(scale)


def alike(left: Picture, right: Picture) -> float:
    """The share of pixels that are the same, 0 to 1."""
    same = sum(left.pixels[at : at + 3] == right.pixels[at : at + 3] for at in range(0, len(left.pixels), 3))
    return same / (left.width * left.height)


def view(picture: Picture) -> Picture:
    """What the player sees."""
    return picture.part(0, 0, oracle.WIDTH, 168)


def status(picture: Picture) -> Picture:
    """The left of the status bar: ammunition and health."""
    return picture.part(0, 168, 104, 32)


def colours(picture: Picture) -> int:
    """How many there are: a picture has many, a blank screen one."""
    return len({picture.pixels[at : at + 3] for at in range(0, len(picture.pixels), 3)})
