"""The programs of programs/hop.c, one for each ABI, built when the source has changed."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from abi_modules.native.interface import NATIVE_OSABI, SpawnHeader
from scarlet.cli.paths import BUILD
from tests.programs import FLAGS, TARGET

SOURCE = Path(__file__).parent / "programs" / "hop.c"
ABIS = ("linux", "xv6", "native")
LINKED = {"linux": (0x10000, "_start"), "xv6": (0, "_enter"), "native": (0x10000, "_enter")}
"""Where each begins in memory, and where it starts."""
LAYOUT = """
PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); }
SECTIONS {
  . = BASE;
  .text : { *(.text*) *(.rodata*) *(.srodata*) } :text
  . = ALIGN(4096);
  .data : { *(.data*) *(.sdata*) *(.bss*) *(.sbss*) *(COMMON) } :data
  /DISCARD/ : { *(.note*) *(.comment*) *(.riscv.attributes) *(.eh_frame*) }
}
"""
"""Two segments that begin at pages, as every system accepts them."""
REQUEST = [f"-DHEAD_BYTES={SpawnHeader.SIZE}"] + [
    f"-DAT_{name}={SpawnHeader.OFFSETS[field]}"
    for name, field in {
        "PATH": "path_bytes", "ARGUMENTS": "argument_bytes", "ENVIRONMENT": "environment_bytes", "DIRECTORY": "directory",
    }.items()
]  # fmt: skip
"""The layout of a native request."""
EI_OSABI = 7


def build(abi: str) -> Path:
    """The program of an ABI."""
    base, start = LINKED[abi]
    layout = LAYOUT.replace("BASE", hex(base))
    options = [*TARGET, *FLAGS, "-mcmodel=medany", f"-DABI={ABIS.index(abi)}", f"-Wl,-e,{start}", *REQUEST]
    digest = hashlib.sha256(" ".join(options).encode() + SOURCE.read_bytes() + layout.encode()).hexdigest()[:16]
    target = BUILD / "bench" / f"hop-{abi}-{digest}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    script = scratch.with_suffix(".ld")
    script.write_text(layout)
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *options, f"-Wl,-T,{script}", "-o", str(scratch), str(SOURCE)], check=True)
    script.unlink()
    if abi == "native":
        data = bytearray(scratch.read_bytes())
        data[EI_OSABI] = NATIVE_OSABI
        scratch.write_bytes(data)
    scratch.rename(target)
    return target
