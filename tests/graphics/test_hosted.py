"""Real programs and the hosted machine's screen: a framebuffer that is mapped and drawn on, text on a terminal, somebody who types."""

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from objects.keycodes import Key
from objects.keymap import ROWS
from scarlet.cli import framing, linking, plugins, run
from scarlet.cli.display import Choice
from scarlet.cli.paths import ROOT
from scarlet.cli.picture import Picture, png
from scarlet.machine.hosted.devices.gpu import Gpu
from scarlet.machine.hosted.devices.input import keyboard
from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.run import Machine, fresh_kernel
from tests import programs
from tests.graphics import glyphs

pytestmark = pytest.mark.hosted
Step = Callable[[], bytes]


class Steps:
    """The host's side of standard input: each time the machine idles for want of it, the next step looks at the machine and answers."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.ready = b""

    def take(self, limit: int) -> bytes:
        out, self.ready = self.ready[:limit], self.ready[limit:]
        return out

    def wait(self, timeout_ns: int | None) -> bool:
        if not self.ready and self.steps:
            self.ready = self.steps.pop(0)()
            return True
        return bool(self.ready)


def boot(command: list[str], steps: list[Step], devices: list[Model], *, add: list[str] | None = None, log: BytesIO | None = None) -> bytes:
    """What a program writes to standard output, on a machine with these devices; without a program, a shell runs on the screen."""
    output, log = BytesIO(), log if log is not None else BytesIO()
    options = run.Options(command=command, add=add or [], terminal=False, screen=Choice(headless=not command), environment=["PS1=> "])
    image = run.prepare(options)
    machine = Machine(64 << 20, initrd=image, command_line=b"loglevel=error", stdin=Steps(steps), stdout=output, log=log, devices=devices)
    modules = plugins.linked()
    with fresh_kernel(linking.packages(modules)):
        linking.import_linked(modules)
        from scarlet import boot as kernel

        status = machine.run(kernel.main)
    assert status == 0, (status, output.getvalue(), log.getvalue())
    return output.getvalue().partition(framing.PROGRAM_STARTS)[2]


def test_a_program_draws_through_a_mapping_and_dies() -> None:
    """Each picture is on the screen by the time the machine idles, though nobody said that anything was drawn; and only what was drawn is
    transferred again."""
    gpu = Gpu(320, 200)

    def everything() -> bytes:
        assert gpu.pixel(0, 0) == 1
        assert gpu.pixel(200, 150) == 200 << 16 | 150 << 8 | 1
        assert gpu.pixel(319, 199) == (319 & 255) << 16 | 199 << 8 | 1
        gpu.transfers.clear()
        return b"\n"

    def a_row() -> bytes:
        assert [gpu.pixel(7, y) & 0xFF for y in (99, 100, 101)] == [1, 2, 1]
        assert [(y, height) for _x, y, _width, height in gpu.transfers] == [(99, 4)], "the pages that hold the row"
        gpu.transfers.clear()
        return b"\n"

    def a_column() -> bytes:
        assert [gpu.pixel(0, y) for y in (0, 57, 100, 199)] == [3] * 4
        assert gpu.pixel(1, 100) == 2
        return b"\n"

    def text_again() -> bytes:
        assert glyphs.line(gpu.pixel, 0, 40) == "before"
        assert glyphs.line(gpu.pixel, 1, 40) == "after"
        assert gpu.pixel(200, 150) == 0
        return framing.END_OF_INPUT

    script = "echo before >/dev/tty1; painter; echo after >/dev/tty1; cat"
    add = [f"{programs.build('painter')}:/bin/painter"]
    assert boot(["sh", "-c", script], [everything, a_row, a_column, text_again], [gpu], add=add) == b"all\na row\na column\n"


def test_pictures_are_files() -> None:
    gpu = Gpu(320, 200)

    def drawn() -> bytes:
        assert [gpu.pixel(x, 0) for x in (0, 9, 10)] == [0x616161, 0x616161, 0]
        assert gpu.pixel(0, 100) == 0x626262
        return framing.END_OF_INPUT

    script = """
        echo -ne '\\033[2J\\033[?25l' >/dev/tty1
        printf %40s | tr ' ' a >/dev/fb0
        printf %4s | tr ' ' b | dd of=/dev/fb0 bs=1280 seek=100 2>/dev/null
        head -c 8 /dev/fb0; wc -c </dev/fb0; cat /proc/fb; ls -l /dev/fb0 | cut -c1-10
        dd if=/dev/zero of=/dev/fb0 bs=256001 count=1 2>&1 | head -n 1
        printf %4s | tr ' ' b | dd of=/dev/fb0 bs=1280 seek=100 2>/dev/null
        printf %40s | tr ' ' a >/dev/fb0
        cat
    """
    output = boot(["sh", "-c", script], [drawn], [gpu]).decode().splitlines()
    assert output == ["aaaaaaaa256000", "0 virtio-gpu0", "crw-rw----", "dd: error writing '/dev/fb0': No space left on device"]


def keys_of(text: str) -> list[tuple[int, ...]]:
    """What to press for a text."""
    out: list[tuple[int, ...]] = []
    for character in text:
        code = 13 if character == "\n" else ord(character)
        plain = {row.plain: key for key, row in ROWS.items()} | {13: int(Key.ENTER)}
        shifted = {row.shifted: key for key, row in ROWS.items()}
        out.append((plain[code],) if code in plain else (int(Key.LEFT_SHIFT), shifted[code]))
    return out


def test_a_shell_on_the_screen() -> None:
    gpu, keys = Gpu(480, 320), keyboard()

    def typed(text: str, seen: list[str]) -> Step:
        def step() -> bytes:
            assert [line for line in glyphs.text(gpu.pixel, gpu.size) if line and "usyBox" not in line and "'help'" not in line] == seen
            for press in keys_of(text):
                keys.press(*press)
            return b""

        return step

    def interrupt() -> bytes:
        keys.press(int(Key.LEFT_CTRL), int(Key.C))
        return b""

    first = ["> tty;stty size", "/dev/console", "20 60"]
    steps = [
        typed("tty;stty ", [">"]),
        typed("size\n", ["> tty;stty"]),
        typed("cat\n", [*first, ">"]),
        typed("Again\n", [*first, "> cat"]),
        interrupt,
        typed("clear;\n", [*first, "> cat", "Again", "Again", "^C", ">"]),
        typed("exit 0\n", [">"]),
    ]
    assert boot([], steps, [gpu, keys]) == b""
    assert not steps


def test_a_screen_that_is_not_there() -> None:
    log = BytesIO()
    output = boot([], [lambda: b"echo $((6*7)); exit\r"], [], log=log)
    assert b"\r\n42\r\n" in output
    assert b"there is no screen" in log.getvalue()


def test_another_terminal_is_shown() -> None:
    gpu = Gpu(320, 200)

    def second() -> bytes:
        assert glyphs.text(gpu.pixel, gpu.size)[:2] == ["second", "zero"]
        return framing.END_OF_INPUT

    script = """
        echo first >/dev/tty1; echo second >/dev/tty2; chvt 2; echo zero >/dev/tty0; chvt 9 2>&1; deallocvt 3; deallocvt 2 2>&1
        stty -F /dev/tty3 size; cat
    """
    output = boot(["sh", "-c", script], [second], [gpu]).decode().splitlines()
    assert output == [
        "chvt: VT_ACTIVATE: No such device or address", "deallocvt: VT_DISALLOCATE: Device or resource busy", "12 40"
    ]  # fmt: skip


def test_the_last_picture_of_a_run(tmp_path: Path) -> None:
    """As with QEMU (tests/qemu/test_screenshot.py)."""
    script = "exec 3>/dev/fb0; head -c 1024000 /dev/zero | tr '\\0' U >&3; exit 3"
    file = tmp_path / "last.png"
    command = [sys.executable, "-m", "scarlet.cli.main", "run", "--hosted", "--screenshot", str(file), "--", "sh", "-c", script]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (3, b"")
    assert file.read_bytes() == png(Picture(640, 400, b"U" * 640 * 400 * 3))
