"""An image of xv6's own file system as the root of the xv6 programs in it."""

from pathlib import Path

import pytest

from scarlet.cli import userland
from tests.qemu.conftest import Run
from tests.vfs.xv6image import image

BLOCKS, INODES = 4000, 400


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our programs on an image as xv6's mkfs writes it."""
    programs = [entry for entry in userland.entries(0) if entry.path.startswith(f"{userland.XV6.image_folder}/")]
    path = tmp_path_factory.mktemp("disk") / "fs.img"
    path.write_bytes(image({entry.path.rpartition("/")[2].encode(): entry.data for entry in programs}, size=BLOCKS, inodes=INODES))
    return path


@pytest.mark.qemu
def test_every_call_and_limit_holds_on_xv6s_file_system(run: Run, disk: Path) -> None:
    result = run("xv6tests", options=["--xv6", str(disk), "--shell", "xv6"])
    assert result.returncode == 0, result
    assert result.stdout.decode().splitlines()[-1].endswith(" passed, 0 failed")


@pytest.mark.hosted
def test_the_shell_of_the_image_runs_its_programs(run_hosted: Run, disk: Path) -> None:
    script = "mkdir d; echo kept > d/f; cat d/f; wc d/f; rm d/f d; echo to linux | busybox tr a-z A-Z"
    result = run_hosted("sh", "-c", script, options=["--xv6", str(disk), "--shell", "xv6"])
    assert result.stdout.decode() == "kept\n1 1 5 d/f\nTO LINUX\n", result
