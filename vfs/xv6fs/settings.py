"""Options of mounting an xv6 file system, which keeps neither owners nor modes: uid, gid and umask for all files. (mount(8), as for fat)"""

from scarlet.lang.errno import EINVAL, Errno
from vfs.text import decimal, octal


class Settings:
    """Who owns the files, and what nobody may do with them. EINVAL for an option that is none of these."""

    def __init__(self, text: bytes = b"") -> None:
        self.uid = 0
        self.gid = 0
        self.umask = 0o022
        for option in text.split(b","):
            if len(option) > 0:
                self._take(option)

    def _take(self, option: bytes) -> None:
        equals = option.find(b"=")
        key = option[:equals] if equals >= 0 else option
        value = option[equals + 1 :] if equals >= 0 else b""
        match key:
            case b"uid":
                self.uid = _required(decimal(value))
            case b"gid":
                self.gid = _required(decimal(value))
            case b"umask":
                self.umask = _required(octal(value)) & 0o777
            case _:
                raise Errno(EINVAL, "an xv6 file system has the options uid, gid and umask")

    def text(self) -> bytes:
        """As the mount tables show them."""
        return f",uid={self.uid},gid={self.gid},umask=0{self.umask:o}".encode()


def _required(number: int) -> int:
    if not 0 <= number <= 0xFFFFFFFF:
        raise Errno(EINVAL, "not a number")
    return number
