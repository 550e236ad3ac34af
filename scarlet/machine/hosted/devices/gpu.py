"""A virtio-gpu whose screen can be looked at: what a flush has brought to the screen is in `picture`.

It keeps to the letter of the specification: the screen shows what was transferred and then flushed, and nothing else.

Source: VIRTIO 1.2, 5.7 "GPU Device".
"""

import struct
from dataclasses import dataclass, field

from scarlet.machine import physmem
from scarlet.machine.hosted.devices.edid import edid
from scarlet.machine.hosted.devices.virtio import Model
from scarlet.machine.hosted.devices.virtqueue import Request

F_EDID = 1 << 1
OK, OK_DISPLAY_INFO, OK_EDID = 0x1100, 0x1101, 0x1104
UNSPECIFIED, OUT_OF_MEMORY, BAD_SCANOUT, BAD_RESOURCE, BAD_PARAMETER = 0x1200, 0x1201, 0x1202, 0x1203, 0x1205
FENCE = 1
CURSOR = 1
FORMATS = {1, 2, 3, 4, 67, 68, 121, 134}
MOST_BYTES = 256 << 20


@dataclass
class Resource:
    """A picture of the device's, and the driver's memory behind it."""

    width: int
    height: int
    backing: list[tuple[int, int]] = field(default_factory=list)
    pixels: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.pixels = bytearray(self.width * self.height * 4)

    def read(self, offset: int, count: int) -> bytes:
        """Bytes of the driver's memory; IndexError behind its end."""
        out = b""
        for address, length in self.backing:
            if offset < length and count > len(out):
                part = min(length - offset, count - len(out))
                out += physmem.read(address + offset, part)
                offset += part
            offset -= length
        if len(out) < count:
            raise IndexError("behind the end of the backing")
        return out


