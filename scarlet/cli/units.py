"""Sizes as people write them."""

import re

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_bytes(text: str) -> int | None:
    """Bytes of `64M`, `1G`, `512`; None for anything else."""
    match = re.fullmatch(r"([0-9]{1,12})([KMGT]?)", text.upper())
    return int(match[1]) * UNITS[match[2]] if match else None


def in_words(size: int) -> str:
    """1 GiB, 64 MiB, 3 KiB, 512 bytes: the largest unit that divides it."""
    for name, unit in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"
