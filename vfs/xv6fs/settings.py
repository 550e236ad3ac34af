"""Options of mounting an xv6 file system: those of owneroptions.py."""

from vfs.owneroptions import OwnerOptions


class Settings(OwnerOptions):
    """The options of one mount."""

    def __init__(self, text: bytes = b"") -> None:
        super().__init__()
        self.parse(text)