class Gpu(Model):
    """A device with one screen of `width` by `height` pixels; 0 for a screen that is not there."""

    device_type = 16
    features = Model.features | F_EDID
    queues = 2
    queue_size = 64

    def __init__(self, width: int = 640, height: int = 400) -> None:
        self.width, self.height = width, height
        self.edid: bytes | None = None
        """What the screen tells of itself; None: that it likes its present size best, at 100 dots an inch."""
        self.events = 0
        self.reset()

    def reset(self) -> None:
        self.resources: dict[int, Resource] = {}
        self.scanout: tuple[int, int, int, int] = (0, 0, 0, 0)
        self.scanout_resource = 0
        self.picture = bytearray()
        """The bytes of the screen, rows of `scanout` width, XRGB."""
        self.transfers: list[tuple[int, int, int, int]] = []
        self.flushes: list[tuple[int, int, int, int]] = []
        self.cursor: tuple[int, int, int] = (0, 0, 0)
        """Resource, x, y."""

    def config(self) -> bytes:
        return struct.pack("<IIII", self.events, 0, 1, 0)

    def write_config(self, offset: int, data: bytes) -> None:
        if offset == 4:
            self.events &= ~int.from_bytes(data, "little")

    def resize(self, width: int, height: int) -> None:
        """The user pulls at the window."""
        self.width, self.height = width, height
        self.events |= 1
        self.device.configuration_changed()

    # What can be seen

    @property
    def size(self) -> tuple[int, int]:
        """Of what is shown now."""
        return self.scanout[2:] if self.scanout_resource else (0, 0)

    def pixel(self, x: int, y: int) -> int:
        """0xRRGGBB"""
        at = (y * self.scanout[2] + x) * 4
        return int(struct.unpack_from("<I", self.picture, at)[0]) & 0xFFFFFF

    def rgb(self) -> bytes:
        """What the screen shows, three bytes a pixel."""
        out = bytearray(len(self.picture) // 4 * 3)
        out[0::3], out[1::3], out[2::3] = self.picture[2::4], self.picture[1::4], self.picture[0::4]
        return bytes(out)

    # Commands

    def handle(self, request: Request) -> int | None:
        given = request.read()
        kind, flags, fence, context, _ring = struct.unpack_from("<IIQII", given)
        body = given[24:]
        if request.queue == CURSOR:
            scanout, x, y, _pad, resource, _hot_x, _hot_y, _pad2 = struct.unpack_from("<IiiIIIII", body)
            self.cursor = (self.cursor[0] if kind == 0x0301 else resource, x, y)
            return 0
        type, answer = self.command(kind, body)
        return request.write(struct.pack("<IIQII", type, flags & FENCE, fence if flags & FENCE else 0, context, 0) + answer)

    def command(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Do a command; the type and the rest of the answer."""
        if kind == 0x0100:
            enabled = int(self.width > 0)
            screens = struct.pack("<IIIIII", 0, 0, self.width, self.height, enabled, 0) + bytes(15 * 24)
            return OK_DISPLAY_INFO, screens
        if kind == 0x010A:
            told = edid(self.width, self.height, self.width * 254 // 1000, self.height * 254 // 1000) if self.edid is None else self.edid
            return OK_EDID, struct.pack("<II", len(told), 0) + told[:1024].ljust(1024, b"\0")
        handler = {
            0x0101: self._create, 0x0102: self._forget, 0x0103: self._scan_out, 0x0104: self._flush, 0x0105: self._transfer,
            0x0106: self._attach, 0x0107: self._detach,
        }.get(kind)  # fmt: skip
        return (handler(body) if handler is not None else UNSPECIFIED), b""

    def _create(self, body: bytes) -> int:
        number, format, width, height = struct.unpack_from("<IIII", body)
        if number == 0 or number in self.resources:
            return BAD_RESOURCE
        if format not in FORMATS or not width or not height:
            return BAD_PARAMETER
        if width * height * 4 > MOST_BYTES:
            return OUT_OF_MEMORY
        self.resources[number] = Resource(width, height)
        return OK

    def _forget(self, body: bytes) -> int:
        (number,) = struct.unpack_from("<I", body)
        if number not in self.resources:
            return BAD_RESOURCE
        del self.resources[number]
        if number == self.scanout_resource:
            self.scanout_resource = 0
        return OK

    def _attach(self, body: bytes) -> int:
        number, count = struct.unpack_from("<II", body)
        resource = self.resources.get(number)
        if resource is None:
            return BAD_RESOURCE
        if resource.backing or len(body) < 8 + 16 * count:
            return UNSPECIFIED
        resource.backing = [struct.unpack_from("<QI", body, 8 + 16 * index) for index in range(count)]
        return OK

    def _detach(self, body: bytes) -> int:
        (number,) = struct.unpack_from("<I", body)
        if number not in self.resources:
            return BAD_RESOURCE
        self.resources[number].backing = []
        return OK

    def _transfer(self, body: bytes) -> int:
        x, y, width, height, offset, number, _pad = struct.unpack_from("<IIIIQII", body)
        resource = self.resources.get(number)
        if resource is None or not resource.backing:
            return BAD_RESOURCE
        if x + width > resource.width or y + height > resource.height:
            return BAD_PARAMETER
        stride = resource.width * 4
        for row in range(height):
            try:
                data = resource.read(offset + row * stride, width * 4)
            except IndexError:
                return BAD_PARAMETER
            at = (y + row) * stride + x * 4
            resource.pixels[at : at + width * 4] = data
        self.transfers.append((x, y, width, height))
        return OK

    def _scan_out(self, body: bytes) -> int:
        x, y, width, height, scanout, number = struct.unpack_from("<IIIIII", body)
        if scanout != 0:
            return BAD_SCANOUT
        if number == 0:
            self.scanout_resource = 0
            self.picture = bytearray()
            return OK
        resource = self.resources.get(number)
        if resource is None:
            return BAD_RESOURCE
        if width < 16 or height < 16 or x + width > resource.width or y + height > resource.height:
            return BAD_PARAMETER
        self.scanout, self.scanout_resource = (x, y, width, height), number
        self.picture = bytearray(width * height * 4)
        return OK

    def _flush(self, body: bytes) -> int:
        x, y, width, height, number, _pad = struct.unpack_from("<IIIIII", body)
        resource = self.resources.get(number)
        if resource is None:
            return BAD_RESOURCE
        if x + width > resource.width or y + height > resource.height:
            return BAD_PARAMETER
        self.flushes.append((x, y, width, height))
        if number == self.scanout_resource:
            self._show(resource, (x, y, width, height))
        return OK

    def _show(self, resource: Resource, part: tuple[int, int, int, int]) -> None:
        """Bring a part of a resource to the screen, as far as the screen shows it."""
        left, top, width, height = self.scanout
        x0, x1 = max(part[0], left), min(part[0] + part[2], left + width)
        for y in range(max(part[1], top), min(part[1] + part[3], top + height)):
            source = (y * resource.width + x0) * 4
            target = ((y - top) * width + x0 - left) * 4
            self.picture[target : target + (x1 - x0) * 4] = resource.pixels[source : source + (x1 - x0) * 4]
