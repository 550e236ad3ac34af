"""The files below /proc/sys. (proc_sys(5); Linux, Documentation/admin-guide/sysctl)

Their modes bind everybody: what has no w bit is not written by root either, whatever its capabilities. Their end is their beginning.
"""

from objects.object import KernelObject, Rights, Status, Whence
from objects.view import Location
from vfs.pseudo import FunctionText, TextFile


class SysctlInode(FunctionText):
    """A value of the system."""

    def mode_binds_all(self) -> bool:
        return True

    def open(self, location: Location, access: Rights, status: Status) -> KernelObject:
        return SysctlFile(self, location, status)


class SysctlFile(TextFile):
    """One that is open."""

    def seek(self, offset: int, whence: Whence) -> int:
        return super().seek(offset, Whence.SET if whence == Whence.END else whence)
