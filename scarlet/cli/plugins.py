"""The ABI modules of a build: those of the checkout's pyproject.toml, in its order, then those of installed packages, by name.

A package offers one with an entry point of the group `scarlet.abi_modules`:

    [project.entry-points."scarlet.abi_modules"]
    tiny-riscv64 = "tiny_abi.module:TinyModule"

Nothing of it is imported here: its source is found, and plugincheck.py reads it. scarlet/linked.py, generated, registers the checkout's
own modules; a build with others gets its own edition of it in build/plugins, beside links to the packages' folders.
"""

import importlib.metadata
import importlib.util
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scarlet.cli.errors import UserError
from scarlet.cli.paths import KERNEL_FOLDERS, ROOT

if TYPE_CHECKING:
    from scarlet.cli.generated_files import Package

GROUP = "scarlet.abi_modules"
OWN_DISTRIBUTION = "scarlet"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REFERENCE = re.compile(r"((\w+)(?:\.\w+)*)\.(\w+):(\w+)")
"""package.module:Class"""
OF_THE_KERNEL = (*KERNEL_FOLDERS, "tests", "scripts")


@dataclass(frozen=True)
class AbiPlugin:
    """One ABI module as its entry point gives it."""

    name: str
    """The ABI: xv6-riscv64."""
    package: str
    module: str
    class_name: str
    distribution: str
    root: Path
    """The folder that its imports start from."""

    @property
    def own(self) -> bool:
        """Whether it is one of the checkout's."""
        return self.distribution == OWN_DISTRIBUTION

    @property
    def source(self) -> "Package":
        from scarlet.cli.generated_files import Package  # needs the generators, and a moment

        return Package(self.package, self.root)

    def error(self, reason: str) -> UserError:
        """What to say when it cannot be linked."""
        return _error(self.name, self.distribution, reason)

    @property
    def files(self) -> list[Path]:
        """Every source file of its package."""
        return sorted(self.source.folder.rglob("*.py"))


def linked() -> list[AbiPlugin]:
    """What the next build links, in order. UserError when something of it cannot be."""
    plugins = found()
    for plugin in plugins:
        if not plugin.own:
            from scarlet.cli import plugincheck

            plugincheck.check(plugin, [other.package for other in plugins if other is not plugin])
    return plugins


def found() -> list[AbiPlugin]:
    """The same, before its source is looked at."""
    plugins = own()
    for entry, distribution in _entries():
        plugin = _read(entry.name, entry.value, distribution, None)
        if taken := next((other for other in plugins if other.name == plugin.name or other.package == plugin.package), None):
            raise _error(entry.name, distribution, f"{taken.distribution} has an ABI of that name or package already")
        plugins.append(plugin)
    return plugins


def own() -> list[AbiPlugin]:
    """The ABI modules of the checkout."""
    return from_project(ROOT)


def from_project(folder: Path) -> list[AbiPlugin]:
    """Those that a project's pyproject.toml declares, installed or not."""
    file = folder / "pyproject.toml"
    try:
        project = tomllib.loads(file.read_text())["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file}: {error}") from None
    entries: dict[str, str] = project.get("entry-points", {}).get(GROUP, {})
    root = folder / "src" if (folder / "src").is_dir() else folder
    return [_read(name, value, project["name"], root) for name, value in entries.items()]


def _entries() -> list[tuple[importlib.metadata.EntryPoint, str]]:
    """The entry points of installed packages with the names of their distributions, by name."""
    found = []
    for entry in importlib.metadata.entry_points(group=GROUP):
        distribution = entry.dist.name if entry.dist else "an unnamed distribution"
        if distribution != OWN_DISTRIBUTION:
            found.append((entry, distribution))
    return sorted(found, key=lambda item: item[0].name)


def _read(name: str, value: str, distribution: str, root: Path | None) -> AbiPlugin:
    """An entry point's meaning; `root` is None for a package that is to be found among those installed."""
    reference = REFERENCE.fullmatch(value)
    if not reference:
        raise _error(name, distribution, f"its entry point is {value}, and should be PACKAGE.MODULE:CLASS")
    if not NAME.fullmatch(name):
        raise _error(name, distribution, "an ABI's name is small letters, digits and hyphens")
    package, top, module, class_name = reference.groups()
    if distribution != OWN_DISTRIBUTION and top in OF_THE_KERNEL:
        raise _error(name, distribution, f"its package is {package}, a name of the kernel's own")
    if root is None:
        try:
            found = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            found = None
        if found is None or not found.submodule_search_locations:
            raise _error(name, distribution, f"there is no package {top}")
        root = Path(next(iter(found.submodule_search_locations))).parent
    return AbiPlugin(name, package, module, class_name, distribution, root)


def _error(name: str, distribution: str, reason: str) -> UserError:
    return UserError(f"the ABI {name} of {distribution}: {reason}")


def linking_source(plugins: Sequence[AbiPlugin]) -> str:
    """The text of scarlet/linked.py."""
    imports = sorted(f"import {plugin.package}.{plugin.module}" for plugin in plugins)
    calls = [f"    register({plugin.package}.{plugin.module}.{plugin.class_name}())" for plugin in plugins]
    return f'''"""The ABI modules of this kernel, in the order in which they are registered: between equals the first one wins.

Generated by `scarlet abi generate` from the entry points `{GROUP}`; do not edit.
"""

{chr(10).join(imports)}
from executor.protocol import register


def link() -> None:
    """Register them."""
{chr(10).join(calls)}
'''
