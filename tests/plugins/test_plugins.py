"""A third party's ABI: installed with pip, found, linked, recognised, run and traced; and a skeleton that does the same at once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scarlet.cli.paths import ROOT
from tests.plugins.conftest import EXAMPLE, Command, command_with, install

ASSEMBLE = ["-m", "ziglang", "cc", "-target", "riscv64-freestanding-none", "-nostdlib", "-static", "-o"]
SCARLET = "scarlet.cli.main"


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("hello") / "hello"
    subprocess.run([sys.executable, *ASSEMBLE, program, EXAMPLE / "tests" / "hello.S"], check=True)
    return program


def test_an_installed_abi_is_listed_with_its_distribution_after_scarlets_own(command: Command) -> None:
    rows = [line.split()[:3] for line in command(SCARLET, "abi", "list").stdout.splitlines()[1:]]
    assert rows[0][::2] == ["linux-riscv64", "scarlet"] and rows[-1] == ["tiny", "4", "scarlet-tiny"]


def test_its_calls_are_shown(command: Command) -> None:
    assert re.search(r"^ +4 +letter\(index\) +calls.py +The letter", command(SCARLET, "abi", "show", "tiny").stdout, re.MULTILINE)


@pytest.mark.hosted
def test_its_own_test_passes(site: Path, command: Command) -> None:
    done = command("pytest", "-q", "-p", "no:cacheprovider", site.parent / "site-source")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.hosted
def test_without_the_package_its_program_is_not_run_as_what_it_is_not(hello: Path, tmp_path: Path) -> None:
    run = command_with(tmp_path)
    done = run(SCARLET, "run", "--hosted", "--strace", "--add", f"{hello}:/bin/hello", "/bin/hello")
    assert "tiny:" not in done.stderr and done.returncode != 34


@pytest.mark.hosted
def test_a_skeleton_passes_its_own_test(tmp_path: Path) -> None:
    site = tmp_path / "site"
    here = command_with(tmp_path)
    assert here(SCARLET, "abi", "new", "mini-os", "--folder", tmp_path / "project").returncode == 0
    source = install(tmp_path / "project", site)
    done = command_with(site)("pytest", "-q", "-p", "no:cacheprovider", source)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_skeleton_is_not_written_over_something(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    done = command_with(tmp_path)(SCARLET, "abi", "new", "mini", "--folder", tmp_path)
    assert done.returncode == 2 and done.stderr == f"scarlet: {tmp_path} is there already\n"


def test_a_skeleton_has_a_name_of_its_own(tmp_path: Path) -> None:
    done = command_with(tmp_path)(SCARLET, "abi", "new", "xv6-riscv64", "--folder", tmp_path / "project")
    assert done.returncode == 2 and done.stderr == "scarlet: xv6-riscv64: there is an ABI of that name already (scarlet abi list)\n"
    assert not (tmp_path / "project").exists()


@pytest.mark.qemu
@pytest.mark.slow
def test_the_compiled_kernel_has_it(command: Command, hello: Path) -> None:
    done = command(SCARLET, "run", "--strace", "--add", f"{hello}:/bin/hello", "/bin/hello")
    assert (done.returncode, done.stdout) == (34, "hello\n"), done.stderr
    assert re.search(r"^tiny: letter\(26\) += -1 ERANGE .*the alphabet has 26 letters", done.stderr, re.MULTILINE)
    assert (ROOT / "build" / "plugins" / "tiny" / "scarlet.elf").exists()


def test_the_page_shows_the_example_as_it_is() -> None:
    page = (ROOT / "docs" / "writing-an-abi.md").read_text()
    shown = dict(re.findall(r"^`([\w./]+)`:\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    written = {
        path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*") if path.is_file() and path.suffix in (".py", ".S", ".toml")
    }
    generated = {"tiny_abi/dispatch.py", "tiny_abi/trace_calls.py", "tiny_abi/__init__.py"}
    assert shown == {name: (EXAMPLE / name).read_text() for name in written - generated}


def test_the_example_is_as_short_as_the_page_says() -> None:
    page = (ROOT / "docs" / "writing-an-abi.md").read_text()
    files = [EXAMPLE / "pyproject.toml", *(EXAMPLE / "tiny_abi" / f"{name}.py" for name in ("__init__", "calls", "abi", "module"))]
    lines = sum(len(path.read_text().splitlines()) for path in files)
    assert lines < 150 and f"in {lines} lines" in page
