"""Descriptors themselves: duplicating, their flags, ioctl(2); locks on what they hold are in filelocks.py.

Sources: dup(2), fcntl(2), close_range(2), ioctl(2).
"""

from enum import IntEnum, IntFlag
from typing import Annotated, Final

from abi_modules.linux_riscv64.block_ioctl import block_ioctl
from abi_modules.linux_riscv64.console_ioctl import console_ioctl
from abi_modules.linux_riscv64.declare import OpenFlags
from abi_modules.linux_riscv64.evdev import evdev_ioctl
from abi_modules.linux_riscv64.filelocks import get_lock, set_lock
from abi_modules.linux_riscv64.framebuffer_ioctl import framebuffer_ioctl
from abi_modules.linux_riscv64.memfd import add_seals, get_seals
from abi_modules.linux_riscv64.places import content, require_flags
from abi_modules.linux_riscv64.rtc_ioctl import rtc_ioctl
from abi_modules.linux_riscv64.socket_ioctls import socket_ioctl
from abi_modules.linux_riscv64.terminal import IoctlRequest, terminal_ioctl
from executor.declare import Address, Fd, syscall
from objects.framebufferfile import FramebufferFile
from objects.handle import Handle
from objects.inode import Inode, InodeType
from objects.inputfile import EventFile
from objects.object import KernelObject, Rights, Status
from objects.pipe import PipeEnd
from objects.realtimeclock import ClockFile
from objects.socket import Socket
from objects.task import Task
from objects.terminal_file import TerminalFile
from scarlet.kernel.memory.user import load_u32, store_i32
from scarlet.lang import Errno, i32, isize, u32, u64
from scarlet.lang.errno import EBADF, EINVAL, ENOTTY, EPERM
from vfs.blockdevices import OpenDisk
from vfs.permissions import owns


@syscall(23)
def dup(task: Task, oldfd: Fd) -> isize:
    """dup(2)"""
    return isize(task.handles.duplicate(oldfd))


@syscall(24)
def dup3(task: Task, oldfd: Fd, newfd: Fd, flags: OpenFlags) -> isize:
    """dup3(2): O_CLOEXEC or nothing; EINVAL when both descriptors are the same."""
    require_flags(int(flags), OpenFlags.O_CLOEXEC)
    if oldfd == newfd:
        raise Errno(EINVAL, "the same descriptor twice")
    return isize(task.handles.duplicate_to(oldfd, newfd, close_on_exec=flags & OpenFlags.O_CLOEXEC != 0))


class CloseRangeFlags(IntFlag):
    """close_range(2)"""

    CLOSE_RANGE_UNSHARE = 2
    CLOSE_RANGE_CLOEXEC = 4


@syscall(436)
def close_range(task: Task, first: u32, last: u32, flags: CloseRangeFlags) -> None:
    """close_range(2)"""
    require_flags(int(flags), 6)
    if first > last:
        raise Errno(EINVAL, "an empty range")
    if flags & CloseRangeFlags.CLOSE_RANGE_UNSHARE and task.process.shares_parts:
        task.process.handles = task.handles.fork()
        for thread in task.process.threads:
            thread.refresh()
    for slot in task.handles.slots():
        if first <= slot <= last:
            if flags & CloseRangeFlags.CLOSE_RANGE_CLOEXEC:
                task.handles.set_close_on_exec(slot, True)
            else:
                task.handles.close(slot)


# --- fcntl ------------------------------------------------------------------------------------------------------------------


class FcntlCommand(IntEnum):
    """fcntl(2)"""

    F_DUPFD = 0
    F_GETFD = 1
    F_SETFD = 2
    F_GETFL = 3
    F_SETFL = 4
    F_GETLK = 5
    F_SETLK = 6
    F_SETLKW = 7
    F_SETOWN = 8
    F_GETOWN = 9
    F_SETSIG = 10
    F_GETSIG = 11
    F_SETOWN_EX = 15
    F_GETOWN_EX = 16
    F_OFD_GETLK = 36
    F_OFD_SETLK = 37
    F_OFD_SETLKW = 38
    F_SETLEASE = 1024
    F_GETLEASE = 1025
    F_NOTIFY = 1026
    F_DUPFD_CLOEXEC = 1030
    F_SETPIPE_SZ = 1031
    F_GETPIPE_SZ = 1032
    F_ADD_SEALS = 1033
    F_GET_SEALS = 1034


FD_CLOEXEC: Final = 1
SETTABLE: Final = Status.APPEND | Status.NONBLOCK | Status.DIRECT | Status.NOATIME
"""What F_SETFL changes; signal-driven I/O (O_ASYNC) does not exist here."""


