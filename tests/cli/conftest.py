"""What the tests of the command share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scarlet.cli import image
from tests import programs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def base() -> bytes:
    return image.base_archive()


@pytest.fixture(scope="session")
def busybox(base: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian's static riscv64 busybox, as a file."""
    path = tmp_path_factory.mktemp("busybox") / "busybox"
    path.write_bytes(image.seen_by_linux().entries["/bin/busybox"].data)
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def standin() -> Path:
    """A machine that echoes its input (tests/programs/standin.c)."""
    return programs.build("standin")


Scarlet = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def scarlet(tmp_path: Path) -> Scarlet:
    """Run the command: scarlet("run", "--", "true", input=b"", without=["qemu-system-riscv64"])."""

    def run(*arguments: str, stdin: bytes = b"", without: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
        environment = dict(os.environ)
        if without:
            folder = tmp_path / "path"
            folder.mkdir()
            for place in environment["PATH"].split(":"):
                for tool in Path(place).glob("*") if Path(place).is_dir() else []:
                    if tool.name not in without and not (folder / tool.name).exists():
                        (folder / tool.name).symlink_to(tool)
            environment["PATH"] = str(folder)
        command = [sys.executable, "-m", "scarlet.cli.main", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, env=environment, timeout=300)

    return run


assert shutil.which("qemu-riscv64"), "qemu-riscv64 is missing: scripts/setup installs it"
