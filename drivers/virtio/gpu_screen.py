"""The screen of a virtio-gpu: a framebuffer whose memory the device reads when it is told to.

The device has a resource for the picture, of the size of the framebuffer's memory, with that memory attached as its backing. A flush is two
commands: have the device copy the damaged rows into its resource, and show them. A change of mode makes a new resource step by step, and
only when the device shows it is the old one given up: what fails on the way leaves the old picture. Memory that a resource was attached to
is kept until the device has confirmed that the resource is gone.

How large the picture is to be, the host says; how large the screen is, the screen itself (drivers/edid.py), if it says anything.

Source: VIRTIO 1.2, 5.7.6.8 "Device Operation: controlq".
"""

import weakref
from collections.abc import Callable
from typing import Final

from drivers import edid
from drivers.edid import Edid
from drivers.virtio.gpu import Reply, VirtioGpu
from drivers.virtio.gpu_cursor import GpuCursor
from drivers.virtio.gpu_protocol import (
    DISPLAY_INFO_SIZE,
    EDID_SIZE,
    FORMAT_B8G8R8X8,
    HEADER,
    Answer,
    CreateResource,
    DisplayOne,
    EdidAnswer,
    Flush,
    GetEdid,
    Kind,
    ResourceOnly,
    SetScanout,
    Transfer,
    attach_backing,
)  # fmt: skip
from drivers.virtio.queue import DeviceError
from drivers.virtio.transport import Transport
from objects.framebuffer import Framebuffer
from objects.picturemode import Mode
from scarlet.kernel import log
from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.lang import u32, u64
from scarlet.lang.errno import Errno

NOTHING: Final = 0
"""The resource that is none."""
DEFAULT_WIDTH: Final = 1024
DEFAULT_HEIGHT: Final = 768
"""The first picture when nothing better is known."""


class Resource:
    """A picture that the device holds, and the memory attached to it."""

    def __init__(self, number: int, mode: Mode, memory: PixelMemory) -> None:
        self.number = number
        self.mode = mode
        self.memory = memory


class GpuDriver(VirtioGpu):
    """The driver; `screen` is what the rest of the kernel sees."""

    def __init__(self, transport: Transport, name: str) -> None:
        super().__init__(transport, name)
        self.screen = VirtioScreen(self)
        self.cursor = GpuCursor(self)
        self.screen.ask_size()

    def screens_changed(self) -> None:
        try:
            self.screen.ask_size()
        except MemoryError:
            log.warn(f"{self.name}: the screen keeps its size, for want of memory")

    def lost(self) -> None:
        super().lost()
        self.cursor.device_lost()
        self.screen.device_lost()


