"""What DOOM's screen has to look like: the same program under qemu-riscv64, with plain files for the framebuffer and the keys."""

import os
import struct
import subprocess
import tempfile
from pathlib import Path

from scarlet.cli import doom
from scarlet.cli.picture import Picture

WIDTH, HEIGHT = 320, 200
LIMIT_S = 100
EVENT = struct.Struct("<qqHHi")
KEY_ESC = 1


def keys(*codes: int) -> bytes:
    """Each of these keys pressed and released, as evdev tells it."""
    return b"".join(EVENT.pack(0, 0, 1, code, value) + EVENT.pack(0, 0, 0, 0, 0) for code in codes for value in (1, 0))


def picture(*arguments: str, typed: bytes = b"", after: int = 40) -> Picture:
    """The screen so many pictures after the start, with these options, and these keys pressed at once."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        screen = folder / "screen"
        screen.write_bytes(bytes(WIDTH * HEIGHT * 4))
        (folder / "keys").write_bytes(typed)
        environment = os.environ | {
            "DOOM_FB": str(screen), "DOOM_SIZE": f"{WIDTH}x{HEIGHT}", "DOOM_KEYS": str(folder / "keys"), "HOME": scratch,
        }  # fmt: skip
        command = ["qemu-riscv64", str(doom.build()), "-iwad", str(doom.fetch_wad()), *arguments, "-frames", str(after)]
        subprocess.run(command, env=environment, cwd=scratch, check=True, capture_output=True, timeout=LIMIT_S)
        pixels = screen.read_bytes()
    rgb = bytearray(WIDTH * HEIGHT * 3)
    rgb[0::3], rgb[1::3], rgb[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
    return Picture(WIDTH, HEIGHT, bytes(rgb))
