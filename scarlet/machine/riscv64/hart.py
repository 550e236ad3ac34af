"""The hart that runs this: its object is reached through the tp register, whatever the thread."""

from typing import TYPE_CHECKING

from scarlet.lang.raw import from_address, hart_pointer, inline

if TYPE_CHECKING:
    from scarlet.machine.context import Context


class Hart:
    """What one hart is doing. `id` counts the harts that the kernel uses from 0 (the firmware's numbers may begin elsewhere);
    `switches` counts context switches."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.current: Context | None = None
        self.idle: Context | None = None
        self.switches = 0


@inline
def this_hart() -> Hart:
    """The running hart."""
    return from_address(Hart, hart_pointer())
