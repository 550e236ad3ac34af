"""Everything to stable storage: sync(2)."""

from objects.inode import FileSystem
from objects.view import MountTable
from scarlet.kernel import log
from scarlet.lang.errno import Errno
from vfs import blockdevices, views
from vfs.pagecache import writeback


def sync_everything(here: MountTable) -> None:
    """Come back when all file systems, those of this table and of all others, and what was written to device nodes, are on stable storage.
    Errors are told to the open files."""
    writeback.write_everything()
    done: set[FileSystem] = set()
    for table in [here] + views.tables():
        for mount in table.mounts:
            if mount.filesystem not in done:
                done.add(mount.filesystem)
                try:
                    mount.filesystem.sync()
                except Errno as error:
                    log.warn(f"{mount.source.decode(errors='replace')}: {error}")
    blockdevices.sync_all()
