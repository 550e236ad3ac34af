"""initramfs/manifest.toml: what the boot image holds, read and checked."""

import datetime
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scarlet.cli.errors import UserError


@dataclass(frozen=True)
class PackageRule:
    """Files taken from a Debian package: member pattern -> path in the image; `applets` names a busybox to make links for."""

    name: str
    files: dict[str, str]
    applets: str = ""


@dataclass(frozen=True)
class FileRule:
    """A file written out in the manifest."""

    text: str
    mode: int = 0o644


@dataclass(frozen=True)
class Manifest:
    mtime: int
    packages: list[PackageRule] = field(default_factory=list)
    directories: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    files: dict[str, FileRule] = field(default_factory=dict)


def read(path: Path) -> Manifest:
    """The manifest; UserError says what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text())
        manifest = _manifest(table)
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path.name}: {error}") from None
    for name in [*manifest.directories, *manifest.links, *manifest.files, *(p for rule in manifest.packages for p in rule.files.values())]:
        if not name.startswith("/") or name != "/" and (name.endswith("/") or "/." in name or "//" in name):
            raise UserError(f"{path.name}: {name!r} is not a plain absolute path")
    return manifest


def _manifest(table: dict[str, Any]) -> Manifest:
    known = {"mtime", "package", "directories", "links", "files"}
    if unknown := set(table) - known:
        raise KeyError(f"unknown table {', '.join(sorted(unknown))}")
    mtime: datetime.datetime = table["mtime"]
    return Manifest(
        mtime=int(mtime.timestamp()),
        packages=[PackageRule(**rule) for rule in table.get("package", [])],
        directories=table.get("directories", {}),
        links=table.get("links", {}),
        files={name: FileRule(**rule) for name, rule in table.get("files", {}).items()},
    )
