"""What changes with the identity that a process acts as: who asked for a death signal is not who would get it, and the process may
remember what its new user must not see. So the death signal is forgotten, and the process is not looked into by others of that user until
it executes a program. (prctl(2): PR_SET_DUMPABLE, PR_SET_PDEATHSIG)

    with Acting(task):
        task.credentials.set_user(uid)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from objects.task import Task


class Acting:
    """Whom a process acted as, and for whom it used files, before what is done within this; at its end come the consequences."""

    def __init__(self, task: "Task") -> None:
        who = task.credentials
        self._task = task
        self.euid = who.euid
        self.egid = who.egid
        self.fsuid = who.fsuid
        self.fsgid = who.fsgid

    def __enter__(self) -> "Acting":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        who = self._task.credentials
        if self.euid != who.euid or self.egid != who.egid or self.fsuid != who.fsuid or self.fsgid != who.fsgid:
            self._task.process.dumpable = False
            self._task.process.parent_death_signal = 0
