"""A viewer as it looks at a machine over VNC: just enough of the protocol to see the size of the screen, its pixels, and to ask for
another size.

Source: RFC 6143; "The RFB Protocol" (community version), "SetDesktopSize", "ExtendedDesktopSize Pseudo-encoding".
"""

import socket
import struct
from pathlib import Path
from types import TracebackType

from scarlet.cli.picture import Picture

VERSION = b"RFB 003.008\n"
NO_SECURITY = 1
RAW, EXTENDED_DESKTOP_SIZE = 0, -308
UPDATE, BELL, CUT_TEXT = 0, 2, 3
"""What the server says."""
SET_PIXEL_FORMAT, SET_ENCODINGS, REQUEST_UPDATE, SET_DESKTOP_SIZE = 0, 2, 3, 251
"""What the viewer says."""
TRUE_COLOUR = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
"""Pixels as bytes: blue, green, red, and one that means nothing."""


class Viewer:
    """One viewer of one machine."""

    def __init__(self, path: Path, limit_s: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(limit_s)
        self._socket.connect(str(path))
        assert self._read(12) == VERSION
        self._socket.sendall(VERSION)
        assert NO_SECURITY in self._read(self._read(1)[0])
        self._socket.sendall(bytes([NO_SECURITY]))
        assert self._read(4) == bytes(4), "welcome"
        self._socket.sendall(b"\1")
        self.width, self.height, name = struct.unpack(">HH16xI", self._read(24))
        self._read(name)
        self._pixels = bytearray(self.width * self.height * 3)
        self._socket.sendall(struct.pack(">Bxxx", SET_PIXEL_FORMAT) + TRUE_COLOUR)
        self._socket.sendall(struct.pack(">BxHii", SET_ENCODINGS, 2, RAW, EXTENDED_DESKTOP_SIZE))

    def __enter__(self) -> "Viewer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def ask_for_size(self, width: int, height: int) -> None:
        """The window was pulled to this size: one screen that fills it."""
        one = struct.pack(">IHHHHI", 0, 0, 0, width, height, 0)
        self._socket.sendall(struct.pack(">BxHHBx", SET_DESKTOP_SIZE, width, height, 1) + one)

    def look(self) -> Picture:
        """The screen, after whatever is new on it; `width` and `height` are its size then."""
        self._socket.sendall(struct.pack(">BBHHHH", REQUEST_UPDATE, 1, 0, 0, self.width, self.height))
        while (kind := self._read(1)[0]) != UPDATE:
            if kind == CUT_TEXT:
                self._read(struct.unpack(">xxxI", self._read(7))[0])
            else:
                assert kind == BELL, kind
        (count,) = struct.unpack(">xH", self._read(3))
        for _rectangle in range(count):
            self._rectangle(*struct.unpack(">HHHHi", self._read(12)))
        return Picture(self.width, self.height, bytes(self._pixels))

    def _rectangle(self, x: int, y: int, width: int, height: int, encoding: int) -> None:
        if encoding == EXTENDED_DESKTOP_SIZE:  # x and y say why, and whether it went well
            self._read(struct.unpack(">Bxxx", self._read(4))[0] * 16)
            if (width, height) != (self.width, self.height):
                self.width, self.height = width, height
                self._pixels = bytearray(width * height * 3)
            return
        assert encoding == RAW, encoding
        data = self._read(width * height * 4)
        for row in range(height):
            line = data[row * width * 4 : (row + 1) * width * 4]
            rgb = bytearray(width * 3)
            rgb[0::3], rgb[1::3], rgb[2::3] = line[2::4], line[1::4], line[0::4]
            at = ((y + row) * self.width + x) * 3
            self._pixels[at : at + width * 3] = rgb

    def _read(self, count: int) -> bytes:
        out = bytearray()
        while len(out) < count:
            data = self._socket.recv(count - len(out))
            assert data, "the machine has ended"
            out += data
        return bytes(out)
