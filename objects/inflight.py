"""Handles on their way between processes: in the message of a socket or channel, in no table.

Two things keep them from doing harm. There is no cycle collector, so what a queue holds must never keep that queue's own object alive:
`leads_to` finds out before a message is sent. And a queue that dies may hold the last handle of another one with a queue, and so on, as
deep as programs like: `close_bundle` closes them one after the other, never one within the other, because a kernel stack is small.
"""

from typing import Final

from objects.handle import Handle
from objects.object import KernelObject


def leads_to(object: KernelObject, end: KernelObject) -> bool:
    """Is the object that end, or does it keep it alive through queues (KernelObject.keeps)?"""
    if object is end:
        return True
    waiting = object.keeps()
    seen: set[int] = set()
    while len(waiting) > 0:
        here = waiting.pop()
        if here is end:
            return True
        identity = id(here)
        if identity not in seen:
            seen.add(identity)
            waiting.extend(here.keeps())
    return False


class Bundle:
    """The handles of one message. Whoever holds it gives it to close_bundle() when it dies; that needs no memory."""

    def __init__(self, handles: list[Handle]) -> None:
        self.handles = handles
        self.next: Bundle | None = None


class Closing:
    """The bundles that are to be closed now."""

    def __init__(self) -> None:
        self.first: Bundle | None = None
        self.busy = False


_closing: Final = Closing()


def close_bundle(bundle: Bundle) -> None:
    """Close the handles in it, before the outermost call of this function returns."""
    bundle.next = _closing.first
    _closing.first = bundle
    if not _closing.busy:
        _closing.busy = True
        while True:
            first = _closing.first
            if first is None:
                break
            _closing.first = first.next
            first.next = None
            first.handles.clear()
        _closing.busy = False
