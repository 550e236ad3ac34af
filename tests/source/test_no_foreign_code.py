"""The kernel is Python: no C, assembly or Rust, and nothing that was fetched or built is in the repository."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {".c", ".h", ".cc", ".cpp", ".s", ".S", ".asm", ".inc", ".rs", ".go", ".zig", ".ll"}
BUILT = {".o", ".a", ".so", ".elf", ".bin", ".img", ".deb", ".cpio", ".whl"}
FOREIGN_ALLOWED = ("initramfs/ports/", "tests/bench/programs/", "tests/programs/", "tests/plugins/tiny/tests/")
"""Programs that run on the kernel: ports, tests, measurements."""
PICTURES = ("docs/doom.png",)
LARGEST = 400_000


def files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).exists()]


def test_other_languages_only_in_test_programs() -> None:
    assert [name for name in files() if Path(name).suffix in SOURCE | BUILT and not name.startswith(FOREIGN_ALLOWED)] == []


def test_nothing_large_is_committed() -> None:
    assert [name for name in files() if (ROOT / name).stat().st_size > LARGEST] == []


def test_no_binary_files() -> None:
    assert [name for name in files() if b"\0" in (ROOT / name).read_bytes()[:8000] and name not in PICTURES] == []


def test_no_place_of_one_machine_is_named() -> None:
    """Neither a developer's folders nor the host of a package registry."""
    hosts = [f"{name}." + "org" for name in ("pypi", "pythonhosted", "deb.debian", "snapshot.debian")]
    words = [word.encode() for word in [*hosts, "/" + "work/main", "/" + "work/shared", "/" + "tmp/venv"]]
    assert [(name, word) for name in files() for word in words if word in (ROOT / name).read_bytes()] == []
