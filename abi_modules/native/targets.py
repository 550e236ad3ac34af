"""From a task handle to the process that is meant."""

from abi_modules.native.failures import Failure
from abi_modules.native.interface import CURRENT
from abi_modules.native.status import Status
from objects.object import Rights
from objects.process import Process
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
