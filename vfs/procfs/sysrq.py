"""/proc/sysrq-trigger: writing `c` to it crashes the kernel, to see what a crash looks like (Linux Documentation/admin-guide/sysrq.rst).

The other keys of Linux are refused with EINVAL.
"""

from scarlet.kernel.crash import crash
from scarlet.lang.errno import EINVAL, Errno
from vfs.procfs.tree import add_file


def announce() -> None:
    """Put the file into /proc; it is root's, and cannot be read."""
    add_file(b"sysrq-trigger", lambda: b"", taker=_pressed, mode=0o200)


def _pressed(text: bytes) -> None:
    if text[:1] != b"c":
        raise Errno(EINVAL, "the only key is c")
    crash("sysrq: a crash was asked for")
