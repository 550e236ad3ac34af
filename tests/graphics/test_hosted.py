"""Real programs and the hosted machine's screen: a framebuffer that is mapped and drawn on, text on a terminal, somebody who types."""

from collections.abc import Callable
from io import BytesIO

import pytest

from scarlet.cli import framing, linking, plugins, run
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
        return bool(self.ready)


def boot(command: list[str], steps: list[Step], devices: list[Model], *, add: list[str] | None = None, screen: bool = False) -> bytes:
    """What a program writes to standard output, on a machine with these devices."""
    output, log = BytesIO(), BytesIO()
    options = run.Options(command=command, add=add or [], terminal=False)
    image = run.prepare(options)
    if screen:
        image = image.replace(b"mode=pipe\0", b"mode=screen\0").replace(b"rows=0\0", b"rows=\0")
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
