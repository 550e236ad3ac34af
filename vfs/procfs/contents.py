"""What /proc holds from the start."""

from typing import Final

from objects.inode import Inode
from vfs.procfs import blocks, network, own, sysctl, sysrq, system
from vfs.procfs.process import Finder, self_link, thread_self_link
from vfs.procfs.tree import ProcRoot, add_file, add_link, root

_filled: Final[list[bool]] = []


def new_procfs() -> ProcRoot:
    """The root of /proc, filled when it is first asked for."""
    if len(_filled) == 0:
        _filled.append(True)
        _fill()
    return root


def mount_procfs(source: bytes, options: bytes) -> Inode:
    """For mount(2)."""
    return new_procfs()


def _fill() -> None:
    root.finder = Finder()
    add_link(b"self", self_link)
    add_link(b"thread-self", thread_self_link)
    add_link(b"mounts", lambda: b"self/mounts")
    add_file(b"buddyinfo", system.buddyinfo)
    add_file(b"cpuinfo", system.cpuinfo)
    add_file(b"devices", system.device_list)
    add_file(b"filesystems", system.filesystems)
    add_file(b"interrupts", system.interrupts)
    add_file(b"loadavg", system.loadavg)
    add_file(b"meminfo", system.meminfo)
    add_file(b"partitions", blocks.partitions)
    add_file(b"diskstats", blocks.diskstats)
    add_file(b"stat", system.stat)
    add_file(b"swaps", system.swaps)
    add_file(b"uptime", system.uptime)
    add_file(b"version", system.version)
    sysctl.announce()
    sysrq.announce()
    own.announce()
    network.announce()
