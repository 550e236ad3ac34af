"""Threads of control: a kernel stack, the registers to resume it with, and the registers of the user program that it serves.

Invariants: `stack_pointer` is the second field, at STACK_POINTER_OFFSET of the object (switch_stacks is given its
address); below it on the stack lie the registers that switch_stacks restores. Whoever made a context keeps it alive
until it was released.
"""

from typing import Final, NoReturn

from scarlet.lang import u64
from scarlet.lang.raw import Ptr, address, address_of, adopt, export, memcpy, memset, store64, unchecked_cast
from scarlet.machine import panic, stacks, user_state
from scarlet.machine.frame import TrapFrame
from scarlet.machine.hart import this_hart
from scarlet.machine.trap import first_steps, resume, switch_stacks
from scarlet.machine.user_state import FLOAT_BYTES, FloatArea
from scarlet.runtime.buffer import Buffer
from scarlet.runtime.bytes import make

STACK_POINTER_OFFSET: Final = 24
SAVED_BYTES: Final = 112
SAVED_RA: Final = 0
SAVED_S1: Final = 16
NO_STACK: Final = -1


class Context:
    """A kernel stack and what is needed to resume it."""

    def __init__(self) -> None:
        self.frame = TrapFrame()
        self.stack_pointer: u64 = 0
        self.stack_slot = NO_STACK
        self.float_area = FloatArea()

    def start(self) -> None:
        """Allocate the kernel stack (MemoryError); the first switch to it calls self.run()."""
        self.stack_slot = stacks.allocate()
        self.stack_pointer = u64(stacks.top(self.stack_slot) - SAVED_BYTES)
        memset(Ptr(self.stack_pointer), 0, SAVED_BYTES)
        store64(u64(self.stack_pointer + SAVED_RA), address_of(first_steps))
        store64(u64(self.stack_pointer + SAVED_S1), address(self))

    def run(self) -> None:
        """What the context does; overridden. It must end in a switch that never comes back."""
        raise NotImplementedError("Context.run")

    def release(self) -> None:
        """Free the stack; called from another context."""
        user_state.forget(self.float_area)
        if self.stack_slot != NO_STACK:
            stacks.free(self.stack_slot)
            self.stack_slot = NO_STACK

    def float_registers(self) -> bytes:
        """f0 to f31, then fcsr, as words of 8 bytes: 264 bytes."""
        user_state.synchronise(self.float_area)
        return make(Ptr(self.float_area.address), FLOAT_BYTES)

    def set_float_registers(self, data: bytes) -> None:
        """Replace the floating-point registers. ValueError unless there are 264 bytes."""
        if len(data) != FLOAT_BYTES:
            raise ValueError("floating-point state is 264 bytes")
        user_state.forget(self.float_area)
        memcpy(Ptr(self.float_area.address), unchecked_cast(Buffer, data).start(), FLOAT_BYTES)

    def copy_float_from(self, other: "Context") -> None:
        user_state.synchronise(other.float_area)
        user_state.forget(self.float_area)
        memcpy(Ptr(self.float_area.address), Ptr(other.float_area.address), FLOAT_BYTES)

    def clear_float(self) -> None:
        """All registers zero, as a new program finds them."""
        user_state.forget(self.float_area)
        memset(Ptr(self.float_area.address), 0, FLOAT_BYTES)


def switch(previous: Context, next: Context) -> None:
    """Suspend `previous`, which is running, and resume `next`; comes back when something switches to `previous`."""
    hart = this_hart()
    hart.current = next
    hart.switches += 1
    switch_stacks(u64(address(previous) + STACK_POINTER_OFFSET), u64(address(next) + STACK_POINTER_OFFSET))


def suspend(previous: Context) -> None:
    """Suspend `previous`, which is running, and resume this_hart().current; comes back when something switches to `previous`.

    Unlike `switch` it keeps no reference to what it resumes, however long `previous` sleeps.
    """
    switch_stacks(u64(address(previous) + STACK_POINTER_OFFSET), u64(current_address() + STACK_POINTER_OFFSET))


def depart() -> NoReturn:
    """Resume this_hart().current and never come back: the end of a thread.

    It takes no argument because nobody would release what the frames of a stack that is never resumed hold.
    """
    resume(u64(current_address() + STACK_POINTER_OFFSET))


def current_address() -> u64:
    """The address of the hart's current context."""
    current = this_hart().current
    assert current is not None
    return address(current)


@export("scarlet_context_run")
def begin(context: u64) -> NoReturn:
    """The first call on a new stack. The stack owns no reference: the object is kept by whoever made it."""
    adopt(Context, context).run()
    panic.panic("a thread came back from its last function")
