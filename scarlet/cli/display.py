"""Where the machine's screen is shown: in a window of QEMU's, over VNC, or nowhere; and which devices that takes."""

import contextlib
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.errors import Status, UserError

WINDOWS = ("gtk", "sdl")
CHOICES = ("auto", *WINDOWS, "none")
DEVICES = ("virtio-gpu-device", "virtio-keyboard-device", "virtio-mouse-device")
VNC_PORT = 5900
LAST_VNC = 59
ANY_VNC = ":auto"
FREE_VNC = f"127.0.0.1:0,to={LAST_VNC}"
"""QEMU's words for the first number whose port nobody uses."""


@dataclass(frozen=True)
class Display:
    """A screen, a keyboard, a mouse. `shown` are QEMU's words for where; `socket` is that of the machine protocol."""

    shown: tuple[str, ...] = ("-display", "none")
    socket: Path | None = None

    @property
    def in_window(self) -> bool:
        """It is QEMU's own, and ends with it."""
        return self.shown[1] in WINDOWS

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
        if kind == "gtk" and not _has_desktop():
            raise UserError("no gtk window can be opened here: there is no desktop (DISPLAY, WAYLAND_DISPLAY); use --vnc or --headless")
        return "-display", kind
    if _has_desktop() and (kinds := windows()):
        return "-display", kinds[0]
    if choice.display == "auto" and not choice.watched:
        raise UserError("no window can be opened here (no desktop, or a QEMU without windows); use --vnc or --headless")
    return vnc(ANY_VNC)


def vnc(number: str) -> tuple[str, ...]:
    """A VNC server on this machine only: `:1` is port 5901; with `:auto` QEMU takes the first that nobody uses, and announce() says it."""
    if number == ANY_VNC:
        return "-display", "none", "-vnc", FREE_VNC
    if not number.startswith(":") or not number[1:].isdecimal() or int(number[1:]) > LAST_VNC:
        raise UserError(f"--vnc {number}: write --vnc :N, N from 0 to {LAST_VNC}, or only --vnc", Status.USAGE)
    _say_port(VNC_PORT + int(number[1:]))
    return "-display", "none", "-vnc", f"127.0.0.1{number}"


def announce(shown: Display) -> None:
    """The machine has been started: say where its screen is to be seen, as soon as it can be asked."""
    if shown.socket is not None and FREE_VNC in shown.shown:
        threading.Thread(target=_ask_port, args=(shown.socket,), daemon=True).start()


def _ask_port(machine: Path) -> None:
    from scarlet.cli import qmp

    with contextlib.suppress(UserError, OSError):  # it has not started, or has ended: others say so
        with qmp.Connection(machine) as connection:
            _say_port(connection.execute("query-vnc")["service"])


def _say_port(port: int | str) -> None:
    console.say(f"scarlet: the screen is shown by VNC: connect a viewer to 127.0.0.1:{port}")


def _has_desktop() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def windows() -> list[str]:
    """The kinds of windows that this QEMU can open, the best first."""
    from scarlet.cli import qemu  # which imports this module

    done = subprocess.run([qemu.find(), "-display", "help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return [kind for kind in WINDOWS if kind in done.stdout.split()]
