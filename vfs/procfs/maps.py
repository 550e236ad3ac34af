"""/proc/<pid>/maps: the areas of an address space. (proc_pid_maps(5))

The file of a mapping is shown under the path that leads to it now, with " (deleted)" behind it when none does any more.
"""

from typing import Final

from objects.file import InodePager
from objects.metadata import device_major, device_minor
from objects.process import Process
from objects.task import current_task
from scarlet.kernel.memory.area import Area, Protection
from scarlet.kernel.memory.shared import SharedPages
from vfs.paths import path_of

PATH_COLUMN: Final = 73
PAGE_SHIFT: Final = 12


def maps(process: Process) -> bytes:
    """One line an area, also when a name has a newline in it; nothing for a process that has ended."""
    if process.zombie:
        return b""
    lines: list[bytes] = [_line(area) for area in process.space.areas.items]
    return b"".join(lines)


def _line(area: Area) -> bytes:
    device = 0
    number = 0
    offset = 0
    name = area.name
    pager = area.pager
    if isinstance(pager, InodePager):
        device = pager.inode.filesystem.device
        number = pager.inode.number
        offset = area.page_offset << PAGE_SHIFT
        if pager.place is not None:
            name = path_of(pager.place, current_task().view.root)
    elif isinstance(pager, SharedPages):
        name = b"/dev/zero (deleted)"  # what shared memory without a file is made of, as its readers know it
    place = f"{device_major(device):02x}:{device_minor(device):02x} {number}"
    text = f"{area.start:08x}-{area.end:08x} {_protection(area)} {offset:08x} {place}".encode()
    if len(name) == 0:
        return text + b" \n"
    return text.ljust(PATH_COLUMN) + name.replace(b"\n", b"\\012") + b"\n"


def _protection(area: Area) -> str:
    read = "r" if area.protection & Protection.READ else "-"
    write = "w" if area.protection & Protection.WRITE else "-"
    execute = "x" if area.protection & Protection.EXEC else "-"
    return read + write + execute + ("s" if area.shared else "p")
