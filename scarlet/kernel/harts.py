"""The harts as the rest of the kernel may see them: how many there are, which one runs this, and what must reach all of them."""

from scarlet.machine import cpu


def hart_count() -> int:
    """How many harts run threads."""
    return cpu.hart_count()


def current_hart() -> int:
    """The number of the hart that executes this."""
    return cpu.this_hart().id


def flush_instructions() -> None:
    """Instructions that were written before are what is executed from now on (fence.i). One hart runs threads, so it
    is done here and now.
    """
    cpu.fence_i()
