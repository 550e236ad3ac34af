"""Requests of ioctl(2) on /dev/fb files. (linux/fb.h; kernel documentation "The Frame Buffer Device API")

What can be changed of a picture: its size and the number of rows of memory, as far as there is memory, and the row at which it begins.
Pixels are XRGB8888 and nothing else. Requests that need what is not there (vertical blanking, hardware cursors) are ENOTTY.
"""

from enum import IntEnum
from typing import Annotated, Final

from objects.colourmap import ColourMap
from objects.framebuffer import Framebuffer
from objects.framebufferfile import FramebufferFile
from objects.picturemode import Mode
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, store_bytes
from scarlet.lang import Errno, struct, u16, u32, u64
from scarlet.lang.errno import EINVAL, ENOTTY

UNKNOWN_MM: Final = 0xFFFFFFFF
TRUE_COLOUR: Final = 2
"""FB_VISUAL_TRUECOLOR"""
ACTIVATE_MASK: Final = 15
ACTIVATE_NOW: Final = 0
ACTIVATE_TEST: Final = 2
VMODE_MASK: Final = 255
BITS: Final = 32
UNBLANK: Final = 0


class FramebufferRequest(IntEnum):
    """linux/fb.h"""

    FBIOGET_VSCREENINFO = 0x4600
    FBIOPUT_VSCREENINFO = 0x4601
    FBIOGET_FSCREENINFO = 0x4602
    FBIOGETCMAP = 0x4604
    FBIOPUTCMAP = 0x4605
    FBIOPAN_DISPLAY = 0x4606
    FBIOBLANK = 0x4611


@struct
class VariableInfo:
    """struct fb_var_screeninfo"""

    xres: u32
    yres: u32
    xres_virtual: u32
    yres_virtual: u32
    xoffset: u32
    yoffset: u32
    bits_per_pixel: u32
    grayscale: u32
    red_offset: u32
    red_length: u32
    red_msb_right: u32
    green_offset: u32
    green_length: u32
    green_msb_right: u32
    blue_offset: u32
    blue_length: u32
    blue_msb_right: u32
    transp_offset: u32
    transp_length: u32
    transp_msb_right: u32
    nonstd: u32
    activate: u32
    height: u32
    width: u32
    accel_flags: u32
    pixclock: u32
    left_margin: u32
    right_margin: u32
    upper_margin: u32
    lower_margin: u32
    hsync_len: u32
    vsync_len: u32
    sync: u32
    vmode: u32
    rotate: u32
    colorspace: u32
    reserved: Annotated[bytes, 16]


@struct
class FixedInfo:
    """struct fb_fix_screeninfo"""

    id: Annotated[bytes, 16]
    smem_start: u64
    smem_len: u32
    type: u32
    type_aux: u32
    visual: u32
    xpanstep: u16
    ypanstep: u16
    ywrapstep: u16
    line_length: u32
    mmio_start: u64
    mmio_len: u32
    accel: u32
    capabilities: u16
    reserved: Annotated[bytes, 4]


@struct
class ColourMapRequest:
    """struct fb_cmap: four arrays of 16-bit numbers"""

    start: u32
    len: u32
    red: u64
    green: u64
    blue: u64
    transp: u64


def framebuffer_ioctl(task: Task, file: FramebufferFile, request: int, argument: u64) -> int:
    """A request on an open framebuffer. ENOTTY for one that is not known; ENODEV, EFAULT, EINVAL, EBUSY, ENOMEM, EIO."""
    framebuffer = file.live()
    match request:
        case FramebufferRequest.FBIOGET_VSCREENINFO:
            store_bytes(task.space, argument, _variable(framebuffer).pack())
        case FramebufferRequest.FBIOPUT_VSCREENINFO:
            _set_variable(framebuffer, _load_variable(task, argument))
            store_bytes(task.space, argument, _variable(framebuffer).pack())
        case FramebufferRequest.FBIOGET_FSCREENINFO:
            store_bytes(task.space, argument, _fixed(framebuffer).pack())
        case FramebufferRequest.FBIOPAN_DISPLAY:
            wanted = _load_variable(task, argument)
            if wanted.xoffset != 0:
                raise Errno(EINVAL, "the picture moves up and down only")
            framebuffer.pan(int(wanted.yoffset))
            store_bytes(task.space, argument, _variable(framebuffer).pack())
        case FramebufferRequest.FBIOBLANK:
            framebuffer.set_blank(blank=argument != UNBLANK)
        case FramebufferRequest.FBIOGETCMAP:
            _get_colours(task, framebuffer.colour_map, argument)
        case FramebufferRequest.FBIOPUTCMAP:
            _put_colours(task, framebuffer.colour_map, argument)
        case _:
            raise Errno(ENOTTY, "a framebuffer does not know this request")
    return 0


