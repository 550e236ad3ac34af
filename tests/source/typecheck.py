"""`python -m tests.source.typecheck hosted|riscv64|linux_user|native_user|xv6_user`: mypy --strict over the source, as one world sees it.

scarlet.machine.X is another file in each world, which mypy's command line cannot express: here every file is given to it under
the module name it has in that world. Status 1 and mypy's messages when there are any.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import mypy.build
import mypy.main
from mypy.modulefinder import BuildSource

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("scarlet", "objects", "vfs", "net", "drivers", "executor", "abi_modules", "initramfs")
MACHINE = "scarlet/machine"
TWINS = {
    "hosted": f"{MACHINE}/hosted/twins",
    "riscv64": f"{MACHINE}/riscv64",
    "linux_user": f"{MACHINE}/linux_user",
    "native_user": f"{MACHINE}/native_user",
    "xv6_user": f"{MACHINE}/xv6_user",
}
ONLY_HOSTED = (f"{MACHINE}/hosted", "scarlet/cli", "scarlet/compiler")
ONLY_COMPILED = ("scarlet/runtime",)
PLUGIN = ("tests/plugins/tiny", "tiny_abi")
"""The project of a third party's ABI, and its package."""
COMMON = ("scarlet/runtime", "scarlet/lang", "scarlet/machine/__init__.py")
PROGRAMS: dict[str, tuple[str, ...]] = {
    "linux_user": (),
    "native_user": ("scarlet/user", "initramfs/native", "abi_modules/native/interface.py", "abi_modules/native/status.py"),
    "xv6_user": ("scarlet/xv6", "initramfs/xv6"),
}
"""The worlds of programs, and what belongs to each of them beside the common part."""
ONLY_PROGRAMS = ("scarlet/user", "scarlet/xv6", "initramfs")


def sources(world: str) -> Iterator[BuildSource]:
    """Every module of the world."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            twin = next((other for other, place in TWINS.items() if name.startswith(place + "/")), None)
            if twin == world:
                if path.name != "__init__.py":
                    yield _source(name, f"scarlet.machine.{path.stem}")
            elif twin is None and _belongs(name, world) and not path.with_suffix(".pyi").exists():
                yield _source(name, ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))

    if world in ("hosted", "riscv64"):
        project, package = PLUGIN
        for path in sorted((ROOT / project / package).glob("*.py")):
            yield _source(f"{project}/{package}/{path.name}", f"{package}.{path.stem}".removesuffix(".__init__"))


def _belongs(name: str, world: str) -> bool:
    if world in PROGRAMS:
        return name.startswith((*COMMON, *PROGRAMS[world]))
    return not name.startswith((*ONLY_PROGRAMS, *(ONLY_COMPILED if world == "hosted" else ONLY_HOSTED)))


def _source(path: str, module: str) -> BuildSource:
    return BuildSource(path, module, None)


def main(world: str) -> int:
    _none, options = mypy.main.process_options(["--config-file", "pyproject.toml", "--cache-dir", f"build/mypy/{world}", "-m", "scarlet"])
    options.mypy_path = [str(ROOT)]
    options.no_silence_site_packages = True  # else whatever lies in a folder of sys.path is passed over in silence, ours too
    options.always_true = [] if world == "hosted" else ["COMPILED"]
    options.always_false = ["COMPILED"] if world == "hosted" else []
    try:
        messages = mypy.build.build(list(sources(world)), options).errors
    except mypy.errors.CompileError as error:
        messages = error.messages
    ours = [message for message in messages if message.startswith((*FOLDERS, PLUGIN[0]))]
    print("\n".join(ours))
    return int(any(": error:" in message for message in ours))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
