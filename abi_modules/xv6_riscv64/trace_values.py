"""Values of xv6's own types as the trace shows them."""

from abi_modules.xv6_riscv64.layouts import Stat
from executor.trace_values import show_address
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, load_u32
from scarlet.lang import Errno, i32, u64

KINDS = [b"?", b"T_DIR", b"T_FILE", b"T_DEVICE"]


def show_stat(task: Task, address: u64, following: u64, result: int) -> str:
    """struct stat"""
    try:
        stat = Stat.parse(load_bytes(task.space, address, Stat.SIZE))
    except Errno:
        return show_address(address)
    kind = KINDS[int(stat.type) if 0 < stat.type < len(KINDS) else 0].decode()
    return f"{{type={kind}, ino={stat.ino}, nlink={stat.nlink}, size={stat.size}}}"


def show_status(task: Task, address: u64, following: u64, result: int) -> str:
    """The status of a child that ended."""
    if address == 0:
        return "0"
    try:
        return f"[{i32(load_u32(task.space, address))}]"
    except Errno:
        return show_address(address)
