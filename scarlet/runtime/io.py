"""Where print goes: the standard output of a program, the kernel log's channel in the kernel."""

from scarlet.machine import debug


def write_text(text: str) -> None:
    """The text as UTF-8, at once."""
    debug.write(text.encode())
