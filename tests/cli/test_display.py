"""Where a machine's screen is shown, the numbers of running machines, pictures."""

import fcntl
import zlib
from pathlib import Path

import pytest

from scarlet.cli import display, running
from scarlet.cli.commands import _with_values
from scarlet.cli.display import Choice, Display
from scarlet.cli.errors import UserError
from scarlet.cli.hardware import SLOTS, Hardware
from scarlet.cli.picture import Picture, png, read_ppm


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def refused(choice: Choice) -> str:
    with pytest.raises(UserError) as error:
        display.where(choice)
    return error.value.message


def test_nothing_is_shown_unless_asked_for() -> None:
    assert not Choice().wanted
    assert display.where(Choice(headless=True)) == ("-display", "none")
    assert display.where(Choice(display="none")) == ("-display", "none")
    assert display.where(Choice(needed=True)) == ("-display", "none"), "a screenshot needs no window"


def test_a_window_where_there_is_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "windows", lambda: ["gtk", "sdl"])
    assert "no window" in refused(Choice(display="auto"))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert display.where(Choice(display="auto")) == ("-display", "gtk")
    assert display.where(Choice(needed=True, watched=True)) == ("-display", "gtk")
    assert display.where(Choice(display="sdl")) == ("-display", "sdl")
    monkeypatch.setattr(display, "windows", list)
    assert "qemu-system-gui" in refused(Choice(display="sdl"))


def test_who_is_to_watch_without_a_desktop_gets_vnc() -> None:
    assert display.where(Choice(needed=True, watched=True)) == display.where(Choice(vnc=":auto"))


def test_a_vnc_port_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert display.where(Choice(vnc=":7")) == ("-display", "none", "-vnc", "127.0.0.1:7")
    assert capsys.readouterr().err.endswith("connect a viewer to 127.0.0.1:5907\n")


def test_choices_that_make_no_sense() -> None:
    assert "exclude" in refused(Choice(display="gtk", headless=True))
    assert "one of auto" in refused(Choice(display="x11"))
    for number in ("1", ":x", ":60"):
        assert "--vnc" in refused(Choice(vnc=number))


def test_vnc_may_stand_without_a_number() -> None:
    assert _with_values(["run", "--vnc", ":3", "--", "ls"]) == ["run", "--vnc", ":3", "--", "ls"]
    assert _with_values(["run", "--vnc", "--doom"]) == ["run", "--vnc", ":auto", "--doom"]
    assert _with_values(["run", "--vnc"]) == ["run", "--vnc", ":auto"]
    assert _with_values(["run", "--", "prog", "--vnc"]) == ["run", "--", "prog", "--vnc"]


def test_the_machine_gets_a_screen_and_keys() -> None:
    words = Hardware(display=Display(("-display", "none"), Path("/run/a,b.qmp"))).arguments()
    assert words[words.index("-qmp") + 1] == "unix:/run/a,,b.qmp,server=on,wait=off"
    devices = [word.partition(",")[0] for word in words if word.startswith("virtio-")]
    assert devices[:3] == ["virtio-gpu-device", "virtio-keyboard-device", "virtio-mouse-device"] and len(devices) <= SLOTS
    assert "virtio-gpu-device" not in " ".join(Hardware().arguments())


def test_each_running_machine_has_a_number_of_its_own() -> None:
    assert list(running.machines()) == []
    with running.taken("DOOM") as first, running.taken("sh -c\n" + 40 * "ü") as second:
        assert (first.number, second.number) == (1, 2)
        assert first.socket != second.socket
        assert [place.number for place in running.machines()] == [1, 2]
        assert running.find(2).socket == second.socket
        for number in (None, 3):
            with pytest.raises(UserError, match=r"1: DOOM, 2: sh -c ü{16,17}"):
                running.find(number)
    with running.taken() as again:
        assert again.number == 1 and running.find(None) == again
    with pytest.raises(UserError, match="no machine"):
        running.find(None)


def test_what_a_killed_run_left_behind_is_in_nobodys_way() -> None:
    (running.folder() / "1.lock").touch()
    (running.folder() / "1.qmp").touch()
    with running.taken() as place:
        assert place.number == 1 and not place.socket.exists()


def test_those_who_only_look_are_not_taken_for_machines() -> None:
    with running.taken(), open(running.folder() / "2.lock", "w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert [place.number for place in running.machines()] == [1]


def test_a_number_whose_file_was_removed_meanwhile_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody ends between our opening the file and our locking it."""
    locked = running._locked

    def late(descriptor: int, how: int) -> bool:
        (running.folder() / "1.lock").unlink(missing_ok=True)
        return locked(descriptor, how)

    monkeypatch.setattr(running, "_locked", late)
    with running.taken() as place:
        assert place.number == 2


PIXELS = bytes(range(48))


def test_a_picture_as_qemu_writes_it() -> None:
    picture = read_ppm(b"P6\n4 4\n255\n" + PIXELS)
    assert (picture.width, picture.height, picture.pixel(1, 2)) == (4, 4, (27, 28, 29))
    assert picture.part(1, 1, 2, 2).pixels == PIXELS[15:21] + PIXELS[27:33]
    assert picture.every(2).pixels == PIXELS[0:3] + PIXELS[6:9] + PIXELS[24:27] + PIXELS[30:33]
    for wrong in (b"P5 1 1 255 x", b"P6\n1 1\n255\nxx", b"P6\n4 4\n255\n" + PIXELS + b"x", b"P6\n0 0\n255\nx", b"P6\n1"):
        with pytest.raises(UserError):
            read_ppm(wrong)


def test_rows_that_qemu_fills_up() -> None:
    picture = read_ppm(b"P6\n5 2\n255\n" + bytes(range(15)) + b"\xff" + bytes(range(15, 30)) + b"\xff")
    assert (picture.width, picture.pixels) == (5, bytes(range(30)))


def test_a_picture_whose_first_pixel_looks_like_a_blank() -> None:
    assert read_ppm(b"P6\n1 1\n255\n   ").pixels == b"   "


def test_png_files_hold_the_same_pixels() -> None:
    rows = PIXELS[:12] * 3 + PIXELS[12:24]
    data = png(Picture(4, 4, rows))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20], "big") == 4 and data[24:26] == b"\x08\x02"
    start = data.index(b"IDAT")
    length = int.from_bytes(data[start - 4 : start], "big")
    packed = data[start + 4 : start + 4 + length]
    assert zlib.crc32(b"IDAT" + packed).to_bytes(4, "big") == data[start + 4 + length : start + 8 + length]
    assert unfiltered(zlib.decompress(packed), 12) == rows


def unfiltered(data: bytes, stride: int) -> bytes:
    """What the filters None and Up were applied to."""
    rows = [bytes(stride)]
    for at in range(0, len(data), stride + 1):
        row = data[at + 1 : at + 1 + stride]
        rows.append(row if data[at] == 0 else bytes((now + above) & 255 for now, above in zip(row, rows[-1], strict=True)))
        assert data[at] in (0, 2)
    return b"".join(rows[1:])
