"""ELF notes: small records with which toolchains say for which system a file was made (System V ABI, "Note Section").

A note has an owner, a kind whose meaning is the owner's, and data. Lying sizes end the search; they are no error, for nothing
depends on notes but the choice of the ABI module.
"""

from typing import Final

NT_GNU_ABI_TAG: Final = 1
GNU: Final = b"GNU"
GNU_OS_LINUX: Final = 0
_HEADER_BYTES: Final = 12


class Note:
    """One note; `owner` is without the zero byte that ends it in the file."""

    def __init__(self, owner: bytes, kind: int, data: bytes) -> None:
        self.owner = owner
        self.kind = kind
        self.data = data

    def gnu_system(self) -> int:
        """The system that an ABI tag of owner GNU names, -1 when this is another note. (0 Linux, 1 Hurd, 2 Solaris, 3 FreeBSD ...)"""
        if self.owner != GNU or self.kind != NT_GNU_ABI_TAG or len(self.data) < 4:
            return -1
        return int.from_bytes(self.data[:4], "little")


def parse_notes(data: bytes) -> list[Note]:
    """The notes in one PT_NOTE segment, as far as they make sense."""
    notes: list[Note] = []
    offset = 0
    while offset + _HEADER_BYTES <= len(data):
        name_size = int.from_bytes(data[offset : offset + 4], "little")
        data_size = int.from_bytes(data[offset + 4 : offset + 8], "little")
        kind = int.from_bytes(data[offset + 8 : offset + 12], "little")
        name_at = offset + _HEADER_BYTES
        data_at = name_at + (name_size + 3) // 4 * 4
        offset = data_at + (data_size + 3) // 4 * 4
        if data_at + data_size > len(data):
            break
        notes.append(Note(_owner(data[name_at : name_at + name_size]), kind, data[data_at : data_at + data_size]))
    return notes


def _owner(name: bytes) -> bytes:
    end = name.find(b"\0")
    return name if end < 0 else name[:end]
