"""The table of all processes, by number, and the giving of numbers.

Process and task numbers come from one counter that wraps at `pid_max`; a number is not given again while a process, task, group or
session bears it. (fork(2), proc_sys_kernel(5))
"""

from typing import TYPE_CHECKING, Final

from objects.group import number_in_use
from objects.process import INIT_PID, Process
from scarlet.lang.errno import EAGAIN, ESRCH, Errno

if TYPE_CHECKING:
    from objects.task import Task

DEFAULT_PID_MAX: Final = 32768
FIRST_AFTER_WRAP: Final = 300


class ProcessTable:
    """Every process from its fork until it is reaped."""

    def __init__(self) -> None:
        self.pid_max = DEFAULT_PID_MAX
        self.last_pid = 0
        self.forks = 0
        """Processes ever made, for /proc/stat."""
        self._processes: dict[int, Process] = {}
        self._tasks: dict[int, Task] = {}

    def allocate_pid(self) -> int:
        """A number nobody bears. EAGAIN when there is none."""
        candidate = self.last_pid
        for _ in range(self.pid_max):
            candidate += 1
            if candidate >= self.pid_max:
                candidate = FIRST_AFTER_WRAP if self.pid_max > FIRST_AFTER_WRAP else INIT_PID + 1
            if candidate not in self._processes and candidate not in self._tasks and not number_in_use(candidate):
                self.last_pid = candidate
                return candidate
        raise Errno(EAGAIN, "no process number is free")

    def add(self, process: Process) -> None:
        """Enter a process that is complete."""
        self._processes[process.pid] = process
        self.forks += 1

    def remove(self, process: Process) -> None:
        """Forget a process that was reaped."""
        del self._processes[process.pid]

    def add_task(self, task: "Task") -> None:
        """Enter a task that is about to run."""
        self._tasks[task.tid] = task

    def remove_task(self, task: "Task") -> None:
        """Forget a task that has ended."""
        del self._tasks[task.tid]

    def find(self, pid: int) -> Process | None:
        """The process of that number, zombies included."""
        return self._processes.get(pid)

    def get(self, pid: int) -> Process:
        """ESRCH when there is no such process."""
        process = self._processes.get(pid)
        if process is None:
            raise Errno(ESRCH, "no such process")
        return process

    def find_task(self, tid: int) -> "Task | None":
        """The running task of that number."""
        return self._tasks.get(tid)

    def all(self) -> list[Process]:
        """Every process, by ascending number."""
        return [self._processes[pid] for pid in sorted(self._processes)]

    def init(self) -> Process:
        """Process 1, which adopts orphans."""
        return self._processes[INIT_PID]

    def of_user(self, uid: int) -> int:
        """How many processes have this real user."""
        count = 0
        for process in self._processes.values():
            if process.credentials.uid == uid:
                count += 1
        return count

    def of_abi(self, name: str) -> int:
        """How many processes run programs of this ABI, zombies included."""
        count = 0
        for process in self._processes.values():
            if process.abi.name == name:
                count += 1
        return count

    def __len__(self) -> int:
        return len(self._processes)


processes: Final = ProcessTable()
