"""What the system calls itself: the names of uname(2). (uname(2), sethostname(2), proc_sys_kernel(5))"""

from typing import Final

SYSNAME: Final = b"Linux"
RELEASE: Final = b"6.12.0-scarlet"
"""The Linux release whose behaviour the Linux ABI follows: C libraries compare it with the oldest one they accept."""
VERSION: Final = b"#1 Scarlet"
MACHINE: Final = b"riscv64"
MAX_NAME: Final = 64


class Uts:
    """The two names that can be set."""

    def __init__(self) -> None:
        self.nodename = b"scarlet"
        self.domainname = b"(none)"


uts: Final = Uts()
