"""C files to an ELF file: clang through the ziglang wheel, one object a file, cached by content; then lld."""
# ruff: noqa: E501  (C text and tables)

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scarlet.compiler.errors import BuildFailed, CompileError, Report

FLAGS = [
    "-target", "riscv64-freestanding-none", "-mcpu=generic_rv64+m+a+c+unaligned_scalar_mem", "-mabi=lp64", "-mcmodel=medany", "-mno-relax", "-ffreestanding", "-fno-pic", "-fno-pie",
    "-fwrapv", "-fno-strict-aliasing", "-fno-omit-frame-pointer", "-momit-leaf-frame-pointer", "-fno-common", "-fno-sanitize=all", "-fno-stack-protector", "-ffunction-sections", "-fdata-sections",
    "-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-g", "-w", "-Wno-incompatible-pointer-types", "-std=gnu11", "-fno-builtin-printf", "-nostdinc",
]  # fmt: skip
"""Soft-float, so that an accidental float fails at link and user F/D state can be saved lazily."""


def zig() -> str:
    """The compiler of the ziglang wheel."""
    import ziglang  # type: ignore[import-untyped]

    return str(Path(ziglang.__file__).parent / "zig")


def environment() -> dict[str, str]:
    env = dict(os.environ)
    env.setdefault("ZIG_GLOBAL_CACHE_DIR", str(Path.home() / ".cache" / "zig"))
    return env


def compile_files(files: dict[str, str], folder: Path, optimisation: str, progress: Callable[[str], None]) -> list[Path]:
    """Compile what changed; the objects in the order of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    objects: list[Path] = []
    work: list[tuple[Path, Path]] = []
    for name, text in files.items():
        flags = [*FLAGS, optimisation]
        key = hashlib.sha256("\0".join([*flags, text]).encode()).hexdigest()[:20]
        source = folder / name
        target = folder / "objects" / f"{name[:-2]}-{key}.o"
        objects.append(target)
        if not target.exists():
            source.write_text(text, encoding="utf-8")
            work.append((source, target))
    (folder / "objects").mkdir(exist_ok=True)

    def run(item: tuple[Path, Path]) -> tuple[Path, str]:
        source, target = item
        flags = [*FLAGS, optimisation]
        partial = target.with_suffix(f".{os.getpid()}.tmp")
        command = [zig(), "cc", *flags, "-c", str(source), "-o", str(partial)]
        result = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
        if result.returncode == 0:
            partial.rename(target)
        progress(source.stem)
        return source, result.stderr if result.returncode else ""

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        failures = [(source, text) for source, text in pool.map(run, work) if text]
    if failures:
        report = Report()
        for source, text in failures:
            report.add(CompileError(None, f"internal error: the C compiler refused {source.name}:\n{text[:4000]}"))
        raise BuildFailed(report)
    _forget_old(folder / "objects", objects)
    return objects


def _forget_old(folder: Path, keep: list[Path]) -> None:
    """Keep the cache small: for each file the four newest objects."""
    groups: dict[str, list[Path]] = {}
    for path in folder.glob("*.o"):
        groups.setdefault(path.stem.rpartition("-")[0], []).append(path)
    for paths in groups.values():
        for path in sorted(paths, key=lambda item: item.stat().st_mtime, reverse=True)[4:]:
            if path not in keep:
                path.unlink(missing_ok=True)


def embed(data: bytes, section: str, folder: Path) -> Path:
    """An object file with bytes in a read-only section."""
    blob = folder / "embedded.bin"
    blob.write_bytes(data)
    source = folder / "embedded.c"
    path = str(blob.resolve()).replace("\\", "/")
    source.write_text(
        f'__asm__(".pushsection {section}, \\"a\\", @progbits\\n.p2align 3\\n.incbin \\"{path}\\"\\n.popsection\\n");\n', encoding="utf-8"
    )
    target = folder / "embedded.o"
    result = subprocess.run(
        [zig(), "cc", *FLAGS, "-c", str(source), "-o", str(target)], capture_output=True, text=True, env=environment(), check=False
    )
    if result.returncode:
        report = Report()
        report.add(CompileError(None, f"internal error: the symbol table could not be embedded:\n{result.stderr[:2000]}"))
        raise BuildFailed(report)
    return target


def link_programs(objects: dict[str, Path], starts: dict[str, str], folder: Path, script: Path | None, os_abi: int) -> None:
    """Link each program into the folder as NAME, without debug information, and as NAME.debug, with it.

    The objects (by the name of their C file) are those of all programs; `starts` names the one with which each of them begins. What it
    does not reach is dropped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    common = [path for name, path in objects.items() if name not in starts.values()]

    def run(program: str) -> None:
        parts = [objects[starts[program]], *common]
        link(parts, folder / f"{program}.debug", script, os_abi)
        link(parts, folder / program, script, os_abi, strip=True)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        list(pool.map(run, starts))


E_IDENT_OSABI = 7
"""Where an ELF file says whose conventions it follows."""


def link(objects: list[Path], output: Path, script: Path | None, os_abi: int = 0, *, strip: bool = False) -> None:
    """Link statically, dropping what is not reachable."""
    command = [
        zig(),
        "ld.lld",
        "-m",
        "elf64lriscv",
        "--no-relax",
        "--gc-sections",
        "--discard-locals",
        "-static",
        "-o",
        str(output),
        "-e",
        "_start",
        "-z",
        "noexecstack",
    ]
    if script is not None:
        command += ["-T", str(script)]
    if strip:
        command.append("--strip-all")
    result = subprocess.run([*command, *map(str, objects)], capture_output=True, text=True, env=environment(), check=False)
    if result.returncode:
        report = Report()
        report.add(CompileError(None, f"linking failed:\n{result.stderr[:4000]}"))
        raise BuildFailed(report)
    if os_abi:
        with output.open("r+b") as file:
            file.seek(E_IDENT_OSABI)
            file.write(bytes([os_abi]))
