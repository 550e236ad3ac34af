"""Calls to the firmware (RISC-V Supervisor Binary Interface Specification 1.0)."""

from typing import Final

from scarlet.lang import u8, u64
from scarlet.lang.raw import sbi_call

LEGACY_PUT_CHARACTER: Final = 0x01
TIME: Final = 0x54494D45
SYSTEM_RESET: Final = 0x53525354

SHUTDOWN: Final = 0
COLD_REBOOT: Final = 1
NO_REASON: Final = 0
SYSTEM_FAILURE: Final = 1


def set_timer(ticks: u64) -> None:
    """Ask for a timer interrupt when the time register reaches this."""
    sbi_call(TIME, 0, ticks)


def reset(kind: int, reason: int) -> None:
    """Power off or reboot; comes back only where the firmware cannot."""
    sbi_call(SYSTEM_RESET, 0, u64(kind), u64(reason))


def put_character(character: u8) -> None:
    """Write to the firmware's console: for a kernel that does not know its devices yet."""
    sbi_call(LEGACY_PUT_CHARACTER, 0, u64(character))
