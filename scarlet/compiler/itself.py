"""The compiler's own source as one digest: what earlier builds left is only of use to the same compiler.

It is taken when the package is imported, before its other modules are. Someone may edit the compiler while it runs; then what runs is not
what is on the disk, and nothing of this build is to be kept under either name (`is_unchanged`).
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def _digest() -> bytes:
    found = hashlib.blake2b(sys.version.encode(), digest_size=16)
    for path in sorted(Path(__file__).resolve().parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.digest()


SOURCE = _digest()


def is_unchanged() -> bool:
    """Whether the source is still what it was when this process began."""
    return _digest() == SOURCE
