"""C texts of earlier builds, kept in a folder by name and fingerprint (fingerprint.py)."""

from __future__ import annotations

import os
from pathlib import Path

KEPT = 4
"""Texts of one name that are kept: those last made, or used."""


class Texts:
    """See the module docstring. Several compilers may use a folder at a time: a text is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.used: set[str] = set()
        self.new = False

    def get(self, name: str) -> str | None:
        """The text of that name."""
        self.used.add(name)
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def put(self, name: str, text: str) -> None:
        partial = self.folder / f"{name}.{os.getpid()}.tmp"
        partial.write_text(text, encoding="utf-8")
        partial.rename(self.folder / name)
        self.new = True

    def forget(self) -> None:
        """Delete the older texts of each name."""
        if not self.new:
            return
        groups: dict[str, list[Path]] = {}
        for path in self.folder.iterdir():
            groups.setdefault(path.name.partition("-")[0], []).append(path)
        for paths in groups.values():
            for path in sorted(paths, key=lambda item: item.stat().st_mtime, reverse=True)[KEPT:]:
                if path.name not in self.used:
                    path.unlink(missing_ok=True)
