"""Images of ISO 9660 file systems on the host: checked by the kernel's own modules, under CPython."""

from pathlib import Path

from scarlet.cli.errors import UserError
from scarlet.cli.imagefile import ImageFile, mapped
from scarlet.lang.errno import EINVAL, Errno
from vfs.iso9660.check import check as problems_of

TREES = (b"nojoliet", b"norock", b"norock,nojoliet")
"""Mount options that show Rock Ridge's tree, Joliet's, and the plain one."""


def check(path: Path) -> int:
    """Print what is wrong, a line each. 0: sound; 1: not; UserError when it cannot be read or holds no ISO 9660 file system."""
    problems: dict[str, None] = {}
    with mapped(path) as data:
        try:
            for options in TREES:
                problems |= dict.fromkeys(problems_of(ImageFile(data), options))
        except Errno as error:
            if error.code == EINVAL:
                raise UserError(f"{path}: {error.reason}") from None
            problems[error.reason] = None
    for problem in problems:
        print(problem)
    print(f"{path}: iso9660, {'sound' if not problems else f'{len(problems)} problem(s)'}")
    return 1 if problems else 0
