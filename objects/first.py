"""The first process: it has nothing to be forked from. (init(1))

Its group and session are number 1, it belongs to root, and it holds no handles. The boot code gives it a task of its own making.
"""

from typing import TYPE_CHECKING

from objects.actions import default_actions
from objects.credentials import Credentials
from objects.group import ProcessGroup, Session
from objects.handle import HandleTable
from objects.limits import first_limits
from objects.process import INIT_PID, Process
from objects.processes import processes
from objects.task import Task

if TYPE_CHECKING:
    from objects.abi import Abi
    from objects.view import View
    from scarlet.kernel.memory.space import AddressSpace


def make_first_process(space: "AddressSpace", view: "View", abi: "Abi", max_processes: int = 4096) -> Process:
    """Process 1. `max_processes` is the limit on processes that its descendants begin with."""
    group = ProcessGroup(INIT_PID, Session(INIT_PID))
    process = Process(INIT_PID, group, Credentials(), first_limits(max_processes), space, HandleTable(), view, abi, default_actions())
    process.set_name(b"init")
    process.apply_limits()
    group.members.append(process)
    processes.add(process)
    processes.last_pid = INIT_PID
    return process


def enter_first_task(process: Process, task: Task) -> None:
    """Make the task, which bears the process's number, its first one."""
    process.threads.append(task)
    processes.add_task(task)
