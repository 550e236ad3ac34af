"""Threads of control, the hosted twin: a context is a greenlet, its kernel stack is the greenlet's."""

from typing import NoReturn

import greenlet

from scarlet.machine.frame import TrapFrame
from scarlet.machine.hosted import world

FLOAT_BYTES = 33 * 8
"""f0 to f31 and fcsr, as words of 8 bytes."""


class Context:
    """A kernel stack and what is needed to resume it, with the registers of the user program that it serves."""

    def __init__(self) -> None:
        self.frame = TrapFrame()
        self.saved_float = bytes(FLOAT_BYTES)
        self._greenlet: greenlet.greenlet | None = None

    def start(self) -> None:
        """Make the kernel stack (MemoryError); the first switch to it calls self.run()."""
        self._greenlet = greenlet.greenlet(self._begin, parent=world.current.runner)

    def _begin(self, *_result: object) -> None:
        """The first call; one that departed hands its parent a result."""
        self.run()

    def run(self) -> None:
        """What the context does; overridden. It must end in a switch that never comes back."""
        raise NotImplementedError

    def release(self) -> None:
        """Free the stack; called from another context."""
        engine = world.current.engine
        if engine is not None and engine.float_owner is self:
            engine.forget_float()
        self._greenlet = None

    def float_registers(self) -> bytes:
        """f0 to f31, then fcsr, as words of 8 bytes: 264 bytes."""
        engine = world.current.engine
        if engine is not None and engine.float_owner is self:
            engine.save_float()
        return self.saved_float

    def set_float_registers(self, data: bytes) -> None:
        """Replace the floating-point registers. ValueError unless there are 264 bytes."""
        if len(data) != FLOAT_BYTES:
            raise ValueError("floating-point state is 264 bytes")
        engine = world.current.engine
        if engine is not None and engine.float_owner is self:
            engine.forget_float()
        self.saved_float = bytes(data)

    def copy_float_from(self, other: "Context") -> None:
        self.set_float_registers(other.float_registers())

    def clear_float(self) -> None:
        """All registers zero, as a new program finds them."""
        self.set_float_registers(bytes(FLOAT_BYTES))


def switch(previous: Context, next: Context) -> None:
    """Suspend `previous`, which is running, and resume `next`; comes back when something switches to `previous`."""
    from scarlet.machine.cpu import this_hart

    if world.current.off:
        raise greenlet.GreenletExit  # the machine is being taken apart: threads are only unwound
    if previous._greenlet is None:
        previous._greenlet = greenlet.getcurrent()
    assert next._greenlet is not None, "the context was never started"
    hart = this_hart()
    hart.current = next
    hart.switches += 1
    next._greenlet.switch()


def suspend(previous: Context) -> None:
    """Suspend `previous`, which is running, and resume this_hart().current; comes back when something switches to `previous`.

    Unlike `switch` it keeps nothing of what it resumes, however long `previous` sleeps.
    """
    if world.current.off:
        raise greenlet.GreenletExit
    if previous._greenlet is None:
        previous._greenlet = greenlet.getcurrent()
    _current_greenlet().switch()


def depart() -> NoReturn:
    """Resume this_hart().current and never come back: the end of a thread.

    It takes no argument because nobody would release what the frames of a stack that is never resumed hold.
    """
    if not world.current.off:
        greenlet.getcurrent().parent = _current_greenlet()  # which goes on when this one has unwound
    raise greenlet.GreenletExit


def _current_greenlet() -> greenlet.greenlet:
    from scarlet.machine.cpu import this_hart

    current = this_hart().current
    assert current is not None and current._greenlet is not None, "the context was never started"
    return current._greenlet
