"""Linking installed ABI modules into a kernel: the compiler is told where their files are, the hosted kernel imports them.

Each set of plug-ins has a folder build/plugins/<names>: its own edition of scarlet/linked.py, a link to the folder of each package, and
its kernel.
"""

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scarlet.cli.paths import BUILD, KERNEL, write_atomically
from scarlet.cli.plugins import AbiPlugin, linking_source

LINKED = "scarlet.linked"


def foreign(plugins: Sequence[AbiPlugin]) -> list[AbiPlugin]:
    """Those that are not the checkout's own."""
    return [plugin for plugin in plugins if not plugin.own]


def kernel_file(plugins: Sequence[AbiPlugin]) -> Path:
    """Where the kernel with these modules is kept."""
    return _folder(plugins) / KERNEL.name if foreign(plugins) else KERNEL


def modules(plugins: Sequence[AbiPlugin]) -> dict[str, Path]:
    """The modules that a compilation has beside the checkout's, by name; their files are put where the compiler sees them."""
    others = foreign(plugins)
    if not others:
        return {}
    found = {LINKED: _write_linked(plugins)}
    for plugin in others:
        top = plugin.package.split(".")[0]
        _link(_folder(plugins) / top, plugin.root / top)
        for path in plugin.files:
            relative = path.relative_to(plugin.root)
            found[".".join(relative.with_suffix("").parts).removesuffix(".__init__")] = _folder(plugins) / relative
    return found


def sources(plugins: Sequence[AbiPlugin]) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything that these modules add to a kernel."""
    others = foreign(plugins)
    if others:
        yield LINKED, linking_source(plugins).encode()
    for plugin in others:
        for path in plugin.files:
            yield f"{plugin.package} {path.relative_to(plugin.root)}", path.read_bytes()


def packages(plugins: Sequence[AbiPlugin]) -> list[str]:
    """The packages that are kernel code beside the checkout's."""
    return [plugin.package for plugin in foreign(plugins)]


def import_linked(plugins: Sequence[AbiPlugin]) -> None:
    """Make this set the one that scarlet.boot finds when it is imported (hosted)."""
    if not foreign(plugins):
        return
    for plugin in foreign(plugins):
        try:
            importlib.import_module(f"{plugin.package}.{plugin.module}")
        except Exception as error:
            raise plugin.error(f"it cannot be imported: {type(error).__name__}: {error}") from error
    spec = importlib.util.spec_from_file_location(LINKED, _write_linked(plugins))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[LINKED] = module
    spec.loader.exec_module(module)


def _folder(plugins: Sequence[AbiPlugin]) -> Path:
    return BUILD / "plugins" / "+".join(plugin.name for plugin in foreign(plugins))


def _link(link: Path, target: Path) -> None:
    """Point the link there, whatever it pointed to before."""
    if not link.is_symlink() or link.readlink() != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)


def _write_linked(plugins: Sequence[AbiPlugin]) -> Path:
    path = _folder(plugins) / "linked.py"
    text = linking_source(plugins).encode()
    if not path.exists() or path.read_bytes() != text:
        write_atomically(path, text)
    return path
