"""Calls of the native ABI, the hosted twin: in CPython a native program has no kernel below it, so that only what makes no call can run.

A test that wants to see the calls puts a function of its own in the place of `kernel`.
"""

from collections.abc import Callable


def _nobody(number: int, arguments: tuple[int, ...]) -> tuple[int, int]:
    raise RuntimeError(f"native call {number} outside of Scarlet")


kernel: Callable[[int, tuple[int, ...]], tuple[int, int]] = _nobody
"""Who answers."""
_lent: dict[int, bytes | bytearray] = {}
"""What was lent to a call, by the address it was given."""


def ecall(number: int, a0: int = 0, a1: int = 0, a2: int = 0, a3: int = 0, a4: int = 0, a5: int = 0) -> tuple[int, int]:
    """The status and the value."""
    try:
        return kernel(number, (a0, a1, a2, a3, a4, a5))
    finally:
        _lent.clear()


def address_of(data: bytes) -> int:
    """A number by which `lent` finds the bytes during the call."""
    _lent[id(data)] = data
    return id(data)


def address_of_array(data: bytearray) -> int:
    """The same for a bytearray, which the call may fill."""
    _lent[id(data)] = data
    return id(data)


def lent(address: int) -> bytes | bytearray:
    """What was lent under that number."""
    return _lent[address]
