"""From a task handle to the process that is meant.

A handle outlives its process: when the parent has waited for it, its number may be another's. So whatever works by number asks first.
"""

from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT
from abi_modules.native.status import Status
from objects.object import Rights
from objects.process import Process
from objects.processes import processes
from objects.task import Task
from scarlet.lang import i32


def process_of(task: Task, handle: i32, rights: Rights) -> Process:
    """The process of a handle, or the caller's. BAD_HANDLE, RIGHT_MISSING, WRONG_TYPE."""
    if handle == CURRENT:
        return task.process
    object = task.handles.object(int(handle), rights)
    if isinstance(object, Process):
        return object
    raise Failure(Status.WRONG_TYPE, "not a task")


def known_process_of(task: Task, handle: i32, rights: Rights) -> Process:
    """The same, if its number is still its own. NO_SUCH_TASK when its parent has waited for it."""
    process = process_of(task, handle, rights)
    if processes.find(process.pid) is not process:
        raise Failure(Status.NO_SUCH_TASK, "its parent has waited for it")
    return process
