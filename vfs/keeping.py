"""The disk that keeps directories of the base from one run to the next.

The recipe "disk" (initramfs/views.toml) says where the disk is mounted, and which directories of the base are then those of the disk. It is
followed before any program runs, so the views of all ABIs find the disk's directories in the base. What the boot image has in these
directories (--add) is copied onto the disk.

A disk that cannot be used is a line in the log, and the directories stay what they are without one: in memory.
"""

from typing import Final

from objects.inode import FileSystem
from objects.view import MountTable
from scarlet.kernel import log
from scarlet.lang.errno import Errno
from vfs import blockdevices, views
from vfs.copying import copy_tree
from vfs.pagecache import writeback
from vfs.views import Step

RECIPE: Final = "disk"
NEEDS_ATTRIBUTES: Final = b"/data"
"""The upper layers of overlays lie here: only a file system that keeps extended attributes can have them."""


def mount(device: bytes) -> None:
    """Follow the recipe with the block device of this name. Sleeps."""
    able = True
    for step in views.recipe(RECIPE):
        try:
            if step.kind == b"disk":
                able = views.mount_in_base(step.on_disk(b"/dev/" + device)).counts_changes
            elif able or step.at != NEEDS_ATTRIBUTES:
                _keep(step)
            else:
                log.warn(f"the file system of {device.decode()} cannot keep {step.at.decode()}, which stays in memory")
        except Errno as error:
            log.error(f"{step.at.decode()} is not kept on {device.decode()}: {error}")
            return


def _keep(step: Step) -> None:
    """Let a directory of the base be one of the disk."""
    there = views.directory_of_base(step.arguments[0])
    copy_tree(views.directory_of_base(step.at), there, step.at)
    views.mount_in_base(step)


def shut_down() -> None:
    """The machine goes off: every file system that is mounted anywhere ends cleanly. Sleeps."""
    writeback.write_everything()
    done: set[FileSystem] = set()
    for table in views.tables():
        _shut_down(table, done)
    blockdevices.sync_all()


def _shut_down(table: MountTable, done: set[FileSystem]) -> None:
    """The mounts of one table, those that were mounted last first: an overlay before its layers."""
    for mount in table.mounts[::-1]:
        if mount.filesystem not in done:
            done.add(mount.filesystem)
            try:
                mount.filesystem.shut_down()
            except Errno as error:
                log.error(f"{mount.source.decode(errors='replace')} is not unmounted cleanly: {error}")
