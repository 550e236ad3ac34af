"""Mount options of FAT: uid, gid, umask; fmask and dmask, which are the umask of files and of directories. (mount(8), vfat)"""

from vfs.owneroptions import OwnerOptions, required
from vfs.text import octal


class FatSettings(OwnerOptions):
    """The options of one mount. Options of Linux that say what is the case anyway are taken: utf8, iocharset=utf8, shortname=mixed."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self._fmask = -1
        self._dmask = -1
        self.parse(text)

    @property
    def file_mode(self) -> int:
        """The mode of files that are not marked read-only."""
        return 0o777 & ~(self._fmask if self._fmask >= 0 else self.umask)

    @property
    def directory_mode(self) -> int:
        return 0o777 & ~(self._dmask if self._dmask >= 0 else self.umask)

    def take(self, key: bytes, value: bytes) -> None:
        match key:
            case b"fmask":
                self._fmask = required(octal(value)) & 0o777
            case b"dmask":
                self._dmask = required(octal(value)) & 0o777
            case b"utf8" if value == b"":
                pass
            case b"iocharset" if value == b"utf8":
                pass
            case b"shortname" if value == b"mixed":
                pass
            case _:
                super().take(key, value)

    def text(self) -> bytes:
        return f",uid={self.uid},gid={self.gid},fmask=0{0o777 & ~self.file_mode:o},dmask=0{0o777 & ~self.directory_mode:o},utf8".encode()
