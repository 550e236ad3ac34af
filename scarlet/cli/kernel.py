"""The kernel's ELF file: compiled when its source, the compiler or its tools have changed, found in milliseconds otherwise.

The key is a hash over the content of every source file, so branches can be switched and files touched without a rebuild. A kernel with
installed ABI modules (plugins.py) is kept apart from the one without.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from scarlet.cli import compiling, linking
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, KERNEL_FOLDERS, ROOT, require_checkout
from scarlet.cli.plugins import AbiPlugin, linked

BOOT = ROOT / "scarlet" / "boot.py"
NOT_COMPILED = tuple(
    ROOT / "scarlet" / name
    for name in ("cli", "user", "xv6", "machine/hosted", "machine/linux_user", "machine/native_user", "machine/xv6_user")
)
SUFFIXES = (".py", ".pyi", ".ld")


def sources() -> Iterator[Path]:
    """Every file that the kernel's machine code may depend on, the compiler's own included."""
    for name in KERNEL_FOLDERS:
        for folder, subfolders, files in os.walk(ROOT / name):
            subfolders[:] = sorted(sub for sub in subfolders if sub != "__pycache__" and Path(folder, sub) not in NOT_COMPILED)
            yield from (Path(folder, file) for file in sorted(files) if file.endswith(SUFFIXES))
    yield ROOT / "scripts" / "requirements.txt"  # the versions of mypy and zig


def key(plugins: Sequence[AbiPlugin] = ()) -> str:
    """A hash of all the sources."""
    return compiling.hash_of([*((str(path.relative_to(ROOT)), path.read_bytes()) for path in sources()), *linking.sources(plugins)])


def ensure() -> Path:
    """The kernel of the source as it is now; compiles it if need be. UserError when it does not compile."""
    require_checkout()
    if given := os.environ.get("SCARLET_KERNEL"):  # one that was built before: to compare, or to look for a change that broke something
        return Path(given)
    plugins = linked()
    kernel = linking.kernel_file(plugins)
    if not BOOT.exists():
        raise UserError(f"{BOOT.relative_to(ROOT)} is missing: this checkout has no kernel")
    if not kernel.exists():
        _stamp(kernel).unlink(missing_ok=True)
    compiling.bring_up_to_date(_stamp(kernel), BUILD / "kernel.lock", lambda: key(plugins), lambda: _compile(kernel, plugins))
    return kernel


def _stamp(kernel: Path) -> Path:
    return kernel.with_suffix(".key")


def _compile(kernel: Path, plugins: Sequence[AbiPlugin]) -> None:
    scratch = kernel.with_name(f"{kernel.stem}-{os.getpid()}.elf")
    arguments = ["--target", "kernel", str(BOOT.relative_to(ROOT)), "-o", str(scratch)]
    for name, path in linking.modules(plugins).items():
        arguments += ["--module", f"{name}={path}"]
    try:
        if not compiling.run_compiler("the kernel", arguments) or not scratch.exists():
            others = ", ".join(plugin.distribution for plugin in linking.foreign(plugins))
            raise UserError(f"the kernel{f' with {others}' if others else ''} does not compile (the errors are above)")
        scratch.replace(kernel)
    finally:
        scratch.unlink(missing_ok=True)
