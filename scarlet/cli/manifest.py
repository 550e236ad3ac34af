"""initramfs/manifest.toml: what the boot image holds, read and checked."""

import datetime
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scarlet.cli.errors import UserError

FILE_TABLES = {"directories", "links", "files"}


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
    """`roots` are the folders in /system that have a table; all paths are those of the base."""

    mtime: int
    packages: list[PackageRule] = field(default_factory=list)
    directories: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    files: dict[str, FileRule] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)


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
    _require_known(table, {"mtime", "package", "system", *FILE_TABLES})
    mtime: datetime.datetime = table["mtime"]
    manifest = Manifest(
        mtime=int(mtime.timestamp()),
        packages=[PackageRule(**rule) for rule in table.get("package", [])],
        roots=list(table.get("system", {})),
    )
    _add_files(manifest, "", table)
    for folder, files in table.get("system", {}).items():
        _require_known(files, FILE_TABLES)
        _add_files(manifest, f"/system/{folder}", files)
    return manifest


def _require_known(table: dict[str, Any], known: set[str]) -> None:
    if unknown := set(table) - known:
        raise KeyError(f"unknown table {', '.join(sorted(unknown))}")


def _add_files(manifest: Manifest, folder: str, table: dict[str, Any]) -> None:
    """Take the files of one table, whose paths begin in a folder."""
    manifest.directories.update({folder + name: mode for name, mode in table.get("directories", {}).items()})
    manifest.links.update({folder + name: target for name, target in table.get("links", {}).items()})
    manifest.files.update({folder + name: FileRule(**rule) for name, rule in table.get("files", {}).items()})
