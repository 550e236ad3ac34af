"""mount(2) of what can only be read, as Linux answers: EACCES without MS_RDONLY, EROFS when a mount is to become writable."""

import errno

from tests.abi.support import Program, linux
from tests.iso9660.disc import one_file
from vfs import filesystems
from vfs.iso9660.mount import NAME, mount_image

MOUNT, UMOUNT2 = 40, 39
MS_RDONLY, MS_NOSUID, MS_SYNCHRONOUS, MS_REMOUNT, MS_DIRSYNC, MS_BIND = 1, 2, 16, 32, 128, 4096


def test_a_disc_is_mounted_only_to_be_read() -> None:
    def body(program: Program) -> None:
        filesystems.announce_on_disk(NAME, mount_image)
        program.tree.write(b"/disc", one_file())
        program.tree.mkdir(b"/d")

        def mount(flags: int, options: bytes = b"", source: bytes = b"/disc") -> int:
            return program.call(MOUNT, source, b"/d", NAME, flags, options)

        assert mount(0) == -errno.EACCES
        assert mount(MS_RDONLY | MS_SYNCHRONOUS) == mount(MS_RDONLY | MS_DIRSYNC) == -errno.EINVAL, "no disk is written at once"
        assert mount(MS_RDONLY) == 0
        there = program.tree.view.mounts.mounts[-1].filesystem.options()[1:]
        assert mount(MS_REMOUNT) == -errno.EROFS
        assert mount(MS_REMOUNT | MS_RDONLY | MS_SYNCHRONOUS) == -errno.EINVAL
        assert mount(MS_REMOUNT | MS_RDONLY | MS_NOSUID, there) == 0, "the options that it has, as mount(8) passes them on"
        assert mount(MS_REMOUNT | MS_RDONLY, b"check=r") == -errno.EINVAL
        assert mount(MS_REMOUNT | MS_BIND) == 0, "the mount itself forbids nothing then"
        assert program.call(UMOUNT2, b"/d", 0) == 0
        program.tree.unlink(b"/disc")

    linux(body)
