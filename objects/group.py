"""Process groups and sessions. (setpgid(2), setsid(2), credentials(7))

A group is held by its members, a session by its groups: both end with the last process in them, and their numbers are in use until
then. A process leaves its group when it is reaped, so a group of zombies still keeps its number.
"""

import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from objects.process import Process
    from objects.terminal import Terminal

_groups: "Final[dict[int, weakref.ref[ProcessGroup]]]" = {}
_sessions: Final[set[int]] = set()


class Session:
    """Groups that share a controlling terminal. `identity` is the number of the process that made it, which may be gone."""

    def __init__(self, identity: int) -> None:
        self.identity = identity
        self.terminal: Terminal | None = None
        _sessions.add(identity)

    def __del__(self) -> None:
        _sessions.discard(self.identity)


class ProcessGroup:
    """The unit of job control: who gets terminal signals together."""

    def __init__(self, identity: int, session: Session) -> None:
        self.identity = identity
        self.session = session
        self.members: list[Process] = []
        _groups[identity] = weakref.ref(self)

    def __del__(self) -> None:
        del _groups[self.identity]

    def join(self, process: "Process") -> None:
        """Make the process a member; it must not be one of another group any more."""
        self.members.append(process)
        process.group = self

    def leave(self, process: "Process") -> None:
        """The process is a member no longer."""
        self.members.remove(process)


def find_group(identity: int) -> ProcessGroup | None:
    """The group of that number."""
    if identity not in _groups:
        return None
    return _groups[identity]()


def number_in_use(identity: int) -> bool:
    """Is it the number of a group or a session?"""
    return identity in _groups or identity in _sessions