class VirtioScreen(Framebuffer):
    """The first screen of the device."""

    def __init__(self, driver: GpuDriver) -> None:
        super().__init__(driver.name.encode())
        self._driver = weakref.ref(driver)
        self._scanout = 0
        self._shown: Resource | None = None
        self._coming: Resource | None = None
        """What a change of mode is making."""
        self.unused: list[Resource] = []
        """Resources that the device has not yet confirmed to be gone."""

    def driver(self) -> GpuDriver:
        """The driver, which lives as long as its interrupt line."""
        driver = self._driver()
        if driver is None:
            raise DeviceError("the driver is gone")
        return driver

    # Size

    def ask_size(self) -> None:
        """What screens has the host? EIO, MemoryError."""
        self.driver().send(Kind.GET_DISPLAY_INFO, b"", self._size_known, expected=Answer.DISPLAY_INFO, room=DISPLAY_INFO_SIZE)

    def _size_known(self, reply: Reply) -> None:
        if not reply.ok:
            raise DeviceError("the device does not tell its screens")
        self._scanout = 0
        width = 0
        height = 0
        for index in range(self.driver().scanouts):
            one = DisplayOne.parse(reply.body, HEADER + index * DisplayOne.SIZE)
            if one.enabled != 0:
                self._scanout = index
                width = int(one.width)
                height = int(one.height)
                break
        if not self.driver().has_edid:
            self._screen_known(width, height, edid.NOTHING_TOLD)
            return
        body = GetEdid(scanout=u32(self._scanout)).pack()
        try:
            self.driver().send(
                Kind.GET_EDID, body, lambda answer: self._edid_known(answer, width, height), expected=Answer.EDID, room=EDID_SIZE
            )  # fmt: skip
        except MemoryError:
            self._screen_known(width, height, edid.NOTHING_TOLD)

    def _edid_known(self, reply: Reply, width: int, height: int) -> None:
        """The screen has told of itself. What is no EDID tells nothing, and is no reason to do without the screen."""
        told = edid.NOTHING_TOLD
        if reply.ok:
            answer = EdidAnswer.parse(reply.body, HEADER)
            if answer.size > len(answer.edid):
                raise DeviceError(f"an EDID of {answer.size} bytes")
            try:
                told = edid.parse(answer.edid[: int(answer.size)])
            except Errno as error:
                log.warn(f"{self.name.decode()}: {error.reason}; the screen's own size is not known")
        self._screen_known(width, height, told)

    def _screen_known(self, width: int, height: int, told: Edid) -> None:
        """The picture becomes as large as the host says; without a word from it, as the screen likes it best. If that cannot be (somebody
        made a window of a few pixels), it stays."""
        if width == 0:
            width = told.width
            height = told.height
        if not Mode(width, height, height).is_possible():
            if self.memory is not None:
                log.info(f"{self.name.decode()}: no picture of {width} x {height}")
                return
            width = DEFAULT_WIDTH
            height = DEFAULT_HEIGHT
        self.width_mm = told.width_mm
        self.height_mm = told.height_mm
        self.native_size(width, height)

    # Modes

    def changing_mode(self) -> bool:
        return self._coming is not None

    def start_mode(self, mode: Mode) -> None:
        driver = self.driver()
        resource = Resource(driver.new_resource(), mode, PixelMemory(mode.size))
        driver.send(
            Kind.RESOURCE_CREATE_2D,
            CreateResource(
                resource_id=u32(resource.number), format=u32(FORMAT_B8G8R8X8), width=u32(mode.memory_width), height=u32(mode.rows)
            ).pack(),
            self._created,
        )
        self._coming = resource

    def _created(self, reply: Reply) -> None:
        resource = self._coming
        if resource is None or not reply.ok:
            self._give_up(created=False)
            return
        self._continue(Kind.RESOURCE_ATTACH_BACKING, attach_backing(resource.number, resource.memory), self._attached)

    def _attached(self, reply: Reply) -> None:
        resource = self._coming
        if resource is None or not reply.ok:
            self._give_up(created=True)
            return
        self._continue(Kind.SET_SCANOUT, self._scanout_of(resource, resource.number), self._scanned_out)

    def _scanned_out(self, reply: Reply) -> None:
        resource = self._coming
        if resource is None or not reply.ok:
            self._give_up(created=True)
            return
        before = self._shown
        self._shown = resource
        self._coming = None
        if before is not None:
            self._drop(before)
        self.mode_set(resource.mode, resource.memory)

    def _continue(self, kind: Kind, body: bytes, then: Callable[[Reply], None]) -> None:
        try:
            self.driver().send(kind, body, then)
        except MemoryError:
            self._give_up(created=True)

    def _give_up(self, *, created: bool) -> None:
        """The new picture cannot be: forget it."""
        resource = self._coming
        self._coming = None
        if resource is not None:
            log.warn(f"{self.name.decode()}: no picture of {resource.mode.width} x {resource.mode.height}")
            if created:
                self._drop(resource)
        self.mode_failed()

    def _drop(self, resource: Resource) -> None:
        """Have the device forget a resource. Its memory is kept until it has."""
        self.unused.append(resource)
        body = ResourceOnly(resource_id=u32(resource.number)).pack()
        try:
            self.driver().send(Kind.RESOURCE_UNREF, body, self._dropped)
        except MemoryError:
            log.warn(f"{self.name.decode()}: a picture is kept, for want of memory")

    def _dropped(self, reply: Reply) -> None:
        """Commands are answered in order: it is the oldest."""
        if not reply.ok:
            raise DeviceError("the device does not forget a resource")
        self.unused.pop(0)

    # Pictures

    def start_flush(self, first: int, end: int) -> None:
        resource = self._shown
        if resource is None:
            return
        mode = resource.mode
        x = u32(0)
        y = u32(first)
        width = u32(mode.memory_width)
        height = u32(end - first)
        number = u32(resource.number)
        try:
            transfer = Transfer(x=x, y=y, width=width, height=height, offset=u64(first * mode.stride), resource_id=number)
            self.driver().send(Kind.TRANSFER_TO_HOST_2D, transfer.pack(), self._transferred, fenced=True)
            flush = Flush(x=x, y=y, width=width, height=height, resource_id=number)
            self.driver().send(Kind.RESOURCE_FLUSH, flush.pack(), self._flushed)
        except (MemoryError, Errno):
            self.flush_failed(first, end)

    def _transferred(self, reply: Reply) -> None:
        if not reply.ok:
            raise DeviceError(f"the device does not take a picture: 0x{reply.type:x}")

    def _flushed(self, reply: Reply) -> None:
        if not reply.ok:
            raise DeviceError(f"the device does not show a picture: 0x{reply.type:x}")
        self.flushed()

    def start_show(self) -> None:
        resource = self._shown
        if resource is None:
            return
        number = NOTHING if self.blank else resource.number
        self.driver().send(Kind.SET_SCANOUT, self._scanout_of(resource, number), self._shows)

    def _scanout_of(self, resource: Resource, number: int) -> bytes:
        return SetScanout(
            x=u32(0),
            y=u32(self.first_row if resource is self._shown else 0),
            width=u32(resource.mode.width),
            height=u32(resource.mode.height),
            scanout_id=u32(self._scanout),
            resource_id=u32(number),
        ).pack()

    def _shows(self, reply: Reply) -> None:
        if not reply.ok:
            raise DeviceError("the device does not show a resource")

    def finish(self) -> None:
        self.driver().settle()

    def device_lost(self) -> None:
        """The device is offline, and reads no memory any more."""
        self._shown = None
        self._coming = None
        self.unused.clear()
        self.lost()
