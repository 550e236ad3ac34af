"""An open /dev/fb0: the memory of the screen as a file of fixed size, which can be mapped.

Source: kernel documentation "The Frame Buffer Device".
"""

from typing import TYPE_CHECKING

from objects.framebuffer import Framebuffer
from objects.framebuffermapping import FramebufferPager
from objects.object import KernelObject, Status, Whence
from objects.opened import Opened
from scarlet.kernel.memory.area import Pager
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EFBIG, EINVAL, ENODEV, ENOSPC, ENXIO, Errno

if TYPE_CHECKING:
    from objects.inode import Inode
    from objects.view import Location


class FramebufferFile(Opened):
    """The file."""

    def __init__(self, framebuffer: Framebuffer, inode: "Inode", location: "Location", status: Status) -> None:
        super().__init__(inode, location, status)
        self.framebuffer = framebuffer
        self.offset = 0
        framebuffer.acquire()

    def __del__(self) -> None:
        self.framebuffer.release()

    def live(self) -> Framebuffer:
        """The framebuffer. ENODEV when the device is lost."""
        if self.framebuffer.gone:
            raise Errno(ENODEV, "the screen is gone")
        return self.framebuffer

    def read(self, buffer: Buffer) -> int:
        """Bytes read; 0 at the end of the memory. ENODEV, EFAULT."""
        count = self.read_at(buffer, self.offset)
        self.offset += count
        return count

    def write(self, buffer: Buffer) -> int:
        """Bytes written. EFBIG behind the end, ENOSPC at the end; ENODEV, EFAULT."""
        count = self.write_at(buffer, self.offset)
        self.offset += count
        return count

    def read_at(self, buffer: Buffer, offset: int) -> int:
        size = self._size()
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        count = min(buffer.length, max(size - offset, 0))
        memory = self.framebuffer.memory
        if memory is not None and count > 0:
            memory.load(offset, buffer, count)
        return count

    def write_at(self, buffer: Buffer, offset: int) -> int:
        size = self._size()
        if offset < 0:
            raise Errno(EINVAL, "negative offset")
        if offset > size:
            raise Errno(EFBIG, "behind the end of the framebuffer")
        count = min(buffer.length, size - offset)
        memory = self.framebuffer.memory
        if buffer.length > 0 and (count == 0 or memory is None):
            raise Errno(ENOSPC, "the end of the framebuffer")
        if memory is not None and count > 0:
            self.framebuffer.settle()
            try:
                memory.store(offset, buffer, 0, count)
            finally:
                self.framebuffer.damage_bytes(offset, offset + count)
                self.framebuffer.request()
        return count

    def _size(self) -> int:
        return self.live().mode.size

    def seek(self, offset: int, whence: Whence) -> int:
        """As for all devices, the end is at 0. EINVAL when negative; ENXIO for data and holes."""
        if whence == Whence.DATA or whence == Whence.HOLE:
            raise Errno(ENXIO, "a device has neither data nor holes")
        target = offset + (self.offset if whence == Whence.CURRENT else 0)
        if target < 0:
            raise Errno(EINVAL, "negative offset")
        self.offset = target
        return target

    def sync(self, *, data_only: bool) -> None:
        """All that was drawn is on the screen. ENODEV, EIO. (fsync(2))"""
        self.live().sync()

    def pager(self) -> Pager:
        return FramebufferPager(self.live())


def open_framebuffer(framebuffer: Framebuffer, inode: "Inode", location: "Location", status: Status) -> KernelObject:
    """Open the screen; waits for the device to tell its size. ENODEV when it is gone."""
    framebuffer.await_mode()
    return FramebufferFile(framebuffer, inode, location, status)
