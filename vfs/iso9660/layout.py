"""What lies on a disc: the structures, in the words of ECMA-119, IEEE P1281 and IEEE P1282.

    16 sectors for others | volume descriptors, a sector each | directories, path tables and files, in logical blocks

Most numbers are there twice, in either order of bytes; the second is not looked at (some programs that make discs get it wrong).
"""

from enum import IntFlag
from typing import Annotated, Final

from scarlet.lang import struct, u8, u16, u32

SECTOR: Final = 2048
FIRST_DESCRIPTOR: Final = 16
"""The sector."""
MOST_DESCRIPTORS: Final = 84
STANDARD: Final = b"CD001"
JOLIET_ESCAPES: Final[list[bytes]] = [b"%/@", b"%/C", b"%/E"]
"""Escape sequences of a supplementary descriptor whose names are UCS-2."""
OWN_NAME: Final = b"\0"
PARENT_NAME: Final = b"\1"

PRIMARY: Final = 1
SUPPLEMENTARY: Final = 2
END: Final = 255
"""Types of volume descriptors."""


@struct(packed=True)
class Descriptor:
    """A primary or supplementary volume descriptor, as far as it matters here. (ECMA-119, 8.4, 8.5)"""

    type: u8
    standard: Annotated[bytes, 5]
    version: u8
    flags: u8
    system: Annotated[bytes, 32]
    volume: Annotated[bytes, 32]
    unused: Annotated[bytes, 8]
    space_size: u32
    """Logical blocks."""
    space_size_be: u32
    escapes: Annotated[bytes, 32]
    set_size: u16
    set_size_be: u16
    sequence_number: u16
    sequence_number_be: u16
    block_size: u16
    block_size_be: u16
    path_table_size: u32
    path_table_size_be: u32
    path_tables: Annotated[bytes, 16]
    root: Annotated[bytes, 34]
    """The record of the root directory."""


class FileFlags(IntFlag):
    """Of a directory record. (ECMA-119, 9.1.6)"""

    NONE = 0
    HIDDEN = 0x01
    DIRECTORY = 0x02
    ASSOCIATED = 0x04
    RECORD = 0x08
    PROTECTION = 0x10
    MULTI_EXTENT = 0x80
    """The file goes on in the next record."""


@struct(packed=True)
class DirectoryRecord:
    """Its beginning; the name follows, a byte that makes it even, and the system use area. (ECMA-119, 9.1)"""

    length: u8
    attribute_blocks: u8
    """Blocks of an extended attribute record before the content."""
    extent: u32
    extent_be: u32
    size: u32
    size_be: u32
    date: Annotated[bytes, 7]
    flags: u8
    unit: u8
    """Blocks of an interleaved file that stand together, 0 for a file in one piece."""
    gap: u8
    sequence_number: u16
    sequence_number_be: u16
    name_length: u8


FIELD_HEADER: Final = 4
"""A field of a system use area: a signature of two letters, its length with these four bytes, a version."""


@struct(packed=True)
class Continuation:
    """CE: where the system use area goes on. (P1281, 5.1)"""

    block: u32
    block_be: u32
    offset: u32
    offset_be: u32
    count: u32
    count_be: u32


@struct(packed=True)
class PosixAttributes:
    """PX; the later version has a serial number behind it. (P1282, 4.1.1)"""

    mode: u32
    mode_be: u32
    links: u32
    links_be: u32
    uid: u32
    uid_be: u32
    gid: u32
    gid_be: u32


@struct(packed=True)
class PosixDevice:
    """PN. (P1282, 4.1.2)"""

    high: u32
    high_be: u32
    low: u32
    low_be: u32


@struct(packed=True)
class ChildLink:
    """CL: the directory lies elsewhere, because the plain tree may have only eight levels. (P1282, 4.1.5.1)"""

    block: u32
    block_be: u32


@struct(packed=True)
class Compression:
    """ZF: the content is compressed. Not of P1282, but of zisofs."""

    algorithm: Annotated[bytes, 2]
    header: u8
    block_shift: u8
    size: u32
    size_be: u32


class NameFlags(IntFlag):
    """Of NM. (P1282, 4.1.4)"""

    NONE = 0
    CONTINUE = 1
    CURRENT = 2
    PARENT = 4


class ComponentFlags(IntFlag):
    """Of a component of a symbolic link. (P1282, 4.1.3.1)"""

    NONE = 0
    CONTINUE = 1
    CURRENT = 2
    PARENT = 4
    ROOT = 8


class TimeFlags(IntFlag):
    """Of TF: which times follow, in this order. (P1282, 4.1.6)"""

    NONE = 0
    CREATION = 0x01
    MODIFY = 0x02
    ACCESS = 0x04
    ATTRIBUTES = 0x08
    LONG_FORM = 0x80
