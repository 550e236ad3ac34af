"""What travels with a message: handles and the sender's identity. (unix(7), SCM_RIGHTS and SCM_CREDENTIALS)

Handles in flight are counted by the user who sent them, and bounded by the limit on open files. A message that would keep its own
receiver alive is refused with ETOOMANYREFS, which Linux has for handles nested too deeply in messages: here such a nesting would have
no end, and nothing would ever collect it.
"""

from typing import Final

from objects.credentials import CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_RESOURCE
from objects.handle import Handle
from objects.inflight import Bundle, close_bundle, leads_to
from objects.limits import Resource
from objects.object import KernelObject
from objects.processes import processes
from objects.socketmessage import OVERFLOW_ID, Ancillary, Identity
from objects.task import Task
from scarlet.lang.errno import EPERM, ESRCH, ETOOMANYREFS, Errno

NOBODY: Final = Identity(0, OVERFLOW_ID, OVERFLOW_ID)
"""Who sent what came without an identity."""

_counts: Final[dict[int, int]] = {}
"""Handles in flight, by user; users without any are not in it."""


class Parcel:
    """Handles in a message; those that nobody takes close with it."""

    def __init__(self, handles: list[Handle], uid: int) -> None:
        self._uid = uid
        self._counted = 0
        self._bundle = Bundle(handles)
        _counts[uid] = _counts.get(uid, 0) + len(handles)
        self._counted = len(handles)

    def __del__(self) -> None:
        self._arrived()
        close_bundle(self._bundle)

    def objects(self) -> list[KernelObject]:
        """What is in it."""
        return [handle.object for handle in self._bundle.handles]

    def take(self) -> list[Handle]:
        """The handles, which are in flight no more."""
        self._arrived()
        handles = self._bundle.handles
        self._bundle.handles = []
        return handles

    def copies(self) -> list[Handle]:
        """The same objects once more, for who only peeks."""
        return [Handle(handle.object, handle.rights, handle.role, False) for handle in self._bundle.handles]

    def _arrived(self) -> None:
        if self._counted > 0:
            rest = _counts[self._uid] - self._counted
            self._counted = 0
            if rest > 0:
                _counts[self._uid] = rest
            else:
                _counts.pop(self._uid)


def parcel_of(task: Task, ancillary: Ancillary | None) -> Parcel | None:
    """The handles that a call is to send. ETOOMANYREFS when the user has as many in flight as one process may have open."""
    if ancillary is None or len(ancillary.rights) == 0:
        return None
    who = task.credentials
    if _counts.get(who.uid, 0) > task.process.limits.soft(Resource.OPEN_FILES):
        if not who.capable(CAP_SYS_RESOURCE) and not who.capable(CAP_SYS_ADMIN):
            raise Errno(ETOOMANYREFS, "too many descriptors are on their way")
    return Parcel(ancillary.rights, who.uid)


def require_no_cycle(parcel: Parcel | None, receiver: KernelObject) -> None:
    """ETOOMANYREFS when the receiver's queue would keep the receiver alive."""
    if parcel is not None:
        for object in parcel.objects():
            if leads_to(object, receiver):
                raise Errno(ETOOMANYREFS, "the message would keep its own receiver alive")


# --- identities ---------------------------------------------------------------------------------------------------------------


def sender_of(task: Task) -> Identity:
    """Who sends, by real user and group. (SCM_CREDENTIALS)"""
    return Identity(task.process.pid, task.credentials.uid, task.credentials.gid)


def party_of(task: Task) -> Identity:
    """Who connects or listens, by effective user and group. (SO_PEERCRED)"""
    return Identity(task.process.pid, task.credentials.euid, task.credentials.egid)


def require_claim(task: Task, claim: Identity) -> None:
    """EPERM unless the caller may say that it is this; ESRCH when there is no such process. (unix(7), SCM_CREDENTIALS)"""
    who = task.credentials
    pid_allowed = claim.pid == task.process.pid or who.capable(CAP_SYS_ADMIN)
    uid_allowed = claim.uid in (who.uid, who.euid, who.suid) or who.capable(CAP_SETUID)
    gid_allowed = claim.gid in (who.gid, who.egid, who.sgid) or who.capable(CAP_SETGID)
    if not pid_allowed or not uid_allowed or not gid_allowed:
        raise Errno(EPERM, "not an identity of this process")
    if processes.find(claim.pid) is None:
        raise Errno(ESRCH, "no process has that number")
