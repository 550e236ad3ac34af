"""Small C programs for the tests, built without a C library in a moment: what they do to a kernel can be read off their source."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
OUTPUT = FOLDER.parents[1] / "build" / "programs"
TARGET = ["-target", "riscv64-freestanding-none", "-O1", "-nostdlib", "-static", "-s"]
FLAGS = ["-fno-sanitize=all", "-fno-builtin", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"]
BARE = ["-mcpu=generic_rv64+m+a+c", "-mcmodel=medany", f"-Wl,-T,{FOLDER / 'standin.ld'}"]


def build(name: str) -> Path:
    """The program, compiled when a source here has changed. `standin` is for the bare machine, the others are Linux programs."""
    digest = hashlib.sha256("".join([*TARGET, *FLAGS, *BARE]).encode())
    for source in sorted([FOLDER / f"{name}.c", FOLDER / "tiny.h", FOLDER / "calls" / "calls.h", FOLDER / "standin.ld"]):
        digest.update(source.read_bytes())
    target = OUTPUT / f"{name}-{digest.hexdigest()[:16]}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    command = [sys.executable, "-m", "ziglang", "cc", *TARGET, *FLAGS, *(BARE if name == "standin" else [])]
    subprocess.run([*command, "-o", str(scratch), str(FOLDER / f"{name}.c")], check=True)
    scratch.rename(target)
    return target
