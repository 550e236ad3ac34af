"""procfs: the kernel and its processes as files. (proc(5))

`tree` holds what is always there and is where any module adds a file of its own; `process` makes the directories of processes when
they are looked up.
"""

from vfs.procfs.contents import mount_procfs, new_procfs
from vfs.procfs.tree import add_file

__all__ = ["add_file", "mount_procfs", "new_procfs"]
