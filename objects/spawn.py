"""Making a process for a program that is named at once, without a copy of the caller in between. (posix_spawn(3), as an idea)

A Spawning is a child that nobody knows yet: its owner gives it handles, a group, a working directory, and a program through exec, and then
commits it. Dropped before that, it leaves no trace. The caller's address space stands in until exec has given the child one of its own.
"""

from objects.actions import SignalActions
from objects.fork import ForkOptions, build, enter, start
from objects.group import ProcessGroup, Session, find_group
from objects.handle import HandleTable
from objects.object import Rights
from objects.process import Process
from objects.task import Task
from objects.view import Location, View
from scarlet.kernel.signals import EMPTY
from scarlet.lang.errno import EPERM, Errno


class Spawning:
    """A child in the making."""

    def __init__(self, parent: Task) -> None:
        """EAGAIN at a limit, MemoryError."""
        self.parent = parent
        self._options = ForkOptions()
        self._options.share_space = True
        self.task: Task = build(parent, self._options)
        self.task.mask = EMPTY
        self.process: Process = self.task.process
        self.process.actions = _plain(parent.process.actions)
        self.process.handles = HandleTable(parent.process.handles.limit)
        self.task.refresh()

    def inherit_handles(self) -> None:
        """Every handle of the parent that may leave it and is not marked close-on-exec, at its slot."""
        theirs = self.parent.process.handles
        for slot in theirs.slots():
            handle = theirs.handle(slot)
            if not handle.close_on_exec and handle.rights & Rights.TRANSFER:
                self.process.handles.place(slot, theirs.lend(slot, handle.rights, handle.role))

    def set_view(self, view: View) -> None:
        """How it sees the files from now on."""
        self.process.view = view
        self.task.refresh()

    def set_directory(self, place: Location) -> None:
        """Where it works."""
        self.process.view.cwd = place

    def lead_group(self) -> None:
        """It leads a new group of the parent's session."""
        self.process.group = ProcessGroup(self.process.pid, self.parent.process.session)

    def lead_session(self) -> None:
        """It leads a new session and group."""
        self.process.group = ProcessGroup(self.process.pid, Session(self.process.pid))
        self.process.gave_up_terminal = False

    def join_group(self, identity: int) -> None:
        """It joins a group of the parent's session. EPERM when there is none of that number."""
        group = find_group(identity)
        if group is None or group.session is not self.parent.process.session:
            raise Errno(EPERM, "no such group in this session")
        self.process.group = group

    def commit(self) -> Process:
        """Let it run. MemoryError, and there is no child. Its first program is no exec of its own: the parent may still move it."""
        self.process.did_exec = False
        self.task.start()
        enter(self.task, self.parent.process, self._options)
        start(self.task)
        return self.process


def _plain(actions: SignalActions) -> SignalActions:
    """What the parent ignores stays ignored, the rest is default."""
    copy = actions.fork()
    copy.reset_handlers()
    return copy
