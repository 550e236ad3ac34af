"""prctl(2): settings of a process that have no call of their own."""

from enum import IntEnum
from typing import Annotated, Final

from abi_modules.linux_riscv64.state import state_of
from executor.declare import Bits, syscall
from objects.credentials import CAP_LAST, CAP_SETPCAP
from objects.task import Task
from scarlet.kernel.memory.user import load_bytes, store_bytes, store_i32, store_u64
from scarlet.lang import Errno, i32, u64
from scarlet.lang.errno import EINVAL, EPERM

COMM_BYTES: Final = 16
SECBIT_KEEP_CAPS: Final = 1 << 4


class PrctlOption(IntEnum):
    """linux/prctl.h, the options that are answered"""

    PR_SET_PDEATHSIG = 1
    PR_GET_PDEATHSIG = 2
    PR_GET_DUMPABLE = 3
    PR_SET_DUMPABLE = 4
    PR_GET_KEEPCAPS = 7
    PR_SET_KEEPCAPS = 8
    PR_SET_NAME = 15
    PR_GET_NAME = 16
    PR_GET_SECCOMP = 21
    PR_CAPBSET_READ = 23
    PR_CAPBSET_DROP = 24
    PR_GET_SECUREBITS = 27
    PR_SET_CHILD_SUBREAPER = 36
    PR_GET_CHILD_SUBREAPER = 37
    PR_SET_NO_NEW_PRIVS = 38
    PR_GET_NO_NEW_PRIVS = 39
    PR_GET_TID_ADDRESS = 40
    PR_GET_THP_DISABLE = 42
    PR_CAP_AMBIENT = 47


class AmbientAction(IntEnum):
    """What PR_CAP_AMBIENT does."""

    PR_CAP_AMBIENT_IS_SET = 1
    PR_CAP_AMBIENT_RAISE = 2
    PR_CAP_AMBIENT_LOWER = 3
    PR_CAP_AMBIENT_CLEAR_ALL = 4


@syscall(167)
def prctl(task: Task, option: Annotated[i32, PrctlOption], arg2: Bits, arg3: Bits, arg4: Bits, arg5: Bits) -> i32:
    """prctl(2): names, death signal, dumpable, kept capabilities, bounding set, subreaper, no_new_privs; EINVAL for every other option."""
    process = task.process
    match option:
        case PrctlOption.PR_SET_PDEATHSIG:
            if arg2 > 64:
                raise Errno(EINVAL, "no such signal")
            process.parent_death_signal = int(arg2)
        case PrctlOption.PR_GET_PDEATHSIG:
            store_i32(task.space, arg2, process.parent_death_signal)
        case PrctlOption.PR_GET_DUMPABLE:
            return i32(1 if process.dumpable else 0)
        case PrctlOption.PR_SET_DUMPABLE:
            process.dumpable = _as_bool(arg2)
        case PrctlOption.PR_SET_NAME:
            name = load_bytes(task.space, arg2, _readable_name_bytes(task, arg2))
            end = name.find(b"\0")
            process.set_name(name[:end] if end >= 0 else name)
        case PrctlOption.PR_GET_NAME:
            store_bytes(task.space, arg2, process.name + bytes(COMM_BYTES - len(process.name)))
        case PrctlOption.PR_SET_CHILD_SUBREAPER:
            process.subreaper = arg2 != 0
        case PrctlOption.PR_GET_CHILD_SUBREAPER:
            store_i32(task.space, arg2, 1 if process.subreaper else 0)
        case PrctlOption.PR_SET_NO_NEW_PRIVS:
            if arg2 != 1 or arg3 != 0 or arg4 != 0 or arg5 != 0:
                raise Errno(EINVAL, "the second argument must be 1, the others 0")
            process.no_new_privileges = True
        case PrctlOption.PR_GET_NO_NEW_PRIVS:
            _require_zero(arg2, arg3, arg4, arg5)
            return i32(1 if process.no_new_privileges else 0)
        case PrctlOption.PR_GET_TID_ADDRESS:
            store_u64(task.space, arg2, state_of(task).clear_child_tid)
        case PrctlOption.PR_GET_SECCOMP:
            return i32(0)
        case PrctlOption.PR_GET_THP_DISABLE:
            _require_zero(arg2, arg3, arg4, arg5)
            return i32(0)
        case PrctlOption.PR_CAP_AMBIENT:
            _ambient(arg2, arg3, arg4, arg5)
        case _:
            return _capability_option(task, option, arg2)
    return i32(0)


def _ambient(action: u64, capability: u64, arg4: u64, arg5: u64) -> None:
    """The set of ambient capabilities is empty, and stays so: EPERM to raise one. (capabilities(7))"""
    if action == AmbientAction.PR_CAP_AMBIENT_CLEAR_ALL:
        _require_zero(capability, arg4, arg5, u64(0))
        return
    _require_zero(arg4, arg5, u64(0), u64(0))
    _capability(capability)
    if not AmbientAction.PR_CAP_AMBIENT_IS_SET <= action <= AmbientAction.PR_CAP_AMBIENT_LOWER:
        raise Errno(EINVAL, "no such action on ambient capabilities")
    if action == AmbientAction.PR_CAP_AMBIENT_RAISE:
        raise Errno(EPERM, "capabilities are not ambient here")


def _capability_option(task: Task, option: i32, argument: u64) -> i32:
    who = task.credentials
    match option:
        case PrctlOption.PR_GET_KEEPCAPS:
            return i32(1 if who.keep_capabilities else 0)
        case PrctlOption.PR_SET_KEEPCAPS:
            who.keep_capabilities = _as_bool(argument)
        case PrctlOption.PR_GET_SECUREBITS:
            return i32(SECBIT_KEEP_CAPS if who.keep_capabilities else 0)
        case PrctlOption.PR_CAPBSET_READ:
            return i32(who.bounding >> _capability(argument) & 1)
        case PrctlOption.PR_CAPBSET_DROP:
            who.require(CAP_SETPCAP, "dropping from the bounding set needs CAP_SETPCAP")
            who.bounding &= ~(1 << _capability(argument))
        case _:
            raise Errno(EINVAL, "this option is not supported")
    return i32(0)


def _as_bool(value: u64) -> bool:
    if value > 1:
        raise Errno(EINVAL, "the argument must be 0 or 1")
    return value == 1


def _capability(value: u64) -> int:
    if value > CAP_LAST:
        raise Errno(EINVAL, "no such capability")
    return int(value)


def _require_zero(arg2: u64, arg3: u64, arg4: u64, arg5: u64) -> None:
    if arg2 != 0 or arg3 != 0 or arg4 != 0 or arg5 != 0:
        raise Errno(EINVAL, "unused arguments must be 0")


def _readable_name_bytes(task: Task, address: u64) -> int:
    """A name of up to 15 bytes may end at the end of what is mapped: read to its null or to the limit, whatever comes first."""
    page_left = 4096 - int(address & 4095)
    if page_left >= COMM_BYTES - 1 or load_bytes(task.space, address, page_left).find(b"\0") >= 0:
        return min(page_left, COMM_BYTES - 1)
    return COMM_BYTES - 1
