"""Traps: the loop every user thread lives in.

User mode is left for a system call, a fault or an interrupt; each is served here, on the thread's own kernel stack, with interrupts
off. Nothing on the way of a system call allocates, reads the clock or looks at anything but `pending_work`.

A tick that comes before the first instruction after a call or fault fell into the kernel and is counted as system time. (The program
counter tells; right after an interrupt it does not, because a jump to itself leaves it where it is, but then the time was the program's.)
"""

from scarlet.kernel import scheduler
from scarlet.kernel.thread import Thread
from scarlet.lang import u64
from scarlet.machine import cpu
from scarlet.machine.frame import INTERRUPT, Cause

__all__ = ["Cause", "UserThread", "user_loop"]


class UserThread(Thread):
    """A thread that runs a user program. objects.task.Task overrides the four methods."""

    def __init__(self, tid: int, name: bytes) -> None:
        super().__init__(tid, name)
        self.exiting = False
        """Set (with pending_work) when the thread must not return to user mode: the loop then calls `finish` and ends it."""

    def run(self) -> None:
        scheduler.arrived()
        user_loop(self)
        scheduler.exit_current()

    def on_syscall(self) -> None:
        """An ecall: the frame holds the call, with pc at the ecall."""
        raise NotImplementedError("UserThread.on_syscall")

    def on_fault(self, cause: Cause, address: u64) -> None:
        """An exception other than an ecall; `address` is stval."""
        raise NotImplementedError("UserThread.on_fault")

    def before_user(self) -> None:
        """pending_work was set (and is clear again): deliver signals, stop, set `exiting`. May set pending_work anew."""
        raise NotImplementedError("UserThread.before_user")

    def finish(self) -> None:
        """The last thing this thread does: let go of what it holds, tell who waits for it."""


def user_loop(task: UserThread) -> None:
    """Run the thread's user program until it is to exit."""
    frame = task.frame
    in_kernel = True
    while True:
        if task.pending_work:
            task.pending_work = False
            task.must_succeed = True
            task.before_user()
            if task.exiting:
                task.finish()
                return
            task.must_succeed = False
            continue
        entered_at = frame.pc
        cause = cpu.enter_user(task)
        if cause == Cause.USER_ECALL:
            task.on_syscall()
            in_kernel = True
        elif cause >= INTERRUPT:
            scheduler.serve(cause, in_user=not in_kernel or frame.pc != entered_at)
            in_kernel = False
        else:
            task.on_fault(Cause(cause), frame.value)
            in_kernel = True
