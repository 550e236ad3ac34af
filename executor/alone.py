"""Exec of a process with several tasks: the one that calls exec stays, alone, and bears the number of the process from then on.

The others end before the new program is committed, in the old address space, so that they can release their locks in it.

Sources: execve(2), "Effect on process attributes"; pthreads(7).
"""

from objects.processes import processes
from objects.task import Task
from scarlet.kernel import scheduler
from scarlet.lang import Errno
from scarlet.lang.errno import EAGAIN


def end_other_tasks(task: Task) -> None:
    """Sleep until the caller is the only task of its process. EAGAIN when the process itself ends meanwhile."""
    process = task.process
    if len(process.threads) == 1:
        return
    for other in process.threads:
        if other is not task:
            other.exiting = True
            other.pending_work = True
            scheduler.interrupt(other)
    process.changed.wake_all()
    task.deaf = True
    while len(process.threads) > 1 and not task.exiting:
        process.changed.wait()
    task.deaf = False
    if task.exiting:
        raise Errno(EAGAIN, "the process was ended during exec")


def take_number(task: Task) -> None:
    """The only task of a process is its first one, whichever it was before."""
    pid = task.process.pid
    if task.tid != pid:
        processes.remove_task(task)
        task.tid = pid
        processes.add_task(task)
