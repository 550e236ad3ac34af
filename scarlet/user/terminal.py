"""The terminal that a handle leads to: its size and its modes."""

from typing import Final

from abi_modules.native.interface import TerminalChange, TerminalMode
from scarlet.user import calls
from scarlet.user.errors import StatusError

USUAL_WIDTH: Final = 80


def width(slot: int) -> int:
    """Its columns; 80 when it does not say, or is no terminal."""
    try:
        columns = int(calls.terminal_query(slot).columns)
        return columns if columns > 0 else USUAL_WIDTH
    except StatusError:
        return USUAL_WIDTH


class Keys:
    """`with Keys(slot):` every key arrives as it is pressed and nothing is echoed; afterwards the terminal is what it was. Newlines are
    still written as such, for what others write meanwhile."""

    def __init__(self, slot: int) -> None:
        self._slot = slot
        self._before = TerminalMode.USUAL

    def __enter__(self) -> "Keys":
        self._before = TerminalMode(int(calls.terminal_query(self._slot).mode))
        calls.terminal_set_mode(self._slot, TerminalMode.NEWLINES, TerminalChange.AFTER_OUTPUT)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        calls.terminal_set_mode(self._slot, self._before, TerminalChange.AFTER_OUTPUT)
