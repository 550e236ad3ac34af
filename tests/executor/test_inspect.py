"""`scarlet inspect` and the report behind it: chains of scripts, files nobody runs, every real program at hand, statuses and JSON."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from executor import protocol
from executor.inspect import Report, report
from executor.script import MAX_SCRIPTS
from objects.inode import InodeType
from objects.view import Location
from scarlet.cli import cpio, image, packages
from scarlet.cli import inspect as command
from scarlet.cli.errors import UserError
from scarlet.cli.inspect import Options, host_place, place_of, run
from scarlet.kernel.memory.buffer import Buffer
from scarlet.lang.errno import EACCES, EIO, ELOOP, ENOENT, ENOEXEC, Errno
from scarlet.linked import link
from tests.executor.support import ET_DYN, PT_INTERP, Elf
from tests.vfs.support import Tree


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    link()
    yield
    protocol.modules.clear()


def of(tree: Tree, path: bytes) -> Report:
    return report(tree.walk(path), path, tree.walk)


def paths(result: Report) -> list[bytes]:
    return [finding.path for finding in result.findings]


def facts(result: Report) -> dict[str, str]:
    return {fact.name: fact.value for fact in result.findings[-1].facts}


# --- the report ----------------------------------------------------------------------------------------------------------------------


def test_every_module_is_heard_in_the_order_of_ties(tree: Tree) -> None:
    tree.write(b"/program", Elf().note().build())
    judgements = of(tree, b"/program").findings[0].judgements
    assert [judgement.module for judgement in judgements] == [module.name for module in protocol.modules]
    assert all(judgement.evidence.support_texts or judgement.evidence.oppose_texts for judgement in judgements)


def test_script_is_followed_to_its_program(tree: Tree) -> None:
    tree.write(b"/program", Elf().build())
    tree.write(b"/inner", b"#!/program -a\n")
    tree.write(b"/outer", b"#!/inner -b\n")
    result = of(tree, b"/outer")
    assert paths(result) == [b"/outer", b"/inner", b"/program"] and result.code == 0
    assert [finding.winner for finding in result.findings] == ["", "", "linux-riscv64"]
    assert [(fact.name, fact.value) for fact in result.findings[0].facts] == [
        ("kind", "script"),
        ("interpreter", "/inner"),
        ("argument", "-b"),
    ]


def test_scripts_without_end_are_as_in_exec(tree: Tree) -> None:
    tree.write(b"/loop", b"#!/loop\n")
    result = of(tree, b"/loop")
    assert result.code == ELOOP and len(result.findings) == MAX_SCRIPTS + 1


@pytest.mark.parametrize(
    ("content", "code", "fact"),
    [
        (b"", ENOEXEC, ("kind", "an empty file")),
        (b"text\n", ENOEXEC, ("kind", "neither ELF nor a script")),
        (b"#!/missing\n", ENOENT, ("interpreter", "/missing")),
        (b"#!  \n", ENOEXEC, ("damage", "#! names no interpreter")),
        (b"\x7fELF", ENOEXEC, ("foreign", "not an ELF file")),
        (Elf().build()[:100], ENOEXEC, ("damage", "a header points past the end of the file")),
    ],
)
def test_file_that_nobody_runs_is_explained(tree: Tree, content: bytes, code: int, fact: tuple[str, str]) -> None:
    tree.write(b"/file", content)
    result = of(tree, b"/file")
    assert result.code == code and result.problem and fact in facts(result).items()


def test_directories_and_devices_are_no_programs(tree: Tree) -> None:
    tree.mkdir(b"/directory")
    tree.mknod(b"/device", InodeType.CHARACTER)
    assert of(tree, b"/directory").code == of(tree, b"/device").code == EACCES


@pytest.mark.parametrize(
    ("machine", "bits", "expected"),
    [(62, 2, "x86-64"), (3, 1, "x86"), (243, 1, "RISC-V"), (40, 1, "ARM"), (1234, 2, "number 1234")],
)
def test_foreign_program_is_named(tree: Tree, machine: int, bits: int, expected: str) -> None:
    file = Elf()
    file.header.machine = machine
    file.header.ident = file.header.ident[:4] + bytes([bits]) + file.header.ident[5:]
    tree.write(b"/program", file.build())
    result = of(tree, b"/program")
    assert facts(result)["machine"] == expected and "foreign" in facts(result) and result.code == ENOEXEC


def test_missing_dynamic_linker_is_told(tree: Tree) -> None:
    main = Elf().add(PT_INTERP, b"/lib/ld.so\0", 0x200)
    main.header.update({"type": ET_DYN})
    tree.write(b"/program", main.build())
    result = of(tree, b"/program")
    assert result.code == 0 and "missing" in facts(result)
    tree.mkdir(b"/lib")
    tree.write(b"/lib/ld.so", Elf().build())
    assert "missing" not in facts(of(tree, b"/program"))


def test_error_in_reading_is_no_judgement(tree: Tree) -> None:
    tree.write(b"/program", Elf().build())
    location = tree.walk(b"/program")

    def broken(buffer: Buffer, offset: int) -> int:
        raise Errno(EIO, "a bad block")

    location.inode.read_at = broken  # type: ignore[method-assign]
    with pytest.raises(Errno, match="bad block"):
        report(location, b"/program", tree.walk)


# --- the command ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "linux").write_bytes(Elf().note().build())
    (tmp_path / "text").write_text("hello\n")
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "directory").mkdir()
    return tmp_path


@pytest.mark.parametrize(("name", "status"), [("linux", 0), ("script", 0), ("text", 1), ("directory", 1)])
def test_status_says_whether_it_is_recognised(folder: Path, name: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Options(str(folder / name))) == status
    out = capsys.readouterr().out
    assert "linux-riscv64 takes it" in out if status == 0 else "exec gives E" in out


def test_unreadable_file_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UserError) as problem:
        run(Options(str(folder / "missing")))
    assert problem.value.status == 2


def test_json_has_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Options(str(folder / "script"), as_json=True)) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["recognised"] and data["errno"] is None and [file["path"] for file in data["files"]] == [str(folder / "script"), "/bin/sh"]
    modules = data["files"][1]["modules"]
    assert [module["name"] for module in modules] == [module.name for module in protocol.modules]
    assert modules[0]["strength"] == "certain" and modules[0]["for"] and data["files"][1]["winner"] == "linux-riscv64"


def test_path_in_the_image(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Options("/bin/busybox", in_image=True)) == 0
    with pytest.raises(UserError, match="not in the boot image"):
        run(Options("/bin/nothing", in_image=True))


# --- real programs -------------------------------------------------------------------------------------------------------------------


def nothing(path: bytes) -> Location:
    raise Errno(ENOENT, "not looked for")


def winner(data: bytes) -> str:
    return report(place_of(InodeType.REGULAR, data), b"program", nothing).findings[-1].winner


SYSTEMS = {"linux-riscv64": "linux-riscv64", "xv6-riscv64": "xv6-riscv64", "scarlet": "native"}


def test_every_program_in_the_image_is_its_systems() -> None:
    """Whatever lies in the root of an ABI and is an ELF file belongs to that ABI."""
    found = dict.fromkeys(SYSTEMS, 0)
    for entry in cpio.read(image.base_archive()):
        parts = entry.path.split("/")
        if entry.is_file and entry.data.startswith(b"\x7fELF"):
            assert parts[1] == "system", entry.path
            assert winner(entry.data) == SYSTEMS[parts[2]], entry.path
            found[parts[2]] += 1
    assert found["linux-riscv64"] > 0


REAL = {
    "bash-static": {"*/bin/bash-static": "glibc, static"},
    "e2fsck-static": {"*/sbin/e2fsck.static": "glibc, static"},
    "mksh": {"usr/bin/mksh": "glibc, dynamic", "*/riscv64-linux-musl/bin/mksh": "musl, static", "*/klibc/bin/mksh": "klibc, static"},
    "klibc-utils": {"*/klibc/bin/cat": "klibc, shared"},
    "libklibc": {"*/lib/klibc-*.so": "klibc itself"},
    "gojq": {"*/bin/gojq": "Go"},
}


def package(name: str) -> Path:
    try:
        return packages.fetch(name)
    except UserError as error:
        pytest.skip(f"the package {name} cannot be fetched here: {error.message}")


@pytest.mark.parametrize("name", REAL)
def test_real_programs_of_every_c_library_are_linux(name: str) -> None:
    members = packages.extract(package(name), {what: pattern for pattern, what in REAL[name].items()})
    for what, (_, data) in members.items():
        assert winner(data) == "linux-riscv64", what


@pytest.mark.parametrize("path", ["/bin/sh", "/bin/ls", os.path.realpath("/proc/self/exe")])
def test_programs_of_this_host_are_foreign(path: str) -> None:
    result = report(host_place(Path(path)), path.encode(), nothing)
    if result.findings[-1].winner:
        pytest.skip("this host is a RISC-V machine")
    assert result.code == ENOEXEC and "foreign" in facts(result)


def test_modules_are_those_of_the_next_build() -> None:
    protocol.modules.clear()
    command.register_modules()
    assert [module.name for module in protocol.modules][:3] == ["linux-riscv64", "xv6-riscv64", "native"]
