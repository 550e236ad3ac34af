"""Directories read as bytes: a row of 16-byte entries, "." and ".." first, with an offset that counts bytes.

The offset is the directory's position, which stays good while entries come and go; a reader of fewer than 16 bytes finds the rest of
the entry at its next read (Directory.rest).
"""

from abi_modules.xv6_riscv64.layouts import Dirent, dirent
from objects.directory import Directory
from scarlet.kernel.memory.buffer import Buffer


def read_entries(directory: Directory, buffer: Buffer) -> int:
    """Bytes read; 0 at the end. EFAULT: then the position has not moved."""
    position = directory.position
    data = directory.rest
    while len(data) < buffer.length:
        batch = directory.entries()
        if len(batch) == 0:
            break
        for entry in batch[: (buffer.length - len(data) + Dirent.SIZE - 1) // Dirent.SIZE]:
            data += dirent(entry.inode_number, entry.name)
            directory.position = entry.cursor
    moved, directory.position = directory.position, position
    count = min(len(data), buffer.length)
    buffer.write(0, data[:count])
    directory.position = moved
    directory.rest = data[count:]
    return count
