"""Handles as objects: a slot that is closed when nothing refers to it any more."""

from typing import Final

from abi_modules.native.interface import CURRENT, HandleFlags, Rights
from scarlet.user import calls
from scarlet.user.errors import StatusError

CLOSED: Final = -2
"""Not a slot."""


class Handle:
    """Owns one slot of the handle table."""

    def __init__(self, slot: int) -> None:
        self.slot = slot

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Give the slot back now; later calls do nothing."""
        slot = self.slot
        self.slot = CLOSED
        if slot >= 0:
            try:
                calls.handle_close(slot)
            except StatusError:
                pass

    def release(self) -> int:
        """The slot, which is the caller's from now on."""
        slot = self.slot
        self.slot = CLOSED
        return slot

    def duplicate(self, rights: Rights = Rights.SAME) -> "Handle":
        """A second handle on the object, with the same rights or fewer."""
        return Handle(calls.handle_duplicate(self.slot, rights, CURRENT, HandleFlags.CLOSE_ON_REPLACE))
