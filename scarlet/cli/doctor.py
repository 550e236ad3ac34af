"""`scarlet doctor`: what this machine has and lacks, and how to get it."""

import importlib.metadata
import shutil
import sys
import tomllib
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from scarlet.cli import diskimage, display, kernel, linking, packages, plugins
from scarlet.cli.errors import UserError
from scarlet.cli.paths import ROOT, cache
from scarlet.cli.transport import qemu_version

OLDEST_QEMU = (7, 2)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `remedy` is empty when it is all right."""

    what: str
    state: str
    remedy: str = ""
    required: bool = True


def examine() -> int:
    """Print the findings; 1 if something that is required is missing."""
    findings = [
        look()
        for look in (_python, _python_packages, _qemu, _qemu_user, _windows, _disks, _discs, _gdb, _apt, _debian_packages, _abis, _kernel)
    ]
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        mark = "[green]ok[/]" if not finding.remedy else "[red]missing[/]" if finding.required else "[yellow]optional[/]"
        table.add_row(mark, finding.what, finding.state, finding.remedy)
    Console().print(table)
    return int(any(finding.remedy and finding.required for finding in findings))


def _python() -> Finding:
    version = sys.version.split()[0]
    return Finding("Python", version, "" if sys.version_info >= (3, 11) else "3.11 or later is needed: apt-get install python3")


def _python_packages() -> Finding:
    wanted = _pinned()
    wrong = []
    for name, version in wanted.items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found != version:
            wrong.append(f"{name} {found}, not {version}")
    return Finding("Python packages", f"{len(wanted)} pinned", f"{'; '.join(wrong)}: scripts/setup" if wrong else "")


def _pinned() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return dict(item.split("==") for item in [*project["dependencies"], *(name for extra in extras for name in extra)])


def _qemu() -> Finding:
    try:
        words = qemu_version()
    except UserError as error:
        return Finding("QEMU", "none", error.message)
    number = words.split("version ")[-1].split()[0]
    new_enough = tuple(int(part) for part in number.split(".")[:2]) >= OLDEST_QEMU
    return Finding("QEMU", number, "" if new_enough else "7.2 or later is needed")


def _tool(what: str, program: str, package: str, use: str, *, required: bool) -> Finding:
    path = shutil.which(program)
    return Finding(what, path or "none", "" if path else f"{use}: apt-get install {package}", required)


def _qemu_user() -> Finding:
    return _tool(
        "QEMU user mode", "qemu-riscv64", "qemu-user", "lists busybox's applets for the image, and is the tests' oracle", required=True
    )


def _disks() -> Finding:
    try:
        return Finding("e2fsprogs", diskimage.tool("mke2fs"))
    except UserError:
        return Finding("e2fsprogs", "none", "makes and checks disks (scarlet run --disk): apt-get install e2fsprogs")


def _discs() -> Finding:
    return _tool("xorriso", "xorriso", "xorriso", "the tests make ISO 9660 discs with it", required=False)


def _gdb() -> Finding:
    return _tool("gdb", "gdb-multiarch", "gdb-multiarch", "scarlet gdb needs it", required=False)


def _windows() -> Finding:
    try:
        kinds = display.windows()
    except UserError:
        kinds = []
    remedy = "" if kinds else "scarlet run --display needs it, --vnc does not: apt-get install qemu-system-gui"
    return Finding("QEMU windows", ", ".join(kinds) or "none", remedy, required=False)


def _apt() -> Finding:
    return _tool("apt", "apt-get", "apt", "fetches the Debian packages of the image", required=False)


def _debian_packages() -> Finding:
    state = []
    for pin in packages.read_lock().values():
        state.append(f"{pin.name} {'cached' if (cache() / 'debian' / pin.file_name).exists() else 'fetched when needed'}")
    return Finding("Debian packages", ", ".join(state) or "none pinned")


def _abis() -> Finding:
    try:
        linked = plugins.linked()
    except UserError as error:
        return Finding("ABIs", "one cannot be linked", error.message)
    return Finding("ABIs", ", ".join(plugin.name if plugin.own else f"{plugin.name} of {plugin.distribution}" for plugin in linked))


def _kernel() -> Finding:
    try:
        linked = plugins.linked()
    except UserError:
        return Finding("kernel", "not compiled before the ABIs are in order")
    file = linking.kernel_file(linked)
    stamp = file.with_suffix(".key")
    if not file.exists() or not stamp.exists():
        return Finding("kernel", "compiled when needed")
    return Finding("kernel", "up to date" if stamp.read_text() == kernel.key(linked) else "older than its source; compiled when needed")
