"""/dev/input: an event file for every input device; and /proc/bus/input/devices, which lists them. (proc(5))"""

from typing import Final

from objects import input as inputs
from objects.input import InputDevice
from objects.inputcodes import EventType
from objects.inputfile import open_events
from objects.keyboard import keyboard
from objects.metadata import InodeType
from vfs.devices import announce
from vfs.procfs import add_file

MAJOR: Final = 13
FIRST_EVENT: Final = 64
"""The minor number of event0."""
SHOWN_TYPES: Final[list[tuple[EventType, bytes]]] = [
    (EventType.KEY, b"KEY"), (EventType.REL, b"REL"), (EventType.ABS, b"ABS"), (EventType.MSC, b"MSC"), (EventType.LED, b"LED"),
    (EventType.SND, b"SND"), (EventType.FF, b"FF"), (EventType.SW, b"SW"),
]  # fmt: skip


def start() -> None:
    """Make nodes for every input device there is and will be. They are in devices file systems that are mounted afterwards."""
    inputs.on_new(announce_events)
    add_file(b"bus/input/devices", listing)


def announce_events(device: InputDevice) -> None:
    """/dev/input/eventN, (13, 64 + N)."""
    announce(
        InodeType.CHARACTER, MAJOR, FIRST_EVENT + device.number, f"input/event{device.number}".encode(), b"input",
        lambda inode, location, access, status: open_events(device, inode, location, status), mode=0o660,
    )  # fmt: skip


def listing() -> bytes:
    """/proc/bus/input/devices"""
    return b"".join([_description(device) for device in inputs.devices() if not device.gone])


def _description(device: InputDevice) -> bytes:
    identity = device.identity
    typing = any(handler is keyboard for handler in device.handlers())
    lines = [
        f"I: Bus={identity.bus:04x} Vendor={identity.vendor:04x} Product={identity.product:04x} Version={identity.version:04x}".encode(),
        b'N: Name="' + device.name + b'"',
        b"P: Phys=" + device.location,
        b"S: Sysfs=",
        b"U: Uniq=" + device.serial,
        b"H: Handlers=" + (b"kbd " if typing else b"") + f"event{device.number} ".encode(),
        b"B: PROP=" + device.properties.text(),
        b"B: EV=" + device.types.text(),
    ]
    for type, name in SHOWN_TYPES:
        codes = device.codes.get(type)
        if codes is not None:
            lines.append(b"B: " + name + b"=" + codes.text())
    return b"\n".join(lines) + b"\n\n"
