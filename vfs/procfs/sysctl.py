"""/proc/sys: what can be asked, and a little that can be set. (proc_sys(5), proc_sys_kernel(5), proc_sys_vm(5), random(4))"""

from typing import Final

from objects.processes import processes
from objects.random import entropy_bits, random_bytes
from objects.uts import MAX_NAME, RELEASE, SYSNAME, VERSION, uts
from scarlet.lang.errno import EINVAL, Errno
from vfs.procfs.tree import add_file
from vfs.text import decimal

PID_MAX_LIMIT: Final = 1 << 22
PID_MAX_LEAST: Final = 301
MAX_FILES: Final = 1 << 20

_boot_id: Final[list[bytes]] = []
"""Made when it is first asked for."""


def announce() -> None:
    """Put the files into /proc."""
    add_file(b"sys/kernel/hostname", lambda: uts.nodename + b"\n", taker=_set_hostname, mode=0o644)
    add_file(b"sys/kernel/domainname", lambda: uts.domainname + b"\n", taker=_set_domainname, mode=0o644)
    add_file(b"sys/kernel/ostype", lambda: SYSNAME + b"\n")
    add_file(b"sys/kernel/osrelease", lambda: RELEASE + b"\n")
    add_file(b"sys/kernel/version", lambda: VERSION + b"\n")
    add_file(b"sys/kernel/pid_max", lambda: _number(processes.pid_max), taker=_set_pid_max, mode=0o644)
    add_file(b"sys/kernel/threads-max", lambda: _number(processes.pid_max))
    add_file(b"sys/kernel/ngroups_max", lambda: b"65536\n")
    add_file(b"sys/kernel/cap_last_cap", lambda: b"40\n")
    add_file(b"sys/kernel/overflowuid", lambda: b"65534\n")
    add_file(b"sys/kernel/overflowgid", lambda: b"65534\n")
    add_file(b"sys/kernel/random/uuid", _uuid)
    add_file(b"sys/kernel/random/boot_id", _boot_uuid)
    add_file(b"sys/kernel/random/entropy_avail", lambda: _number(entropy_bits()))
    add_file(b"sys/kernel/random/poolsize", lambda: b"256\n")
    add_file(b"sys/fs/file-max", lambda: _number(MAX_FILES))
    add_file(b"sys/fs/protected_hardlinks", lambda: b"1\n")
    add_file(b"sys/fs/nr_open", lambda: _number(MAX_FILES))
    add_file(b"sys/fs/pipe-max-size", lambda: b"1048576\n")
    add_file(b"sys/vm/overcommit_memory", lambda: b"0\n")
    add_file(b"sys/vm/swappiness", lambda: b"0\n")
    add_file(b"sys/vm/max_map_count", lambda: b"65530\n")
    add_file(b"sys/vm/mmap_min_addr", lambda: b"65536\n")


def _number(value: int) -> bytes:
    return str(value).encode() + b"\n"


def _name(text: bytes) -> bytes:
    name = text.split(b"\n")[0].split(b"\0")[0]
    if len(name) > MAX_NAME:
        raise Errno(EINVAL, "a name has at most 64 bytes")
    return name


def _set_hostname(text: bytes) -> None:
    uts.nodename = _name(text)


def _set_domainname(text: bytes) -> None:
    uts.domainname = _name(text)


def _set_pid_max(text: bytes) -> None:
    value = decimal(text.strip())
    if not PID_MAX_LEAST <= value <= PID_MAX_LIMIT:
        raise Errno(EINVAL, "pid_max is between 301 and 4194304")
    processes.pid_max = value


def _uuid() -> bytes:
    """A random UUID, version 4 (RFC 9562, section 5.4)."""
    raw = bytearray(random_bytes(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = "".join([f"{byte:02x}" for byte in raw])
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}\n".encode()


def _boot_uuid() -> bytes:
    if len(_boot_id) == 0:
        _boot_id.append(_uuid())
    return _boot_id[0]
