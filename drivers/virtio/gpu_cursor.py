"""The mouse pointer of a virtio-gpu: a small picture that the host draws over the screen, so that moving it costs one short command.

Source: VIRTIO 1.2, 5.7.6.10 "Device Operation: cursorq".
"""

import weakref
from typing import Final

from drivers.virtio.gpu import Reply, VirtioGpu
from drivers.virtio.gpu_protocol import FORMAT_B8G8R8A8, CreateResource, Cursor, Kind, Transfer, attach_backing
from drivers.virtio.queue import DeviceError
from scarlet.kernel.memory.buffer import KernelBytes
from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.lang import i32, u32, u64
from scarlet.lang.errno import EINVAL, EIO, Errno

SIDE: Final = 64
"""The picture is so many pixels wide and high."""
PICTURE_BYTES: Final = SIDE * SIDE * 4


class GpuCursor:
    """The pointer, hidden to begin with."""

    def __init__(self, driver: VirtioGpu) -> None:
        self._driver = weakref.ref(driver)
        self._memory: PixelMemory | None = None
        self._resource = 0
        self._shown = False
        self._hot_x = 0
        self._hot_y = 0

    def show(self, picture: bytes, x: int, y: int, hot_x: int, hot_y: int) -> None:
        """Show a picture of 64 x 64 pixels ARGB8888 with its pixel (hot_x, hot_y) at (x, y). EINVAL, EIO, MemoryError."""
        if len(picture) != PICTURE_BYTES or not 0 <= hot_x < SIDE or not 0 <= hot_y < SIDE:
            raise Errno(EINVAL, "a pointer is 64 x 64 pixels, and points with one of them")
        driver = self._live()
        memory = self._memory
        if memory is None:
            memory = self._make(driver)
        memory.store(0, KernelBytes(bytearray(picture)), 0, len(picture))
        side = u32(SIDE)
        transfer = Transfer(x=u32(0), y=u32(0), width=side, height=side, offset=u64(0), resource_id=u32(self._resource))
        self._hot_x = hot_x
        self._hot_y = hot_y
        self._shown = True
        # The two queues are not done in order: the pointer is changed when its picture has been read.
        driver.send(Kind.TRANSFER_TO_HOST_2D, transfer.pack(), lambda reply: self._read(reply, x, y), fenced=True)

    def move(self, x: int, y: int) -> None:
        """Show it somewhere else. EIO, MemoryError."""
        self._live().send_cursor(Kind.MOVE_CURSOR, self._place(x, y))

    def hide(self) -> None:
        """Show none. EIO, MemoryError."""
        self._shown = False
        self._live().send_cursor(Kind.UPDATE_CURSOR, self._place(0, 0))

    def device_lost(self) -> None:
        """The device reads no memory any more."""
        self._memory = None
        self._shown = False

    def _live(self) -> VirtioGpu:
        driver = self._driver()
        if driver is None:
            raise Errno(EIO, "the screen is gone")
        driver.require_online()
        return driver

    def _make(self, driver: VirtioGpu) -> PixelMemory:
        memory = PixelMemory(PICTURE_BYTES)
        self._resource = driver.new_resource()
        create = CreateResource(resource_id=u32(self._resource), format=u32(FORMAT_B8G8R8A8), width=u32(SIDE), height=u32(SIDE))
        driver.send(Kind.RESOURCE_CREATE_2D, create.pack(), self._made)
        self._memory = memory
        driver.send(Kind.RESOURCE_ATTACH_BACKING, attach_backing(self._resource, memory), self._made)
        return memory

    def _made(self, reply: Reply) -> None:
        if not reply.ok:
            raise DeviceError("the device takes no pointer")

    def _read(self, reply: Reply, x: int, y: int) -> None:
        if not reply.ok:
            raise DeviceError("the device takes no pointer")
        if self._shown:
            self._live().send_cursor(Kind.UPDATE_CURSOR, self._place(x, y))

    def _place(self, x: int, y: int) -> bytes:
        return Cursor(
            scanout_id=u32(0),
            x=i32(x),
            y=i32(y),
            resource_id=u32(self._resource if self._shown else 0),
            hot_x=u32(self._hot_x),
            hot_y=u32(self._hot_y),
        ).pack()
