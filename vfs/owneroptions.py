"""Mount options of file systems that keep neither owners nor modes: uid, gid and umask for all files. (mount(8), as for fat)"""

from scarlet.lang.errno import EINVAL, Errno
from vfs.text import decimal, octal


class OwnerOptions:
    """Who owns the files, and what nobody may do with them. EINVAL for an option that is none of these, nor one of a derived class."""

    def __init__(self) -> None:
        self.uid = 0
        self.gid = 0
        self.umask = 0o022

    def parse(self, text: bytes) -> None:
        """Take the options of mount(2)."""
        for key, value in pairs_of(text):
            self.take(key, value)

    def take(self, key: bytes, value: bytes) -> None:
        """One option."""
        match key:
            case b"uid":
                self.uid = required(decimal(value))
            case b"gid":
                self.gid = required(decimal(value))
            case b"umask":
                self.umask = required(octal(value)) & 0o777
            case _:
                raise Errno(EINVAL, "an option that this kind of file system does not have")

    def text(self) -> bytes:
        """As the mount tables show them."""
        return f",uid={self.uid},gid={self.gid},umask=0{self.umask:o}".encode()


def pairs_of(text: bytes) -> list[tuple[bytes, bytes]]:
    """The options of mount(2), each as its name and its value, which is empty where there is none."""
    pairs: list[tuple[bytes, bytes]] = []
    for option in text.split(b","):
        if len(option) > 0:
            equals = option.find(b"=")
            pairs.append((option, b"") if equals < 0 else (option[:equals], option[equals + 1 :]))
    return pairs


def required(number: int) -> int:
    """A number that was there. EINVAL."""
    if not 0 <= number <= 0xFFFFFFFF:
        raise Errno(EINVAL, "not a number")
    return number
