"""Permission bits as texts."""

from scarlet.user.errors import UsageError
from scarlet.user.options import shown


def parse_octal(text: bytes) -> int:
    """Twelve bits in octal digits. UsageError for anything else."""
    value = 0
    for byte in text:
        if not ord("0") <= byte <= ord("7") or value > 0o777:
            raise UsageError(f"not a mode: {shown(text)}")
        value = value * 8 + byte - ord("0")
    if len(text) == 0:
        raise UsageError("an empty mode")
    return value
