"""The loadable modules of Debian's kernel: what a benchmark needs of devices and file systems, in the order in which they can be loaded.

Each module names the modules it needs in its section .modinfo. (modinfo(8))
"""

import functools
import io
import lzma
import tarfile
from pathlib import Path

from elftools.elf.elffile import ELFFile

from scarlet.cli import packages
from scarlet.cli.errors import UserError

SUFFIX = ".ko.xz"


def in_load_order(package: Path, names: list[str]) -> list[tuple[str, bytes]]:
    """Name and content of the modules and of all that they depend on, dependencies first. UserError when one is missing."""
    found = _all(package)
    ordered: dict[str, bytes] = {}

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name not in found:
            raise UserError(f"{package.name} has no module {name}")
        data = lzma.decompress(found[name])
        for needed in _depends(data):
            visit(needed)
        ordered[name] = data

    for name in names:
        visit(name)
    return list(ordered.items())


@functools.cache
def _all(package: Path) -> dict[str, bytes]:
    """Every module as it is packed, by the name that others know it by."""

    def name_of(member: tarfile.TarInfo) -> str:
        return Path(member.name).name.removesuffix(SUFFIX).replace("-", "_")

    return {name_of(member): data for member, data in packages.members(package) if member.name.endswith(SUFFIX)}


def _depends(module: bytes) -> list[str]:
    section = ELFFile(io.BytesIO(module)).get_section_by_name(".modinfo")
    for field in section.data().split(b"\0"):
        key, _, value = field.partition(b"=")
        if key == b"depends":
            return [name.replace("-", "_") for name in value.decode().split(",") if name]
    return []
