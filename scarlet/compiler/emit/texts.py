"""C texts of earlier builds, kept in a folder by name and fingerprint (fingerprint.py)."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from scarlet.compiler.errors import Damaged

DIGEST = re.compile(rb"[0-9a-f]{64}")
KEPT = 4
"""Texts of one name that are kept: those last made, or used."""


@dataclass
class Text:
    """The text of a C file, and its digest. One that is kept is read when it is asked for: most are the same as in the last build, of
    which only the digest is of interest."""

    digest: str
    made: str = ""
    path: Path | None = None

    @staticmethod
    def of(text: str) -> Text:
        return Text(hashlib.sha256(text.encode()).hexdigest(), text)

    def read(self) -> str:
        if self.path is None:
            return self.made
        text = self.path.read_bytes().partition(b"\n")[2]
        if hashlib.sha256(text).hexdigest() != self.digest:
            raise Damaged([self.path])
        return text.decode()


class Texts:
    """See the module docstring. A file has the digest, and the text from its second line on. Several compilers may use a folder at a time:
    a text is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.used: set[str] = set()
        self.new = False

    def get(self, name: str) -> Text | None:
        """The text of that name."""
        self.used.add(name)
        path = self.folder / name
        try:
            with path.open("rb") as stream:
                digest = stream.readline().rstrip(b"\n")
        except FileNotFoundError:
            return None
        return Text(digest.decode(), path=path) if DIGEST.fullmatch(digest) else None

    def put(self, name: str, text: Text) -> None:
        partial = self.folder / f"{name}.{os.getpid()}.tmp"
        partial.write_text(f"{text.digest}\n{text.read()}", encoding="utf-8")
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
