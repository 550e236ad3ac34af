"""Whatever is wrong, the command says it in one line, with what to do, and exits with the status that fits."""

from pathlib import Path

import pytest

from tests.cli.conftest import Scarlet

ELF_HEAD = b"\x7fELF\x02\x01\x01" + bytes(9)


def elf(machine: int = 243, kind: int = 2, headers: int = 1, interpreter: bytes = b"", elf_class: int = 2) -> bytes:
    """A minimal ELF file."""
    head = bytearray(64)
    head[:7] = b"\x7fELF" + bytes([elf_class, 1, 1])
    head[16:18] = kind.to_bytes(2, "little")
    head[18:20] = machine.to_bytes(2, "little")
    head[32:40] = (64).to_bytes(8, "little")
    head[54:56] = (56).to_bytes(2, "little")
    head[56:58] = headers.to_bytes(2, "little")
    segment = bytearray(56)
    segment[0:4] = (3 if interpreter else 1).to_bytes(4, "little")
    segment[8:16] = (120).to_bytes(8, "little")
    segment[32:40] = len(interpreter).to_bytes(8, "little")
    return bytes(head + segment + interpreter)


PROGRAMS = {
    "x86": (elf(machine=62), 126, "is a program for x86-64; this machine runs riscv64"),
    "arm": (elf(machine=183), 126, "is a program for arm64"),
    "rv32": (elf(elf_class=1), 126, "is a 32-bit RISC-V program"),
    "object": (elf(kind=1), 126, "not a program"),
    "truncated": (elf()[:40], 126, "truncated"),
    "lying": (elf(headers=500), 126, "damaged"),
    "dynamic": (elf(interpreter=b"/lib/ld-linux-riscv64-lp64d.so.1\0"), 126, "dynamically linked and its loader /lib/ld-linux"),
    "text": (b"hello\n", 126, "neither an ELF program nor a script"),
    "empty": (b"", 126, "neither an ELF program nor a script"),
    "script": (b"#!/usr/bin/python3\n", 126, "needs /usr/bin/python3, which is not in the image"),
    "nameless": (b"#!\n", 126, "names no interpreter"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_cannot_run_is_refused_with_the_reason(name: str, tmp_path: Path, scarlet: Scarlet) -> None:
    data, status, words = PROGRAMS[name]
    (tmp_path / name).write_bytes(data)
    (tmp_path / name).chmod(0o755)
    done = scarlet("run", "--add", f"{tmp_path / name}:/bin/program", "--", "program")
    assert_one_line(done.stderr, words)
    assert done.returncode == status
    assert done.stdout == b""


def assert_one_line(stderr: bytes, words: str) -> None:
    lines = stderr.decode().splitlines()
    assert len(lines) == 1, stderr.decode()
    assert lines[0].startswith("scarlet: ")
    assert words in lines[0]


CASES = {
    "not there": (["run", "--", "nosuch"], 127, "nosuch is not in the image (looked in /bin"),
    "path not there": (["run", "--", "/opt/x"], 127, "put it there with --add HOST:/opt/x"),
    "a directory": (["run", "--", "/etc"], 126, "/etc is not a file"),
    "not executable": (["run", "--", "/etc/passwd"], 126, "/etc/passwd is not executable (mode 644)"),
    "add without colon": (["run", "--add", "x", "--", "true"], 2, "write HOST:GUEST"),
    "add of nothing": (["run", "--add", "/no/such:/x", "--", "true"], 2, "there is no /no/such on this machine"),
    "add of a relative path": (["run", "--add", "/etc:x", "--", "true"], 2, "write HOST:GUEST"),
    "add over a directory": (["run", "--add", "/etc/passwd:/etc", "--", "true"], 2, "/etc is a directory in the image"),
    "add below a file": (["run", "--add", "/etc/passwd:/etc/passwd/x", "--", "true"], 2, "is not a directory in the image"),
    "add of a device": (["run", "--add", "/dev/null:/x", "--", "true"], 2, "is a character device"),
    "memory": (["run", "--memory", "lots", "--", "true"], 2, "write a number of MiB"),
    "too little memory": (["run", "--memory", "1M", "--", "true"], 2, "from 16 on"),
    "environment": (["run", "--env", "NAME", "--", "true"], 2, "write NAME=VALUE"),
    "cwd": (["run", "--cwd", "/nowhere", "--", "true"], 2, "there is no such directory"),
    "qemu's arguments": (["run", "--qemu", "'unclosed", "--", "true"], 2, "--qemu: No closing quotation"),
    "a time that never comes": (["run", "--timeout", "nan", "--", "true"], 2, "write seconds, from 0.001 to 1000000"),
    "a disk twice": (["run", "--disk", "x.img", "--drive", "./x.img", "--", "true"], 2, "./x.img is given twice"),
    "seed": (["run", "--seed", "1", "--", "true"], 2, "--seed goes with --hosted"),
    "tty without one": (["run", "--tty", "--", "true"], 2, "not a terminal"),
    "qemu and hosted": (["run", "--hosted", "--qemu", "-s", "--", "true"], 2, "no meaning with --hosted"),
    "a screen that nobody can type at": (["run", "--hosted", "--headless"], 2, "nobody could type at the shell on the machine's screen"),
    "a picture of no kind": (["run", "--screenshot", "last.jpg", "--", "true"], 2, "the name ends in .png"),
    "a picture in no folder": (["run", "--screenshot", "no/last.png", "--", "true"], 2, "there is no folder no"),
    "levels without a game": (["run", "--wad", "x", "--", "true"], 2, "--wad goes with --doom"),
    "unknown abi": (["abi", "show", "plan9"], 2, "there is no ABI plan9; there are linux-riscv64"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_option_is_one_clear_line(name: str, scarlet: Scarlet) -> None:
    arguments, status, words = CASES[name]
    done = scarlet(*arguments)
    assert_one_line(done.stderr, words)
    assert done.returncode == status


def test_a_missing_qemu_says_where_to_get_it(scarlet: Scarlet) -> None:
    done = scarlet("run", "--", "true", without=("qemu-system-riscv64",))
    assert_one_line(done.stderr, "qemu-system-riscv64 is missing; it comes with Debian's package qemu-system-misc")
    assert done.returncode == 125


def test_a_full_image_says_how_much_memory_is_enough(tmp_path: Path, scarlet: Scarlet) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(20 << 20)
    done = scarlet("run", "--memory", "32M", "--add", f"{tmp_path / 'big'}:/big", "--", "true")
    assert_one_line(done.stderr, " MiB, and a machine of 32 MiB has room for 12; use --memory 64M")
    assert done.returncode == 125


def test_doctor_names_what_is_missing(scarlet: Scarlet) -> None:
    done = scarlet("doctor", without=("qemu-system-riscv64",))
    assert done.returncode == 1
    assert b"qemu-system-misc" in done.stdout.replace(b"\n", b"")


def test_doctor_is_content_where_the_tests_run(scarlet: Scarlet) -> None:
    done = scarlet("doctor")
    assert done.returncode == 0, done.stdout.decode()
    assert b"missing" not in done.stdout
