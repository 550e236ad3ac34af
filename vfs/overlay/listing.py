"""The names of a merged directory in an order that holds (vfs/listed.py): a name gets its cursor when it is first seen and keeps it as long
as it is there, also when it is copied up.
"""

from typing import Final

from objects.inode import Inode, InodeType
from vfs.listed import Listed, position_after
from vfs.overlay.layers import Part, is_whiteout

BATCH: Final = 128
SWEEP_FROM: Final = 32


class ListedName(Listed):
    """One name; `present` is False once it is gone."""

    def __init__(self, name: bytes, cursor: int) -> None:
        super().__init__(name, cursor)
        self.present = True


class Listing:
    """The names, as of the last refresh; `directories` counts those that mean one."""

    def __init__(self) -> None:
        self.names: dict[bytes, ListedName] = {}
        self.directories = 0
        self._order: list[ListedName] = []
        self._last_cursor = 0

    def refresh(self, upper: Inode | None, lowers: list[Part]) -> None:
        """Look at the layers again."""
        types: dict[bytes, InodeType] = {}
        if upper is not None:
            _add(types, upper)
        for part in lowers:
            _add(types, part.inode)
        self.directories = 0
        for listed in self._order:
            if listed.present and types.get(listed.name, InodeType.UNKNOWN) == InodeType.UNKNOWN:
                listed.present = False
                self.names.pop(listed.name)
        for name, type in types.items():
            if type == InodeType.DIRECTORY:
                self.directories += 1
            if type != InodeType.UNKNOWN and name not in self.names:
                self._last_cursor += 1
                listed = ListedName(name, self._last_cursor)
                self.names[name] = listed
                self._order.append(listed)
        if len(self._order) >= SWEEP_FROM and len(self.names) <= len(self._order) // 2:
            self._order = [listed for listed in self._order if listed.present]

    def after(self, cursor: int) -> list[ListedName]:
        """The next names that are there."""
        batch: list[ListedName] = []
        for position in range(position_after(self._order, cursor), len(self._order)):
            listed = self._order[position]
            if listed.present:
                batch.append(listed)
                if len(batch) == BATCH:
                    break
        return batch


def _add(types: dict[bytes, InodeType], directory: Inode) -> None:
    """Add what one layer has to say; the layers above were asked before. A hidden name is UNKNOWN."""
    batch = directory.list(0)
    while len(batch) > 0:
        for entry in batch:
            if entry.name in types:
                continue
            type = entry.type
            if type == InodeType.CHARACTER and is_whiteout(directory.lookup(entry.name)):
                type = InodeType.UNKNOWN
            types[entry.name] = type
        batch = directory.list(batch[-1].cursor)