def _load_variable(task: Task, address: u64) -> VariableInfo:
    return VariableInfo.parse(load_bytes(task.space, address, VariableInfo.SIZE))


def _variable(framebuffer: Framebuffer) -> VariableInfo:
    mode = framebuffer.mode
    return VariableInfo(
        xres=u32(mode.width),
        yres=u32(mode.height),
        xres_virtual=u32(mode.memory_width),
        yres_virtual=u32(mode.rows),
        yoffset=u32(framebuffer.first_row),
        bits_per_pixel=u32(BITS),
        red_offset=u32(16),
        red_length=u32(8),
        green_offset=u32(8),
        green_length=u32(8),
        blue_length=u32(8),
        height=u32(framebuffer.height_mm if framebuffer.height_mm > 0 else UNKNOWN_MM),
        width=u32(framebuffer.width_mm if framebuffer.width_mm > 0 else UNKNOWN_MM),
    )


def _fixed(framebuffer: Framebuffer) -> FixedInfo:
    memory = framebuffer.memory
    whole = memory is not None and len(memory.runs) == 1
    return FixedInfo(
        id=framebuffer.name[:15] + bytes(16 - min(len(framebuffer.name), 15)),
        smem_start=u64(memory.runs[0].pa if memory is not None and whole else 0),
        smem_len=u32(framebuffer.mode.size),
        visual=u32(TRUE_COLOUR),
        ypanstep=u16(1),
        line_length=u32(framebuffer.mode.stride),
    )


def _set_variable(framebuffer: Framebuffer, wanted: VariableInfo) -> None:
    """EINVAL for what cannot be; nothing is changed then."""
    activate = wanted.activate & ACTIVATE_MASK
    if activate != ACTIVATE_NOW and activate != ACTIVATE_TEST:
        raise Errno(EINVAL, "a mode is set now, or tested")
    if wanted.bits_per_pixel != BITS or wanted.grayscale != 0 or wanted.nonstd != 0 or not _has_our_colours(wanted):
        raise Errno(EINVAL, "pixels are XRGB8888")
    if wanted.rotate != 0 or wanted.vmode & VMODE_MASK != 0 or wanted.xoffset != 0:
        raise Errno(EINVAL, "neither rotation nor interlacing nor panning sideways")
    if wanted.xres > 0xFFFF or wanted.yres > 0xFFFF or wanted.yres_virtual > 0xFFFF:
        raise Errno(EINVAL, "no such picture")
    mode = Mode(int(wanted.xres), int(wanted.yres), max(int(wanted.yres), int(wanted.yres_virtual)))
    if not mode.is_possible() or wanted.xres_virtual > mode.memory_width or wanted.yoffset > mode.rows - mode.height:
        raise Errno(EINVAL, "no such picture")
    if activate == ACTIVATE_NOW:
        framebuffer.set_mode(mode)
        framebuffer.pan(int(wanted.yoffset))


def _has_our_colours(wanted: VariableInfo) -> bool:
    """Those of the pixels here, or none named."""
    lengths = (int(wanted.red_length), int(wanted.green_length), int(wanted.blue_length), int(wanted.transp_length))
    if lengths == (0, 0, 0, 0):
        return True
    offsets = (int(wanted.red_offset), int(wanted.green_offset), int(wanted.blue_offset))
    return lengths == (8, 8, 8, 0) and offsets == (16, 8, 0)


def _get_colours(task: Task, colours: ColourMap, address: u64) -> None:
    request = ColourMapRequest.parse(load_bytes(task.space, address, ColourMapRequest.SIZE))
    start = int(request.start)
    count = colours.check_readable(start, int(request.len))
    store_bytes(task.space, request.red, _words(colours.red[start : start + count]))
    store_bytes(task.space, request.green, _words(colours.green[start : start + count]))
    store_bytes(task.space, request.blue, _words(colours.blue[start : start + count]))
    if request.transp != 0:
        store_bytes(task.space, request.transp, bytes(2 * count))


def _put_colours(task: Task, colours: ColourMap, address: u64) -> None:
    request = ColourMapRequest.parse(load_bytes(task.space, address, ColourMapRequest.SIZE))
    start = int(request.start)
    count = int(request.len)
    if count > len(colours.red):
        raise Errno(EINVAL, "outside the colour map")
    red = _load_words(task, request.red, count)
    green = _load_words(task, request.green, count)
    colours.put(start, red, green, _load_words(task, request.blue, count))


def _words(values: list[int]) -> bytes:
    out = bytearray()
    for value in values:
        out.append(value & 0xFF)
        out.append(value >> 8)
    return bytes(out)


def _load_words(task: Task, address: u64, count: int) -> list[int]:
    data = load_bytes(task.space, address, 2 * count)
    return [data[2 * index] | data[2 * index + 1] << 8 for index in range(count)]
