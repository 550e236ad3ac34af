"""The kernel's ELF file: compiled when its source, the compiler or its tools have changed, found in milliseconds otherwise.

The key is a hash over the content of every source file, so branches can be switched and files touched without a rebuild.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, KERNEL, KERNEL_FOLDERS, ROOT, cache, require_checkout, write_atomically

BOOT = ROOT / "scarlet" / "boot.py"
NOT_COMPILED = (ROOT / "scarlet" / "cli", ROOT / "scarlet" / "machine" / "hosted", ROOT / "scarlet" / "machine" / "linux_user")
SUFFIXES = (".py", ".pyi", ".ld")


def sources() -> Iterator[Path]:
    """Every file that the kernel's machine code may depend on, the compiler's own included."""
    for name in KERNEL_FOLDERS:
        for folder, subfolders, files in os.walk(ROOT / name):
            subfolders[:] = sorted(sub for sub in subfolders if sub != "__pycache__" and Path(folder, sub) not in NOT_COMPILED)
            yield from (Path(folder, file) for file in sorted(files) if file.endswith(SUFFIXES))
    yield ROOT / "scripts" / "requirements.txt"  # the versions of mypy and zig


def key() -> str:
    """A hash of all the sources."""
    digest = hashlib.sha256()
    for path in sources():
        data = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def ensure() -> Path:
    """The kernel of the source as it is now; compiles it if need be. UserError when it does not compile."""
    require_checkout()
    if given := os.environ.get("SCARLET_KERNEL"):  # one that was built before: to compare, or to look for a change that broke something
        return Path(given)
    if _up_to_date():
        return KERNEL
    if not BOOT.exists():
        raise UserError(f"{BOOT.relative_to(ROOT)} is missing: this checkout has no kernel")
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "kernel.lock").open("w") as lock:  # two runs at once: one compiles, the other waits for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _up_to_date():
            _compile()
    return KERNEL


def _stamp() -> Path:
    return KERNEL.with_suffix(".key")


def _up_to_date() -> bool:
    return KERNEL.exists() and _stamp().exists() and _stamp().read_text() == key()


def _compile() -> None:
    wanted = key()
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR", str(cache() / "zig"))}
    scratch = KERNEL.with_name(f"{KERNEL.stem}-{os.getpid()}.elf")
    command = [sys.executable, "-m", "scarlet.compiler", "--target", "kernel", str(BOOT.relative_to(ROOT)), "-o", str(scratch)]
    if not sys.stderr.isatty():  # on a terminal the compiler shows its progress itself
        console.say("scarlet: compiling the kernel")
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if done.returncode or not scratch.exists():
            raise UserError("the kernel does not compile (the errors are above)")
        scratch.replace(KERNEL)
    finally:
        scratch.unlink(missing_ok=True)
    write_atomically(_stamp(), wanted.encode())