@syscall(25)
def fcntl(task: Task, fd: Fd, cmd: Annotated[i32, FcntlCommand], arg: Address) -> isize:
    """fcntl(2): duplication, flags, record and open-file-description locks, pipe sizes, seals. EINVAL for leases, notification, SIGIO."""
    handle = task.handles.handle(fd)
    match int(cmd):
        case FcntlCommand.F_DUPFD:
            return isize(task.handles.duplicate(fd, lowest=i32(arg)))
        case FcntlCommand.F_DUPFD_CLOEXEC:
            return isize(task.handles.duplicate(fd, lowest=i32(arg), close_on_exec=True))
        case FcntlCommand.F_GETFD:
            return isize(FD_CLOEXEC if handle.close_on_exec else 0)
        case FcntlCommand.F_SETFD:
            task.handles.set_close_on_exec(fd, arg & u64(FD_CLOEXEC) != 0)
            return isize(0)
        case FcntlCommand.F_GETFL:
            return isize(_open_flags(handle))
        case _:
            return isize(_command_on_content(task, content(task, fd), handle.rights, int(cmd), arg))


def _open_flags(handle: Handle) -> int:
    """The flags of open(2) as F_GETFL gives them back."""
    flags = int(handle.object.status)
    access = handle.rights & (Rights.READ | Rights.WRITE)
    if access == Rights.READ | Rights.WRITE:
        return flags | OpenFlags.O_RDWR
    if access == Rights.WRITE:
        return flags | OpenFlags.O_WRONLY
    return flags


def _command_on_content(task: Task, object: KernelObject, rights: Rights, command: int, arg: u64) -> int:
    match command:
        case FcntlCommand.F_SETFL:
            _set_status(task, object, int(u32(arg)))
        case FcntlCommand.F_GETLK | FcntlCommand.F_OFD_GETLK:
            get_lock(task, object, arg, shared=command == FcntlCommand.F_OFD_GETLK)
        case FcntlCommand.F_SETLK | FcntlCommand.F_SETLKW:
            set_lock(task, object, rights, arg, wait=command == FcntlCommand.F_SETLKW, shared=False)
        case FcntlCommand.F_OFD_SETLK | FcntlCommand.F_OFD_SETLKW:
            set_lock(task, object, rights, arg, wait=command == FcntlCommand.F_OFD_SETLKW, shared=True)
        case FcntlCommand.F_GETOWN | FcntlCommand.F_GETSIG:
            return 0
        case FcntlCommand.F_GET_SEALS:
            return get_seals(object)
        case FcntlCommand.F_ADD_SEALS:
            add_seals(object, rights, int(u32(arg)))
        case FcntlCommand.F_GETPIPE_SZ:
            return _pipe(object).capacity()
        case FcntlCommand.F_SETPIPE_SZ:
            return _pipe(object).set_capacity(int(u32(arg)))
        case _:
            raise Errno(EINVAL, "a command that is not supported")
    return 0


def _set_status(task: Task, object: KernelObject, flags: int) -> None:
    inode = object.inode()
    if flags & OpenFlags.O_NOATIME and not object.status & Status.NOATIME and inode is not None and not owns(task.credentials, inode):
        raise Errno(EPERM, "O_NOATIME is for the owner")
    if flags & OpenFlags.O_ASYNC:
        raise Errno(EINVAL, "no signal-driven I/O")
    wanted = Status(flags & SETTABLE)
    if wanted & Status.DIRECT and not object.status & Status.DIRECT and not _may_be_direct(inode):
        raise Errno(EINVAL, "only files and disks are read and written directly; pipes have no packet mode")
    object.status = (object.status & ~SETTABLE) | wanted


def _may_be_direct(inode: Inode | None) -> bool:
    if inode is None or inode.type not in (InodeType.REGULAR, InodeType.BLOCK):
        return False
    return inode.supports_direct()


def _pipe(object: KernelObject) -> PipeEnd:
    if not isinstance(object, PipeEnd):
        raise Errno(EBADF, "not a pipe")
    return object


# --- ioctl ------------------------------------------------------------------------------------------------------------------


@syscall(29)
def ioctl(task: Task, fd: Fd, request: Annotated[u32, IoctlRequest], argp: Address) -> isize:
    """ioctl(2): what every descriptor knows, and the requests of terminals, screens, input devices, disks and sockets. ENOTTY."""
    object = content(task, fd)
    match int(request):
        case IoctlRequest.FIOCLEX:
            task.handles.set_close_on_exec(fd, True)
        case IoctlRequest.FIONCLEX:
            task.handles.set_close_on_exec(fd, False)
        case IoctlRequest.FIONBIO:
            if load_u32(task.space, argp) != 0:
                object.status |= Status.NONBLOCK
            else:
                object.status &= ~Status.NONBLOCK
        case _:
            if isinstance(object, EventFile):
                return isize(evdev_ioctl(task, object, int(request), argp))
            if isinstance(object, Socket):
                return isize(socket_ioctl(task, object, int(request), argp))
            if isinstance(object, FramebufferFile):
                return isize(framebuffer_ioctl(task, object, int(request), argp))
            if isinstance(object, ClockFile):
                return isize(rtc_ioctl(task, object, int(request), argp))
            if isinstance(object, OpenDisk):
                return isize(block_ioctl(task, object, int(request), argp))
            if isinstance(object, TerminalFile):
                if console_ioctl(task, object, int(request), argp):
                    return isize(0)
                return isize(terminal_ioctl(task, object, int(request), argp))
            if request != IoctlRequest.FIONREAD:
                raise Errno(ENOTTY, "an unknown request")
            store_i32(task.space, argp, min(object.available(), 0x7FFFFFFF))
    return isize(0)
