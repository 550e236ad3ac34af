"""Seals: promises about the content of a memory file that nobody can take back. (fcntl(2), "File Sealing")"""

from enum import IntFlag


class Seals(IntFlag):
    """The values of F_SEAL_*."""

    NONE = 0
    SEAL = 1
    """No more seals."""
    SHRINK = 2
    GROW = 4
    WRITE = 8
    FUTURE_WRITE = 0x10
    """No writing but through the shared mappings there are."""
    EXEC = 0x20
    """The execute permissions stay as they are."""
