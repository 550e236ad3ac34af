"""DOOM is played on QEMU: title, menu, a level, a walk. What the screen has to show is drawn by the same program under qemu-riscv64."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scarlet.cli import doom, screenshot
from scarlet.cli.errors import UserError
from scarlet.cli.picture import Picture
from tests.doom import oracle
from tests.doom.game import LIMIT_S, ROOT, Game, NotSeen, alike, colours, drawn, status, view, wait_for

pytestmark = pytest.mark.qemu


@pytest.fixture(scope="module")
def title() -> Picture:
    return oracle.picture()


@pytest.fixture(scope="module")
def level() -> Picture:
    return oracle.picture("-warp", "1", "1", "-skill", "3")


def test_the_oracle_draws_pictures(title: Picture, level: Picture) -> None:
    assert colours(title) > 50 and colours(view(level)) > 50
    assert alike(title, level) < 0.2


def is_title(title: Picture) -> Callable[[Picture], bool]:
    return lambda picture: picture == title


def is_level(level: Picture) -> Callable[[Picture], bool]:
    return lambda picture: status(picture) == status(level) and alike(view(picture), view(level)) > 0.8


def is_elsewhere(before: Picture) -> Callable[[Picture], bool]:
    return lambda picture: alike(view(picture), view(before)) < 0.5 and colours(view(picture)) > 50


def test_a_black_and_a_frozen_screen_are_found_out(title: Picture, level: Picture) -> None:
    black = drawn(Picture(1280, 800, bytes(1280 * 800 * 3)))
    for shown, wanted in ((black, is_title(title)), (black, is_level(level)), (black, is_elsewhere(level)), (level, is_elsewhere(level))):
        with pytest.raises(NotSeen):
            wait_for("it", wanted, lambda shown=shown: shown, lambda: False, limit_s=0.05)
    assert wait_for("it", is_title(title), lambda: title, lambda: False, limit_s=0.05) == title


@pytest.fixture(scope="module")
def game() -> Iterator[Game]:
    with Game() as game:
        yield game


def test_the_title_is_shown_pixel_by_pixel(game: Game, title: Picture) -> None:
    game.wait("the title", is_title(title))


def test_the_escape_key_opens_the_menu(game: Game, title: Picture) -> None:
    menu = oracle.picture(typed=oracle.keys(oracle.KEY_ESC)).part(96, 60, 128, 100)
    game.press("esc")
    game.wait("the menu", lambda picture: picture.part(96, 60, 128, 100) == menu)
    assert alike(menu, title.part(96, 60, 128, 100)) < 0.95


def test_a_level_is_played(game: Game, level: Picture) -> None:
    for _choice in ("new game", "episode 1", "the middle skill"):
        game.press("ret")
    start = game.wait("the level", is_level(level))

    game.hold("up")
    moved = game.wait("a walk", is_elsewhere(start))
    game.let_go("up")
    assert status(moved) == status(start), "nobody was hurt and nothing was fired"

    game.hold("right")
    game.wait("a turn", is_elsewhere(moved))
    game.let_go("right")

    game.hold("ctrl")
    game.wait("a shot", lambda picture: status(picture) != status(start))
    game.let_go("ctrl")


def test_what_is_around_the_picture_is_black(game: Game) -> None:
    screen = game.screen()
    scale = min(screen.width // 320, screen.height // 200)
    assert screen.every(scale) == drawn(screen) or screen.pixel(0, 0) == (0, 0, 0)


def test_a_picture_of_the_running_game(game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", game.folder.name)
    game.connection.close()  # QEMU talks to one at a time
    assert screenshot.take(tmp_path / "shot.png", 1) == 0
    data = (tmp_path / "shot.png").read_bytes()
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (1280, 800)
    assert len(data) > 20_000, "a picture with much in it"


def test_a_mistake_ends_the_program() -> None:
    """DOOM says what is wrong and would then wait for ever."""
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--doom", "--headless", "--timeout", str(LIMIT_S), "--", "-warp", "9", "9"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.endswith("W_GetNumForName: E9M9 not found!\n\n")


@pytest.mark.parametrize(("data", "complaint"), [(b"PWAD" + bytes(8), "-- -file /patch.wad"), (b"ELF!", "this is no WAD file")])
def test_levels_that_are_no_game(tmp_path: Path, data: bytes, complaint: str) -> None:
    (tmp_path / "levels.wad").write_bytes(data)
    with pytest.raises(UserError, match=complaint):
        doom.additions(tmp_path / "levels.wad")
