"""/dev/fb0 and so on: a node for every framebuffer; and /proc/fb, which lists them."""

from typing import Final

from objects import framebuffer as screens
from objects.framebuffer import Framebuffer
from objects.framebufferfile import open_framebuffer
from objects.metadata import InodeType
from vfs.devices import announce
from vfs.procfs import add_file

MAJOR: Final = 29


def start() -> None:
    """Make nodes for every framebuffer there is and will be. They are in devices file systems that are mounted afterwards."""
    screens.on_new(announce_framebuffer)
    add_file(b"fb", listing)


def announce_framebuffer(framebuffer: Framebuffer) -> None:
    """/dev/fbN, (29, N)."""
    number = screens.framebuffers.index(framebuffer)
    announce(
        InodeType.CHARACTER, MAJOR, number, f"fb{number}".encode(), b"fb",
        lambda inode, location, access, status: open_framebuffer(framebuffer, inode, location, status), mode=0o660,
    )  # fmt: skip


def listing() -> bytes:
    """/proc/fb"""
    return b"".join([f"{number} ".encode() + framebuffer.name + b"\n" for number, framebuffer in enumerate(screens.framebuffers)])
