"""Mount options of iso9660. (mount(8))

Options of Linux that say what is the case anyway are taken: utf8, iocharset=utf8. Refused are those that could not be obeyed: other
character sets, map=acorn, and session, for which a drive would have to be asked (sbsector does the same on an image).
"""

from typing import Final

from scarlet.lang.errno import EINVAL, Errno
from vfs.owneroptions import pairs_of, required
from vfs.text import decimal, number

NOT_SET: Final = -1
DEFAULT_MODE: Final = 0o555
PERMISSIONS: Final = 0o777
BLOCK_SIZES: Final[list[bytes]] = [b"512", b"1024", b"2048"]
CRUFT_MASK: Final = 0x00FFFFFF


class IsoSettings:
    """The options of one mount. EINVAL for one that is unknown, or has a value that it cannot have."""

    def __init__(self, text: bytes) -> None:
        self.rock_ridge = True
        self.joliet = True
        self.relaxed = False
        """Names are found whatever the case of their letters."""
        self._check = b""
        self.maps_names = True
        """Plain names are shown in small letters, without the version."""
        self.hides = False
        """Hidden files are not there."""
        self.shows_associated = False
        self.uid = NOT_SET
        self.gid = NOT_SET
        self._mode = NOT_SET
        self._dmode = NOT_SET
        self.overrides_modes = False
        """The modes of these options rather than those of Rock Ridge."""
        self.uncompresses = True
        """Compressed files are refused, rather than shown as they are on the disc."""
        self.size_mask = 0xFFFFFFFF
        """What of a size is one: some discs have other things in its highest byte."""
        self.smallest_block = 512
        self.first_sector = 0
        """Where the session begins."""
        for key, value in pairs_of(text):
            self._take(key, value)

    def _take(self, key: bytes, value: bytes) -> None:
        if len(value) > 0:
            self._take_value(key, value)
            return
        match key:
            case b"norock":
                self.rock_ridge = False
            case b"nojoliet":
                self.joliet = False
            case b"hide":
                self.hides = True
            case b"unhide" | b"showassoc":
                self.shows_associated = True
            case b"overriderockperm":
                self.overrides_modes = True
            case b"nocompress":
                self.uncompresses = False
            case b"cruft":
                self.size_mask = CRUFT_MASK
            case b"utf8":
                pass
            case _:
                raise Errno(EINVAL, "an option that iso9660 does not have")

    def _take_value(self, key: bytes, value: bytes) -> None:
        match key:
            case b"check" if value == b"r" or value == b"relaxed" or value == b"s" or value == b"strict":
                self._check = value[:1]
            case b"map" if value == b"n" or value == b"normal" or value == b"o" or value == b"off":
                self.maps_names = value[:1] == b"n"
            case b"uid":
                self.uid = required(decimal(value))
            case b"gid":
                self.gid = required(decimal(value))
            case b"mode":
                self._mode = required(number(value)) & PERMISSIONS
            case b"dmode":
                self._dmode = required(number(value)) & PERMISSIONS
            case b"block" if value in BLOCK_SIZES:
                self.smallest_block = decimal(value)
            case b"sbsector":
                self.first_sector = required(decimal(value))
            case b"iocharset" if value == b"utf8":
                pass
            case _:
                raise Errno(EINVAL, "an option that iso9660 does not have, or not with this value")

    @property
    def file_mode(self) -> int:
        """The mode of a file that the disc says nothing of."""
        return self._mode if self._mode != NOT_SET else DEFAULT_MODE

    @property
    def directory_mode(self) -> int:
        """The same of a directory."""
        return self._dmode if self._dmode != NOT_SET else DEFAULT_MODE

    def overriding_mode(self, *, directory: bool) -> int:
        """The mode that a file has whatever the disc says; NOT_SET for none."""
        if not self.overrides_modes:
            return NOT_SET
        return self._dmode if directory else self._mode

    def decide_case(self, *, joliet: bool) -> None:
        """The tree is known: names of Joliet are found whatever their case, unless something else was asked for."""
        self.relaxed = self._check == b"r" or (joliet and self._check == b"")

    def text(self) -> bytes:
        """As the mount tables show them, but for those that say which tree it is."""
        out = f",check={'r' if self.relaxed else 's'},map={'n' if self.maps_names else 'o'}"
        out += ",hide" if self.hides else ""
        out += ",showassoc" if self.shows_associated else ""
        out += ",overriderockperm" if self.overrides_modes else ""
        out += ",nocompress" if not self.uncompresses else ""
        out += ",cruft" if self.size_mask == CRUFT_MASK else ""
        out += f",sbsector={self.first_sector}" if self.first_sector > 0 else ""
        out += f",uid={self.uid}" if self.uid != NOT_SET else ""
        out += f",gid={self.gid}" if self.gid != NOT_SET else ""
        out += f",dmode={self._dmode:o}" if self._dmode != NOT_SET else ""
        out += f",fmode={self._mode:o}" if self._mode != NOT_SET else ""
        return out.encode()
