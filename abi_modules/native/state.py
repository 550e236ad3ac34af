"""What only native programs know of their process: the queue of its events."""

from typing import Final

from abi_modules.native.interface import EventMessage
from executor.border import TracedAbi
from executor.call_text import CallText
from objects.eventqueue import EventQueue
from objects.task import Task
from scarlet.kernel.signals import SIG_IGN, ActionFlags, SignalAction

IGNORE: Final = SignalAction(SIG_IGN)
MESSAGE: Final = SignalAction(2, ActionFlags.RESTART | ActionFlags.NODEFER)
"""The action of an event that goes into the queue. Nothing is at that address: it only has to be neither default nor ignore."""


class NativeState(TracedAbi):
    """The base of NativeAbi: data without behaviour, so that system calls can reach it."""

    def __init__(self, text: CallText) -> None:
        super().__init__(text)
        self.has_signal_mask = False
        self.queue: EventQueue = EventQueue(EventMessage.SIZE)


def state_of(task: Task) -> NativeState:
    """The native state of the process that makes a call."""
    state = task.abi
    assert isinstance(state, NativeState)
    return state
