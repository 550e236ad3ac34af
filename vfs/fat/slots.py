"""The entries of a directory as they stand in its slots: pieces of a long name, then the short entry with everything about the file.

Sources: FAT32 File System Specification 1.03, "FAT Directory Structure", "FAT Long Directory Entries".
"""

from typing import Final

from scarlet.lang import u8, u16
from vfs.fat import names, timestamps
from vfs.fat.layout import (
    DIRECTORY,
    END_OF_SLOTS,
    FREE_SLOT,
    LAST_PIECE,
    LONG_NAME,
    SLOT_SIZE,
    UNITS_PER_PIECE,
    VOLUME,
    LongSlot,
    Slot,
)  # fmt: skip
from vfs.utf16 import from_units

PADDING: Final = 0xFFFF
ATTRIBUTES_OFFSET: Final = 11
MOST_PIECES: Final = 20


class Entry:
    """A name, where its slots are in the directory, and what the last of them says of the file."""

    def __init__(self, name: bytes, slot: Slot) -> None:
        self.name = name
        self.slot = slot
        self.first = 0
        """The index of its first slot."""
        self.count = 1
        """Slots, the short entry included, which is the last."""

    @property
    def short_index(self) -> int:
        """The slot of the short entry."""
        return self.first + self.count - 1

    @property
    def is_directory(self) -> bool:
        return self.slot.attributes & DIRECTORY != 0

    @property
    def cluster(self) -> int:
        """Where its chain begins; 0 for an empty file."""
        return int(self.slot.cluster_high) << 16 | int(self.slot.cluster_low)

    def set_cluster(self, cluster: int) -> None:
        self.slot.cluster_high = u16(cluster >> 16)
        self.slot.cluster_low = u16(cluster & 0xFFFF)

    @property
    def mtime_ns(self) -> int:
        return timestamps.to_ns(int(self.slot.modified_date), int(self.slot.modified_time))

    def set_mtime(self, time_ns: int) -> None:
        stamp = timestamps.from_ns(time_ns)
        self.slot.modified_date = u16(stamp.date)
        self.slot.modified_time = u16(stamp.time)

    @property
    def atime_ns(self) -> int:
        return timestamps.to_ns(int(self.slot.accessed_date))

    def set_atime(self, time_ns: int) -> None:
        self.slot.accessed_date = u16(timestamps.from_ns(time_ns).date)

    @property
    def btime_ns(self) -> int:
        return timestamps.to_ns(int(self.slot.created_date), int(self.slot.created_time), int(self.slot.created_fine))

    def set_btime(self, time_ns: int) -> None:
        stamp = timestamps.from_ns(time_ns)
        self.slot.created_date = u16(stamp.date)
        self.slot.created_time = u16(stamp.time)
        self.slot.created_fine = u8(stamp.fine)

    def take_over(self, other: "Entry") -> None:
        """Say of the file what another entry says; the names stay."""
        mine = self.slot
        theirs = other.slot
        mine.attributes = theirs.attributes
        mine.created_fine = theirs.created_fine
        mine.created_time = theirs.created_time
        mine.created_date = theirs.created_date
        mine.accessed_date = theirs.accessed_date
        mine.cluster_high = theirs.cluster_high
        mine.modified_time = theirs.modified_time
        mine.modified_date = theirs.modified_date
        mine.cluster_low = theirs.cluster_low
        mine.size = theirs.size


class Listing:
    """What the slots of a directory hold: its entries, and which slots are in use."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.used = bytearray()
        """A byte for each slot: 1 when it is in use."""
        self.end = 0
        """The slots from here on were never used: the first says so, the others hold anything."""


def parse(data: bytes) -> Listing:
    """The entries in a directory's bytes. Pieces without their short entry count as free: no name leads to them."""
    listing = Listing()
    listing.used = bytearray(len(data) // SLOT_SIZE)
    listing.end = len(listing.used)
    pieces = PendingName()
    for index in range(len(listing.used)):
        at = index * SLOT_SIZE
        first = data[at]
        attributes = data[at + ATTRIBUTES_OFFSET]
        if first == END_OF_SLOTS:
            listing.end = index
            break
        if first == FREE_SLOT:
            pieces.reset()
        elif attributes & 0x3F == LONG_NAME:
            pieces.add(LongSlot.parse(data, at))
        elif attributes & VOLUME:
            listing.used[index] = 1
            pieces.reset()
        else:
            slot = Slot.parse(data, at)
            long_name = pieces.complete(slot.name)
            count = 1 + (pieces.count if len(long_name) > 0 else 0)
            pieces.reset()
            entry = Entry(long_name if len(long_name) > 0 else names.shown(slot.name, int(slot.case)), slot)
            entry.first = index + 1 - count
            entry.count = count
            for used in range(entry.first, index + 1):
                listing.used[used] = 1
            listing.entries.append(entry)
    return listing


class PendingName:
    """Pieces of a long name whose short entry has not come yet."""

    def __init__(self) -> None:
        self.count = 0
        self._expected = 0
        self._checksum = 0
        self._units: list[int] = []

    def reset(self) -> None:
        self.count = 0
        self._expected = 0
        self._units = []

    def add(self, piece: LongSlot) -> None:
        """The next piece; one that does not follow makes the whole name void."""
        order = int(piece.order) & 0x3F
        if piece.order & LAST_PIECE and 1 <= order <= MOST_PIECES:
            self.count = 0
            self._units = []
            self._checksum = int(piece.checksum)
        elif self._expected == 0 or order != self._expected or piece.checksum != self._checksum:
            self.reset()
            return
        self.count += 1
        self._expected = order - 1
        units = [int(unit) for unit in piece.units_a] + [int(unit) for unit in piece.units_b] + [int(unit) for unit in piece.units_c]
        self._units = units + self._units

    def complete(self, short: bytes) -> bytes:
        """The long name of this short entry, empty when it has none."""
        if self.count == 0 or self._expected != 0 or self._checksum != names.checksum(short):
            return b""
        units = self._units
        if 0 in units:
            units = units[: units.index(0)]
        name = from_units(units)
        return b"" if b"/" in name or b"\0" in name or name == b"." or name == b".." else name


def packed(entry: Entry) -> bytes:
    """The slots of an entry, long name first. Its `count` says how many there are."""
    pieces: list[bytes] = []
    units = names.to_units(entry.name) if entry.count > 1 else []
    tie = names.checksum(entry.slot.name)
    for order in range(entry.count - 1, 0, -1):
        part = units[(order - 1) * UNITS_PER_PIECE : order * UNITS_PER_PIECE]
        if len(part) < UNITS_PER_PIECE:
            part = part + [0] + [PADDING] * (UNITS_PER_PIECE - 1 - len(part))
        filled = [u16(unit) for unit in part]
        mark = LAST_PIECE if order == entry.count - 1 else 0
        piece = LongSlot(
            order=u8(order | mark), attributes=u8(LONG_NAME), checksum=u8(tie),
            units_a=filled[:5], units_b=filled[5:11], units_c=filled[11:],
        )  # fmt: skip
        pieces.append(piece.pack())
    pieces.append(entry.slot.pack())
    return b"".join(pieces)


def pieces_for(name: bytes) -> int:
    """How many slots a long name takes besides the short entry."""
    return (len(names.to_units(name)) + UNITS_PER_PIECE - 1) // UNITS_PER_PIECE
