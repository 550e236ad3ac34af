"""Exceptions of user programs: page faults are resolved if they can be, the rest becomes signals. (sigaction(2), siginfo_t)

Every signal from here is forced: a program that blocks or ignores it is ended, because it could only fault again.
"""

from typing import TYPE_CHECKING

from objects.signalling import force
from scarlet.kernel import log
from scarlet.kernel.memory.area import Access, FaultResult
from scarlet.kernel.signals import (
    BUS_ADRALN,
    BUS_ADRERR,
    ILL_ILLOPC,
    SEGV_ACCERR,
    SEGV_MAPERR,
    SI_KERNEL,
    TRAP_BRKPT,
    Signal,
    SignalInfo,
)
from scarlet.kernel.trap import Cause
from scarlet.lang import u64

if TYPE_CHECKING:
    from objects.task import Task


def serve_fault(task: "Task", cause: Cause, address: u64) -> None:
    """`address` is stval: the address that was accessed, for the exceptions that have one."""
    match cause:
        case Cause.LOAD_PAGE_FAULT:
            _page_fault(task, address, Access.READ)
        case Cause.STORE_PAGE_FAULT:
            _page_fault(task, address, Access.WRITE)
        case Cause.INSTRUCTION_PAGE_FAULT:
            _page_fault(task, address, Access.EXECUTE)
        case Cause.BREAKPOINT:
            _send(task, Signal.SIGTRAP, TRAP_BRKPT, task.frame.pc)
        case Cause.ILLEGAL_INSTRUCTION:
            _send(task, Signal.SIGILL, ILL_ILLOPC, task.frame.pc)
        case Cause.INSTRUCTION_MISALIGNED | Cause.LOAD_MISALIGNED | Cause.STORE_MISALIGNED:
            _send(task, Signal.SIGBUS, BUS_ADRALN, address)
        case _:
            _send(task, Signal.SIGSEGV, SEGV_ACCERR, address)


def _page_fault(task: "Task", address: u64, access: Access) -> None:
    match task.space.fault(address, access):
        case FaultResult.OK:
            task.minor_faults += 1
        case FaultResult.SEGV_MAPERR:
            _send(task, Signal.SIGSEGV, SEGV_MAPERR, address)
        case FaultResult.SEGV_ACCERR:
            _send(task, Signal.SIGSEGV, SEGV_ACCERR, address)
        case FaultResult.BUS_ADRERR:
            _send(task, Signal.SIGBUS, BUS_ADRERR, address)
        case _:
            end_for_memory(task)


def end_for_memory(task: "Task") -> None:
    """There is no frame for a page that the task cannot go on without."""
    task.must_succeed = True  # until before_user() is done
    log.error(f"out of memory: process {task.process.pid} ({task.process.name!r}) is killed")
    force(task, SignalInfo(Signal.SIGKILL, SI_KERNEL))


def _send(task: "Task", number: Signal, code: int, address: u64) -> None:
    task.must_succeed = True  # until before_user() is done
    force(task, SignalInfo(number, code, address=address))
