"""The programs of our own in the boot image: compiled from initramfs/<name>/*.py, all of one ABI in one run of the compiler.

As with the kernel, the key is a hash over everything that the machine code may depend on: the programs, the library they use, the
runtime and the compiler. Beside each program lies NAME.debug, with the information for a debugger, which the image does without.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scarlet.cli import compiling
from scarlet.cli.cpio import Entry
from scarlet.cli.errors import UserError
from scarlet.cli.paths import BUILD, ROOT

COMMON = ("scarlet/lang", "scarlet/compiler", "scarlet/runtime", "scarlet/machine/__init__.py", "scripts/requirements.txt")
"""What programs of every target depend on; the last is for the versions of mypy and zig."""


@dataclass(frozen=True)
class Userland:
    """The programs of one ABI: the compiler's target, the folder they lie in, the one in the image, and what they import."""

    target: str
    folder: str
    image_folder: str
    imports: tuple[str, ...]

    def programs(self) -> list[Path]:
        """The main modules; a name with an underscore in front is none."""
        return [path for path in sorted((ROOT / self.folder).glob("*.py")) if not path.name.startswith("_")]

    @property
    def output(self) -> Path:
        return BUILD / "userland" / self.target


NATIVE = Userland(
    "native", "initramfs/native", "/system/scarlet/bin",
    ("scarlet/machine/native_user", "scarlet/user", "scarlet/runfile.py", "abi_modules/__init__.py", "abi_modules/native/__init__.py",
     "abi_modules/native/interface.py", "abi_modules/native/status.py"),
)  # fmt: skip
XV6 = Userland("xv6", "initramfs/xv6", "/system/xv6-riscv64", ("scarlet/machine/xv6_user", "scarlet/xv6"))
USERLANDS = (NATIVE, XV6)


def sources(userland: Userland) -> Iterator[Path]:
    """Every file that the programs may depend on."""
    for name in (*COMMON, *userland.imports, userland.folder):
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from (file for file in sorted(path.rglob("*")) if file.suffix in (".py", ".pyi", ".ld"))


def key(userland: Userland) -> str:
    """A hash of all of them."""
    return compiling.hash_of((str(path.relative_to(ROOT)), path.read_bytes()) for path in sources(userland))


def keys() -> bytes:
    """What the image depends on."""
    return "".join(key(userland) for userland in USERLANDS if userland.programs()).encode()


def entries(mtime: int) -> Iterator[Entry]:
    """The programs as files of the image; compiles them if need be. UserError when one does not compile."""
    for userland in USERLANDS:
        for name, path in ensure(userland).items():
            yield Entry(f"{userland.image_folder}/{name}", stat.S_IFREG | 0o755, path.read_bytes(), mtime=mtime)


def ensure(userland: Userland) -> dict[str, Path]:
    """The ELF file of each program of the source as it is now."""
    programs = {path.stem: userland.output / path.stem for path in userland.programs()}
    if programs:
        stamp, lock = userland.output.with_suffix(".key"), userland.output.with_suffix(".lock")
        compiling.bring_up_to_date(stamp, lock, lambda: key(userland), lambda: _compile(userland))
    return programs


def _compile(userland: Userland) -> None:
    userland.output.mkdir(parents=True, exist_ok=True)
    files = [str(path.relative_to(ROOT)) for path in userland.programs()]
    if not compiling.run_compiler(
        f"the {userland.target} programs", ["--target", userland.target, "--programs", "-o", str(userland.output), *files]
    ):
        raise UserError(f"the programs in {userland.folder} do not compile (the errors are above)")
    for path in userland.output.iterdir():
        if path.name.removesuffix(".debug") not in {program.stem for program in userland.programs()}:
            path.unlink()  # a program that is no more
