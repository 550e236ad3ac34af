"""Everything that an exec may change of a task, to be compared: every attribute of its process and of the parts of it, registers, page
tables, handles, uses of mounts and files, and the free frames.

Attributes are taken generically, so one that is added later is compared as well.
"""

import enum
from collections.abc import Iterator

from objects.inode import Inode
from objects.task import Task
from scarlet.kernel.memory import frames

ACCOUNTS = {"minor_faults", "major_faults", "voluntary_switches", "involuntary_switches"}
"""What is spent is spent."""


class Same:
    """Equal only to itself: an object that must still be the same one."""

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __repr__(self) -> str:
        return f"<{type(self.thing).__name__}>"


def value_of(thing: object) -> object:
    """A value that can be kept and compared."""
    if thing is None or isinstance(thing, int | bytes | str | enum.Enum):
        return thing
    if isinstance(thing, bytearray):
        return bytes(thing)
    if isinstance(thing, list | tuple):
        return [Same(thing), *(value_of(item) for item in thing)]
    if isinstance(thing, dict):
        return [(value_of(key), value_of(item)) for key, item in thing.items()]
    return Same(thing)


def attributes(name: str, thing: object) -> Iterator[tuple[str, object]]:
    yield name, Same(thing)
    for attribute, value in vars(thing).items():
        if attribute not in ACCOUNTS:
            yield f"{name}.{attribute}", value_of(value)


def snapshot(task: Task, files: list[Inode]) -> dict[str, object]:
    """All of it, by name; `files` are those that the exec reads."""
    process = task.process
    view = process.view
    found: dict[str, object] = {}
    for name, part in (
        ("task", task), ("process", process), ("space", process.space), ("view", view), ("handles", process.handles),
        ("actions", process.actions), ("credentials", process.credentials), ("limits", process.limits), ("abi", process.abi),
        ("alternate stack", task.alternate_stack), ("pending", process.pending), ("own pending", task.pending),
    ):  # fmt: skip
        found.update(attributes(name, part))
    for slot in process.handles.slots():
        found.update(attributes(f"handle {slot}", process.handles.handle(slot)))
    for mount in view.mounts.mounts:
        found.update(attributes(f"mount {mount.identity}", mount))
    for number, inode in enumerate(files):
        found.update(attributes(f"file {number}", inode))
    for area in process.space.areas.items:
        found.update(attributes(f"area {area.start:x}", area))
        for address in range(area.start, area.end, 4096):
            found[f"page {address:x}"] = process.space.table.lookup(address)
    found["registers"] = [int(task.frame.get(number)) for number in range(1, 32)] + [int(task.frame.pc)]
    found["float registers"] = bytes(task.float_registers())
    found["free frames"] = frames.free_frames()
    return found


def differences(before: dict[str, object], after: dict[str, object]) -> dict[str, tuple[object, object]]:
    """What is not as it was."""
    names = before.keys() | after.keys()
    return {name: (before.get(name), after.get(name)) for name in sorted(names) if before.get(name) != after.get(name)}
