"""Several programs from one run of the compiler: each has its own main module and runs the initialisers of what that imports, no more."""

import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from scarlet.compiler import Options, build
from scarlet.compiler.targets import TARGETS

SOURCES = {
    "first": "import shared_part\nimport loud_part\n\nprint('first', __name__, shared_part.twice(2))\n",
    "second": "import shared_part\n\nprint('second', __name__, shared_part.twice(3))\n",
}
PARTS = {
    "shared_part": "def twice(number: int) -> int:\n    return number * 2\n",
    "loud_part": "print('loud')\n",
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the finished programs."""
    folder = tmp_path_factory.mktemp("programs")
    for name, text in {**SOURCES, **PARTS}.items():
        (folder / f"{name}.py").write_text(text)
    modules = {name: folder / f"{name}.py" for name in PARTS}
    options = Options(target="linux-user", programs=True, folder=folder / "build", output=folder / "out", modules=modules)
    build([folder / f"{name}.py" for name in SOURCES], options)
    return folder / "out"


@pytest.mark.parametrize(("name", "output"), [("first", "loud\nfirst __main__ 4\n"), ("second", "second __main__ 6\n")])
def test_each_program_runs_only_what_it_imports(programs: Path, name: str, output: str) -> None:
    assert subprocess.run(["qemu-riscv64", programs / name], capture_output=True, text=True, timeout=60).stdout == output


def test_the_finished_program_has_no_debug_information_and_its_twin_does(programs: Path) -> None:
    for name, expected in {"first": False, "first.debug": True}.items():
        with (programs / name).open("rb") as stream:
            assert ELFFile(stream).has_dwarf_info() == expected


def test_the_mark_of_native_programs_is_theirs_alone() -> None:
    assert {name: target.os_abi for name, target in TARGETS.items() if target.os_abi} == {"native": 83}
