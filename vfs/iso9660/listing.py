"""All files of a directory, in the order of its records."""

from scarlet.lang.errno import EIO, Errno
from vfs.iso9660 import names
from vfs.iso9660.entry import Entry
from vfs.iso9660.layout import OWN_NAME, PARENT_NAME, FileFlags
from vfs.iso9660.records import Record, records_of
from vfs.iso9660.rockridge import attributes_of
from vfs.iso9660.volume import Volume


def entries_of(volume: Volume, start: int, size: int) -> list[Entry]:
    """What a directory shows. EIO when it is damaged."""
    found: list[Entry] = []
    unfinished: Entry | None = None
    """A file that the next record goes on with."""
    name = b""
    """The name in its record."""
    for record in records_of(volume, start, size):
        if unfinished is not None:
            if record.name != name:
                raise Errno(EIO, "a file without its last section")
            unfinished.add(record)
            if not record.has(FileFlags.MULTI_EXTENT):
                unfinished = None
        elif _is_shown(volume, record):
            attributes = attributes_of(volume, record, volume.skipped)
            if not attributes.relocated:
                shown = attributes.name
                if not names.is_possible(shown):
                    shown = names.shown(record.name, joliet=volume.joliet, mapped=volume.settings.maps_names)
                entry = Entry(volume, record, attributes, shown)
                found.append(entry)
                if record.has(FileFlags.MULTI_EXTENT):
                    unfinished = entry
                    name = record.name
    if unfinished is not None:
        raise Errno(EIO, "a file without its last section")
    return found


def _is_shown(volume: Volume, record: Record) -> bool:
    """Is it a file that the mount options show?"""
    if record.name == OWN_NAME or record.name == PARENT_NAME:
        return False
    if record.has(FileFlags.HIDDEN) and volume.settings.hides:
        return False
    return volume.settings.shows_associated or not record.has(FileFlags.ASSOCIATED)
