"""The files that follow from the system-call declarations of an ABI module.

| file of the module | what it is |
|--------------------|------------|
| dispatch.py        | number -> decoded call (dispatch_source.py) |
| trace_calls.py     | number -> the call as strace(1) shows it (trace_source.py) |

The checkout's own modules have more: docs/linux-syscalls.md, docs/xv6-syscalls.md (calls_page.py), and the vDSO of Linux (vdso.py);
from those of the native ABI follow docs/native-abi.md (native_page.py) and the user library's scarlet/user/calls.py (user_calls.py).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import native_page, user_calls, vdso
from scarlet.cli.calls_page import page
from scarlet.cli.declarations import Reader
from scarlet.cli.dispatch_source import dispatch
from scarlet.cli.paths import ROOT
from scarlet.cli.trace_source import trace_calls

PAGES = {
    "linux_riscv64": (
        "docs/linux-syscalls.md",
        "Linux system calls",
        "A flag or a command that is not named there is refused with the errno of the manual page.",
    ),
    "xv6_riscv64": ("docs/xv6-syscalls.md", "xv6 system calls", "Every failure is -1; `--strace` shows the reason."),
}
"""The page of an ABI's calls, its title, and how the calls fail."""
COMMON_SHOWS = "executor.trace_values"


@dataclass(frozen=True)
class Package:
    """The source of an ABI module: the dotted name of its package, and the folder that imports start from."""

    name: str
    root: Path

    @property
    def folder(self) -> Path:
        return self.root / self.name.replace(".", "/")

    @property
    def reader(self) -> Reader:
        return Reader([self.root, ROOT])


def ours() -> list[Package]:
    """The ABI modules of the checkout."""
    return [Package(f"abi_modules.{path.parent.name}", ROOT) for path in sorted((ROOT / "abi_modules").glob("*/__init__.py"))]


def outputs(package: Package) -> dict[Path, str]:
    """Every file generated from the package's declarations. DeclarationError when they are wrong."""
    reader = package.reader
    calls = reader.calls(package.name)
    if not calls:
        return {}
    known = names(package)
    files = {
        package.folder / "dispatch.py": dispatch(package.name, calls),
        package.folder / "trace_calls.py": trace_calls(package.name, calls, shows(package, reader), has_names=bool(known)),
    }
    if package.root == ROOT and package.folder.name in PAGES:
        path, title, failure = PAGES[package.folder.name]
        files[ROOT / path] = page(title, failure, package.folder.relative_to(ROOT).as_posix(), calls, known)
    if package.root == ROOT and package.folder.name == "linux_riscv64":
        files[package.folder / "vdso_image.py"] = vdso.source()
    if package.root == ROOT and package.folder.name == "native":
        files[ROOT / user_calls.PATH] = user_calls.source(calls, reader)
        files[ROOT / native_page.PATH] = native_page.page(calls, reader)
    return files


def stale(package: Package) -> dict[Path, str]:
    """Those that are not as they should be."""
    return {path: text for path, text in outputs(package).items() if not path.exists() or path.read_text() != text}


def shows(package: Package, reader: Reader) -> dict[str, str]:
    """Every function `show_<kind>` and its module: the package's own come before the common ones."""
    found: dict[str, str] = {}
    own = sorted(path.stem for path in package.folder.glob("trace_*.py") if path.stem != "trace_calls")
    for module in (COMMON_SHOWS, *(f"{package.name}.{stem}" for stem in own)):
        if reader.path(module):
            found |= {name: module for name in reader.module(module).functions if name.startswith("show_")}
    return found


def names(package: Package) -> dict[int, str]:
    """The names in the package's call_names.py, if it has one: every call that the system it speaks for has."""
    path = package.folder / "call_names.py"
    return {int(number): name for number, name in re.findall(r'case (\d+):\s+return "(\w+)"', path.read_text())} if path.exists() else {}
