"""/proc/<pid>/fd and fdinfo: the handles of a process. (proc_pid_fd(5), proc_pid_fdinfo(5))

fd/N is a magic link to where the object was opened, or to the file of one that has no place (vfs/objectplaces.py): opening /dev/stdin opens
a pipe's other reader, as on Linux.
"""

import weakref
from typing import Final

from objects.inode import DirectoryEntry, Inode, InodeType, Metadata
from objects.object import Rights, Whence
from objects.process import Process
from objects.task import current_task
from objects.view import Location
from scarlet.lang.errno import EACCES, ENOENT, Errno
from vfs.objectplaces import place_of_object
from vfs.paths import path_of
from vfs.pseudo import PseudoInode, TextInode
from vfs.text import decimal

FD_PART: Final = 1 << 8
INFO_PART: Final = 1 << 9


class DescriptorLink(PseudoInode):
    """fd/N"""

    def __init__(self, above: Inode, process: Process, slot: int) -> None:
        handle = process.handles.handle(slot)
        mode = 0o100 | (0o400 if handle.rights & Rights.READ else 0) | (0o200 if handle.rights & Rights.WRITE else 0)
        super().__init__(above.filesystem, above.number + (slot + 1) * (FD_PART << 40), InodeType.SYMLINK, mode, above.uid, above.gid)
        self.object = handle.object

    def size(self) -> int:
        return 64

    def follow(self) -> Location | None:
        return place_of_object(self.object)

    def readlink(self) -> bytes:
        place = self.object.location()
        if place is None:
            return self.object.link_text()
        return path_of(place, current_task().view.root)


class DescriptorInfo(TextInode):
    """fdinfo/N"""

    def __init__(self, above: Inode, process: Process, slot: int) -> None:
        handle = process.handles.handle(slot)
        super().__init__(above.filesystem, above.number + (slot + 1) * (INFO_PART << 40), 0o444, above.uid, above.gid)
        self.object = handle.object
        self.rights = handle.rights
        self.close_on_exec = handle.close_on_exec

    def text(self) -> bytes:
        try:
            position = self.object.seek(0, Whence.CURRENT)
        except Errno:
            position = 0
        flags = int(self.object.status) | (0o2000000 if self.close_on_exec else 0)
        if self.rights & Rights.WRITE:
            flags |= 2 if self.rights & Rights.READ else 1
        place = self.object.location()
        mount = place.mount.identity if place is not None else 0
        number = self.object.metadata().inode_number
        return f"pos:\t{position}\nflags:\t0{flags:o}\nmnt_id:\t{mount}\nino:\t{number}\n".encode()


class HandleDirectory(PseudoInode):
    """What fd and fdinfo have in common: a name for every handle of the process."""

    def __init__(self, above: Inode, process: Process, number: int, mode: int) -> None:
        super().__init__(above.filesystem, number, InodeType.DIRECTORY, mode, above.uid, above.gid)
        self.above: Inode = above
        self.process = weakref.ref(process)

    def child(self, process: Process, slot: int) -> Inode:
        """The file of one handle."""
        raise Errno(ENOENT)

    def child_type(self) -> InodeType:
        """The type of them all."""
        return InodeType.REGULAR

    def parent(self) -> Inode:
        return self.above

    def lookup(self, name: bytes) -> Inode:
        process = self._open_process()
        slot = decimal(name)
        if process is None or slot < 0 or (name[0] == 48 and len(name) > 1) or not process.handles.is_open(slot):
            raise Errno(ENOENT)
        return self.child(process, slot)

    def list(self, cursor: int) -> list[DirectoryEntry]:
        process = self._open_process()
        if process is None:
            return []
        type = self.child_type()
        return [
            DirectoryEntry(str(slot).encode(), self.number + slot + 1, type, slot + 1)
            for slot in process.handles.slots()
            if slot + 1 > cursor
        ]

    def _open_process(self) -> Process | None:
        """The process, if it still has handles and the caller may see them. EACCES."""
        process = self.process()
        if process is None or process.zombie:
            return None
        who = current_task().credentials
        if process is not current_task().process and who.euid != 0 and (who.fsuid != process.credentials.uid or not process.dumpable):
            raise Errno(EACCES, "the handles of another user's process")
        return process


class DescriptorDirectory(HandleDirectory):
    """/proc/<pid>/fd"""

    def __init__(self, above: Inode, process: Process, number: int) -> None:
        # A process that is not dumpable, as after setuid(2), still reaches /dev/stdin. (Linux: proc_fd_permission)
        super().__init__(above, process, number, 0o555 if process is current_task().process else 0o500)

    def metadata(self) -> Metadata:
        found = super().metadata()
        found.mode = 0o500
        return found

    def child(self, process: Process, slot: int) -> Inode:
        return DescriptorLink(self, process, slot)

    def child_type(self) -> InodeType:
        return InodeType.SYMLINK


class DescriptorInfoDirectory(HandleDirectory):
    """/proc/<pid>/fdinfo"""

    def __init__(self, above: Inode, process: Process, number: int) -> None:
        super().__init__(above, process, number, 0o555)

    def child(self, process: Process, slot: int) -> Inode:
        return DescriptorInfo(self, process, slot)
