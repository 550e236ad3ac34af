"""What driver and device of a virtio-gpu say to one another about pictures in two dimensions.

Source: VIRTIO 1.2, 5.7.6 "Device Operation", 5.7.4 "Device configuration layout".
"""

from enum import IntEnum
from typing import Annotated, Final

from scarlet.kernel.memory.pixelmemory import PixelMemory
from scarlet.lang import i32, struct, u32, u64

F_EDID: Final = u64(1 << 1)
"""The device passes on what its screens tell of themselves. (5.7.3)"""

EVENTS_READ: Final = 0
EVENTS_CLEAR: Final = 4
NUM_SCANOUTS: Final = 8
"""Offsets in the configuration."""
EVENT_DISPLAY: Final = 1
FLAG_FENCE: Final = 1
"""The answer comes when the work is done, not merely accepted."""
MAX_SCANOUTS: Final = 16

FORMAT_B8G8R8A8: Final = 1
FORMAT_B8G8R8X8: Final = 2
"""Bytes in memory: blue, green, red, and one for alpha or nothing."""


class Kind(IntEnum):
    """enum virtio_gpu_ctrl_type"""

    GET_DISPLAY_INFO = 0x0100
    RESOURCE_CREATE_2D = 0x0101
    RESOURCE_UNREF = 0x0102
    SET_SCANOUT = 0x0103
    RESOURCE_FLUSH = 0x0104
    TRANSFER_TO_HOST_2D = 0x0105
    RESOURCE_ATTACH_BACKING = 0x0106
    RESOURCE_DETACH_BACKING = 0x0107
    GET_EDID = 0x010A
    UPDATE_CURSOR = 0x0300
    MOVE_CURSOR = 0x0301


class Answer(IntEnum):
    """The type of what the device answers."""

    OK = 0x1100
    DISPLAY_INFO = 0x1101
    EDID = 0x1104
    FIRST_ERROR = 0x1200
    LAST_ERROR = 0x1205


@struct
class Header:
    """struct virtio_gpu_ctrl_hdr"""

    type: u32
    flags: u32
    fence_id: u64
    ctx_id: u32
    ring_idx: u32


@struct
class Rectangle:
    """struct virtio_gpu_rect"""

    x: u32
    y: u32
    width: u32
    height: u32


@struct
class DisplayOne:
    """struct virtio_gpu_display_one"""

    x: u32
    y: u32
    width: u32
    height: u32
    enabled: u32
    flags: u32


@struct
class GetEdid:
    """struct virtio_gpu_get_edid, behind the header; so are all that follow."""

    scanout: u32
    padding: u32


@struct
class EdidAnswer:
    """struct virtio_gpu_resp_edid"""

    size: u32
    padding: u32
    edid: Annotated[bytes, 1024]


@struct
class CreateResource:
    """struct virtio_gpu_resource_create_2d"""

    resource_id: u32
    format: u32
    width: u32
    height: u32


@struct
class ResourceOnly:
    """struct virtio_gpu_resource_unref"""

    resource_id: u32
    padding: u32


@struct
class SetScanout:
    """struct virtio_gpu_set_scanout"""

    x: u32
    y: u32
    width: u32
    height: u32
    scanout_id: u32
    resource_id: u32


@struct
class Flush:
    """struct virtio_gpu_resource_flush"""

    x: u32
    y: u32
    width: u32
    height: u32
    resource_id: u32
    padding: u32


@struct
class Transfer:
    """struct virtio_gpu_transfer_to_host_2d"""

    x: u32
    y: u32
    width: u32
    height: u32
    offset: u64
    resource_id: u32
    padding: u32


@struct
class AttachBacking:
    """struct virtio_gpu_resource_attach_backing, before its entries"""

    resource_id: u32
    nr_entries: u32


@struct
class MemoryEntry:
    """struct virtio_gpu_mem_entry"""

    addr: u64
    length: u32
    padding: u32


@struct
class Cursor:
    """struct virtio_gpu_update_cursor: the position, the picture, and which pixel of it points."""

    scanout_id: u32
    x: i32
    y: i32
    position_padding: u32
    resource_id: u32
    hot_x: u32
    hot_y: u32
    padding: u32


HEADER: Final = Header.SIZE
DISPLAY_INFO_SIZE: Final = HEADER + MAX_SCANOUTS * DisplayOne.SIZE
EDID_SIZE: Final = HEADER + EdidAnswer.SIZE


def attach_backing(resource: int, memory: PixelMemory) -> bytes:
    """The body of RESOURCE_ATTACH_BACKING: a resource lies in this memory."""
    parts = [AttachBacking(resource_id=u32(resource), nr_entries=u32(len(memory.runs))).pack()]
    for run in memory.runs:
        parts.append(MemoryEntry(addr=u64(run.pa), length=u32(run.length)).pack())
    return b"".join(parts)
