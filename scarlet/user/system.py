"""Names of this system and of what can happen to a program."""

from typing import Final

from scarlet.user import calls

SYSTEM_NAME: Final = 0
HOST_NAME: Final = 1
RELEASE: Final = 2
VERSION: Final = 3
MACHINE: Final = 4

EVENT_NAMES: Final = [
    "", "hup", "int", "quit", "ill", "trap", "abrt", "bus", "fpe", "kill", "usr1", "segv", "usr2", "pipe", "alrm", "term", "", "chld",
    "cont", "stop", "tstp", "ttin", "ttou", "", "xcpu", "xfsz", "", "", "winch",
]  # fmt: skip
"""By number; the short names that kill has everywhere."""


def names() -> list[str]:
    """The system, this machine's name, release, version, architecture."""
    buffer = bytearray(512)
    size = calls.system_names(buffer)
    return [name.decode(errors="replace") for name in bytes(memoryview(buffer)[:size]).split(b"\0")[:-1]]


def abis() -> list[str]:
    """The systems whose programs run here, in the order in which they are asked."""
    buffer = bytearray(4096)
    size = calls.system_abis(buffer)
    return [name.decode(errors="replace") for name in bytes(memoryview(buffer)[:size]).split(b"\0")[:-1]]


def event_number(text: str) -> int:
    """An event by its number or name (`9`, `KILL`, `SIGKILL`, `kill`); 0 when there is none."""
    if text.isdigit():
        number = int(text) if len(text) < 4 else 0
        return number if number < 65 else 0
    name = text.lower()
    if name.startswith("sig"):
        name = name[3:]
    for number in range(1, len(EVENT_NAMES)):
        if EVENT_NAMES[number] == name and len(name) > 0:
            return number
    return 0


def event_name(number: int) -> str:
    """The short name of an event, its number when it has none."""
    return EVENT_NAMES[number] if 0 < number < len(EVENT_NAMES) and len(EVENT_NAMES[number]) > 0 else str(number)
