"""What changes with the identity that a process acts as: who asked for a death signal is not who would get it, and the process may
remember what its new user must not see. So the death signal is forgotten, and the process is not looked into by others of that user until
it executes a program. (prctl(2): PR_SET_DUMPABLE, PR_SET_PDEATHSIG)

    before = Acting(task.credentials)
    task.credentials.set_user(uid)
    before.compare(task)
"""

from typing import TYPE_CHECKING

from objects.credentials import Credentials

if TYPE_CHECKING:
    from objects.task import Task


class Acting:
    """Whom a process acted as, and for whom it used files."""

    def __init__(self, who: Credentials) -> None:
        self.euid = who.euid
        self.egid = who.egid
        self.fsuid = who.fsuid
        self.fsgid = who.fsgid

    def compare(self, task: "Task") -> None:
        """Take the consequences if that has changed."""
        who = task.credentials
        if self.euid != who.euid or self.egid != who.egid or self.fsuid != who.fsuid or self.fsgid != who.fsgid:
            task.process.dumpable = False
            task.process.parent_death_signal = 0
