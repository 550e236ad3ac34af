"""Where the machine's screen is shown: in a window of QEMU's, over VNC, or nowhere; and which devices that takes."""

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.errors import Status, UserError

WINDOWS = ("gtk", "sdl")
CHOICES = ("auto", *WINDOWS, "none")
DEVICES = ("virtio-gpu-device", "virtio-keyboard-device", "virtio-mouse-device")
VNC_PORT = 5900
ANY_VNC = ":auto"


@dataclass(frozen=True)
class Display:
    """A screen, a keyboard, a mouse. `shown` are QEMU's words for where; `socket` is that of the machine protocol."""

    shown: tuple[str, ...] = ("-display", "none")
    socket: Path | None = None

    def arguments(self) -> list[str]:
        words = list(self.shown)
        if self.socket is not None:
            words += ["-qmp", f"unix:{str(self.socket).replace(',', ',,')},server=on,wait=off"]
        return words


@dataclass(frozen=True)
class Choice:
    """What the user said: --display, --vnc, --headless; and whether something needs a screen, wherever it is shown."""

    display: str | None = None
    vnc: str | None = None
    headless: bool = False
    needed: bool = False
    """DOOM and --screenshot are nothing without one."""
    watched: bool = False
    """Somebody is to see it: DOOM."""

    @property
    def wanted(self) -> bool:
        return self.display is not None or self.vnc is not None or self.headless or self.needed


def where(choice: Choice) -> tuple[str, ...]:
    """QEMU's words for where the screen is shown. UserError when it cannot be shown there."""
    said = sum((choice.display is not None, choice.vnc is not None, choice.headless))
    if said > 1:
        raise UserError("--display, --vnc and --headless exclude one another", Status.USAGE)
    if choice.vnc is not None:
        return vnc(choice.vnc)
    if choice.headless or choice.display == "none" or said == 0 and not choice.watched:
        return "-display", "none"
    kind = choice.display or "auto"
    if kind not in CHOICES:
        raise UserError(f"--display {kind}: one of {', '.join(CHOICES)}", Status.USAGE)
    if kind != "auto":
        if kind not in windows():
            raise UserError(f"this QEMU has no {kind} windows (Debian's package qemu-system-gui adds them); --vnc shows the screen too")
        return "-display", kind
    if _has_desktop() and (kinds := windows()):
        return "-display", kinds[0]
    if choice.display == "auto" and not choice.watched:
        raise UserError("no window can be opened here (no desktop, or a QEMU without windows); use --vnc or --headless")
    return vnc(ANY_VNC)


def vnc(number: str) -> tuple[str, ...]:
    """A VNC server on this machine only: `:1` is port 5901."""
    if number == ANY_VNC:
        number = f":{_free_vnc()}"
    if not number.startswith(":") or not number[1:].isdecimal() or int(number[1:]) > 59:
        raise UserError(f"--vnc {number}: write --vnc :N, N from 0 to 59, or only --vnc", Status.USAGE)
    console.say(f"scarlet: the screen is shown by VNC: connect a viewer to 127.0.0.1:{VNC_PORT + int(number[1:])}")
    return "-display", "none", "-vnc", f"127.0.0.1{number}"


def _free_vnc() -> int:
    """The first number whose port nobody uses."""
    for number in range(60):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", VNC_PORT + number))
                return number
            except OSError:
                continue
    raise UserError("all VNC ports from 5900 to 5959 are in use")


def _has_desktop() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def windows() -> list[str]:
    """The kinds of windows that this QEMU can open, the best first."""
    from scarlet.cli import qemu  # which imports this module

    done = subprocess.run([qemu.find(), "-display", "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return [kind for kind in WINDOWS if kind in done.stdout.split()]
