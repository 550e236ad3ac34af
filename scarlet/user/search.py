"""Finding the program that a name means: along PATH, as every shell does, whatever system the program is of."""

from typing import Final

from abi_modules.native.interface import FileKind
from scarlet.user.errors import StatusError
from scarlet.user.files import metadata
from scarlet.user.paths import join

USUAL_PATH: Final = (
    b"/bin:/sbin:/usr/bin:/usr/sbin:/scarlet/system/linux-riscv64/bin:/scarlet/system/scarlet/bin:/scarlet/system/xv6-riscv64"
)
"""When there is no PATH."""


def find_program(name: bytes, path: bytes) -> bytes | None:
    """Where the program lies; None when PATH does not lead to it. A name with a slash is a path already."""
    if b"/" in name:
        return name
    for folder in path.split(b":"):
        candidate = join(folder if len(folder) > 0 else b".", name)
        if is_program(candidate):
            return candidate
    return None


def is_program(path: bytes) -> bool:
    """Whether there is a file that may be executed."""
    try:
        about = metadata(path)
    except StatusError:
        return False
    return about.kind == FileKind.REGULAR and int(about.mode) & 0o111 != 0
