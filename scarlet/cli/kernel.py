"""The kernel's ELF file: compiled when its source, the compiler or its tools have changed, found in milliseconds otherwise.

The key is a hash over the content of every source file, so branches can be switched and files touched without a rebuild. A kernel with
installed ABI modules (plugins.py) is kept apart from the one without.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scarlet.cli import console, linking
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, KERNEL_FOLDERS, ROOT, cache, require_checkout, write_atomically
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
    digest = hashlib.sha256()
    for name, data in [*((str(path.relative_to(ROOT)), path.read_bytes()) for path in sources()), *linking.sources(plugins)]:
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def ensure() -> Path:
    """The kernel of the source as it is now; compiles it if need be. UserError when it does not compile."""
    require_checkout()
    if given := os.environ.get("SCARLET_KERNEL"):  # one that was built before: to compare, or to look for a change that broke something
        return Path(given)
    plugins = linked()
    kernel = linking.kernel_file(plugins)
    if _up_to_date(kernel, plugins):
        return kernel
    if not BOOT.exists():
        raise UserError(f"{BOOT.relative_to(ROOT)} is missing: this checkout has no kernel")
    kernel.parent.mkdir(parents=True, exist_ok=True)
    with (BUILD / "kernel.lock").open("w") as lock:  # two runs at once: one compiles, the other waits for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _up_to_date(kernel, plugins):
            _compile(kernel, plugins)
    return kernel


def _stamp(kernel: Path) -> Path:
    return kernel.with_suffix(".key")


def _up_to_date(kernel: Path, plugins: Sequence[AbiPlugin]) -> bool:
    return kernel.exists() and _stamp(kernel).exists() and _stamp(kernel).read_text() == key(plugins)


def _compile(kernel: Path, plugins: Sequence[AbiPlugin]) -> None:
    wanted = key(plugins)
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR", str(cache() / "zig"))}
    scratch = kernel.with_name(f"{kernel.stem}-{os.getpid()}.elf")
    command = [sys.executable, "-m", "scarlet.compiler", "--target", "kernel", str(BOOT.relative_to(ROOT)), "-o", str(scratch)]
    for name, path in linking.modules(plugins).items():
        command += ["--module", f"{name}={path}"]
    if not sys.stderr.isatty():  # on a terminal the compiler shows its progress itself
        console.say("scarlet: compiling the kernel")
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=2)
        if done.returncode or not scratch.exists():
            others = ", ".join(plugin.distribution for plugin in linking.foreign(plugins))
            raise UserError(f"the kernel{f' with {others}' if others else ''} does not compile (the errors are above)")
        scratch.replace(kernel)
    finally:
        scratch.unlink(missing_ok=True)
    write_atomically(_stamp(kernel), wanted.encode())
