"""C files to an ELF file: clang through the ziglang wheel, one object a file, cached by content; then lld."""
# ruff: noqa: E501  (C text and tables)

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from elftools.elf.elffile import ELFFile

from scarlet.compiler.emit.texts import Text
from scarlet.compiler.errors import BuildFailed, CompileError, Damaged, Report

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


def compile_files(files: Mapping[str, Text], folder: Path, optimisation: str, progress: Callable[[str, int, int], None]) -> list[Path]:
    """Compile what changed; the objects in the order of the files. `progress` is told the file, how many are done and how many there are."""
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    objects: list[Path] = []
    work: list[tuple[Path, Path]] = []
    damaged: list[Path] = []
    flags = [*FLAGS, optimisation]
    tools = "\0".join([version("ziglang"), *flags])
    for name, text in files.items():
        key = hashlib.sha256(f"{tools}\0{text.digest}".encode()).hexdigest()[:20]
        source = folder / "sources" / key / name  # by its content, for another compiler may use the folder at the same time
        target = folder / "objects" / f"{name[:-2]}-{key}.o"
        objects.append(target)
        if not target.exists():
            work.append((source, target))
            try:
                _write(source, text.read())
            except Damaged as damage:
                damaged += damage.paths
    if damaged:
        raise Damaged(damaged)
    finished = itertools.count(1)

    def run(item: tuple[Path, Path]) -> tuple[Path, str]:
        source, target = item
        partial = target.with_suffix(f".{os.getpid()}.tmp")
        command = [zig(), "cc", *flags, "-c", str(source), "-o", str(partial)]
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment(), check=False)
        if result.returncode == 0:
            partial.rename(target)
        progress(source.stem, next(finished), len(work))
        return source, result.stderr if result.returncode else ""

    work.sort(key=lambda item: -item[0].stat().st_size)  # the longest first, so that none is left alone at the end
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        failures = [(source, text) for source, text in pool.map(run, work) if text]
    if failures:
        report = Report()
        for source, message in failures:
            report.add(CompileError(None, f"internal error: the C compiler refused {source.name}:\n{message[:4000]}"))
        raise BuildFailed(report)
    _forget_old(folder / "objects", objects)
    if work:
        _forget_sources(folder)
    return objects


def _write(source: Path, text: str) -> None:
    """A C file, which is there whole or not at all."""
    source.parent.mkdir(parents=True, exist_ok=True)
    written = source.with_suffix(f".{os.getpid()}.tmp")
    written.write_text(text, encoding="utf-8")
    written.rename(source)


def _forget_old(folder: Path, keep: list[Path]) -> None:
    """Keep the cache small: for each file the four newest objects."""
    groups: dict[str, list[Path]] = {}
    for path in folder.glob("*.o"):
        groups.setdefault(path.stem.rpartition("-")[0], []).append(path)
    for paths in groups.values():
        for path in sorted(paths, key=lambda item: item.stat().st_mtime, reverse=True)[4:]:
            if path not in keep:
                path.unlink(missing_ok=True)


LEFT_OVER_S = 3600
"""Nothing that is older is another compiler's that is at work now."""


def _forget_sources(folder: Path) -> None:
    """Delete C files whose object is gone, and what compilers left that were interrupted."""
    known = {path.stem.rpartition("-")[2] for path in (folder / "objects").glob("*.o")}
    oldest = time.time() - LEFT_OVER_S
    for path in [*(folder / "sources").iterdir(), *(folder / "objects").glob("*.tmp")]:
        try:
            if path.name not in known and path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError:
            continue  # another compiler did


def reserve(size: int, section: str, folder: Path) -> Path:
    """An object file with that many zero bytes in a read-only section."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f'__asm__(".pushsection {section}, \\"a\\", @progbits\\n.p2align 3\\n.zero {size}\\n.popsection\\n");\n'
    return compile_files({f"reserved_{size}.c": Text.of(text)}, folder / "reserved", "-O1", lambda _name, _done, _total: None)[0]


def fill(elf: Path, section: str, data: bytes) -> None:
    """Write into a section of a linked file, from its beginning."""
    with elf.open("r+b") as stream:
        found = ELFFile(stream).get_section_by_name(section)
        assert found is not None and len(data) <= found["sh_size"]
        stream.seek(found["sh_offset"])
        stream.write(data)


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


ELF_HEADER = 64
E_IDENT_OSABI = 7
"""Where an ELF file says whose conventions it follows."""


def _is_whole(path: Path) -> bool:
    """Whether a file is an ELF file to its end, where the table of its sections lies."""
    data = path.read_bytes()
    if len(data) < ELF_HEADER or data[:4] != b"\x7fELF":
        return False
    table, size, count = int.from_bytes(data[40:48], "little"), int.from_bytes(data[58:60], "little"), int.from_bytes(data[60:62], "little")
    return table != 0 and table + size * count <= len(data)


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
    result = subprocess.run(
        [*command, *map(str, objects)], capture_output=True, text=True, errors="replace", env=environment(), check=False
    )
    if result.returncode:
        if damaged := [path for path in objects if not _is_whole(path)]:
            raise Damaged(damaged)
        report = Report()
        report.add(CompileError(None, f"linking failed:\n{result.stderr[:4000]}"))
        raise BuildFailed(report)
    if os_abi:
        with output.open("r+b") as file:
            file.seek(E_IDENT_OSABI)
            file.write(bytes([os_abi]))
