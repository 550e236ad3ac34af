"""Build the benchmark programs: static riscv64 Linux programs, the same files for both kernels."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from scarlet.cli import console
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, cache

SOURCES = Path(__file__).parent / "programs"


def build(name: str) -> bytes:
    """The program, compiled when its source has changed (the first build makes musl and takes a minute)."""
    source = SOURCES / f"{name}.c"
    key = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    target = BUILD / "bench" / f"{name}-{key}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": os.environ.get("ZIG_GLOBAL_CACHE_DIR", str(cache() / "zig"))}
        scratch = target.with_suffix(".new")
        command = [
            sys.executable,
            "-m",
            "ziglang",
            "cc",
            "-target",
            "riscv64-linux-musl",
            "-static",
            "-O2",
            "-s",
            "-o",
            str(scratch),
            str(source),
        ]
        with console.working(f"compiling {name}.c"):
            done = subprocess.run([*command, "-lpthread"], env=environment, capture_output=True, text=True)
        if done.returncode:
            raise UserError(f"{name}.c does not compile: {done.stderr.strip().splitlines()[:1]}")
        scratch.rename(target)
    return target.read_bytes()
