"""Recognition over a corpus: every kind of program there is, each with every field of its headers lied about.

Two answers are compared for each file: what the modules say, through `inspect`, and what oracle.py says. Then exec is asked whether it
agrees with inspect.
"""

from collections.abc import Callable, Iterator

import pytest
from construct import Container

from executor import protocol
from executor.exec import execute
from executor.inspect import Report, report
from scarlet.lang.errno import ENOENT, Errno
from scarlet.linked import link
from tests.abi.support import Program, linux
from tests.executor import oracle
from tests.executor.support import BASE, EHDR, ET_DYN, PHDR, PT_INTERP, PT_TLS, Elf
from tests.vfs.support import Tree, outcome


def no_interpreter(path: bytes) -> object:
    raise Errno(ENOENT, "there is none")


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    link()
    yield
    protocol.modules.clear()


def with_osabi(file: Elf, os_abi: int) -> Elf:
    file.header.ident = file.header.ident[:7] + bytes([os_abi]) + file.header.ident[8:]
    return file


def moved(file: Elf, base: int) -> Elf:
    """The same file at another address."""
    for segment in file.segments:
        segment.vaddr += base - BASE
    file.header.entry += base - BASE
    return file


def position_independent(file: Elf) -> Elf:
    file.header.type = ET_DYN
    return moved(file, 0)


def one_segment_not_congruent() -> Elf:
    """As older xv6 trees link: text and data in one writable segment right behind the headers."""
    file = moved(Elf(), 0)
    file.segments = [Elf.segment(1, 7, 0xB0, 0, 0x400, 0x1000, 0x10)]
    return file


KINDS: dict[str, tuple[Callable[[], Elf], str | None]] = {
    "glibc, static": (lambda: with_osabi(Elf().note().add(PT_TLS, b"tls!", 0x220), 3), "linux-riscv64"),
    "musl, static": (Elf, "linux-riscv64"),
    "klibc, static": (lambda: moved(Elf().note(kind=3), 0x90000), "linux-riscv64"),
    "static-pie": (lambda: position_independent(Elf().note(kind=3)), "linux-riscv64"),
    "dynamic": (lambda: position_independent(Elf().note().add(PT_INTERP, b"/lib/ld.so\0", 0x200)), "linux-riscv64"),
    "Go": (lambda: Elf().note(b"Go\0\0", 4), "linux-riscv64"),
    "Go, position-independent": (lambda: position_independent(Elf().note(b"Go\0\0", 4)), "linux-riscv64"),
    "xv6": (lambda: moved(Elf(), 0), "xv6-riscv64"),
    "xv6, older trees": (one_segment_not_congruent, "xv6-riscv64"),
    "xv6 with a build number": (lambda: moved(Elf().note(kind=3), 0), "xv6-riscv64"),
    "native": (lambda: with_osabi(Elf(), 83), "native"),
    "native, position-independent": (lambda: with_osabi(position_independent(Elf()), 83), "native"),
    "FreeBSD": (lambda: with_osabi(Elf().note(b"FreeBSD\0"), 9), None),
    "OpenBSD": (lambda: Elf().note(b"OpenBSD\0"), None),
    "Hurd": (lambda: gnu_note_of(1), None),
    "nobody's": (lambda: moved(Elf(), 0x8000), None),
}


def gnu_note_of(system: int) -> Elf:
    file = Elf().note()
    file.content[0x300 + 16 : 0x300 + 20] = system.to_bytes(4, "little")
    return file


def inspected(tree: Tree, data: bytes) -> Report:
    tree.write(b"/program", data, mode=0o755)
    return report(tree.walk(b"/program"), b"/program", no_interpreter)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_program_is_recognised(tree: Tree, kind: str) -> None:
    make, expected = KINDS[kind]
    data = make().build()
    result = inspected(tree, data)
    assert (result.findings[-1].winner or None) == expected == oracle.judge(data)
    assert (result.code == 0) == (expected is not None)


HALVES = {"type", "machine", "ehsize", "phentsize", "phnum", "shentsize", "shnum", "shstrndx"}
WORDS = {"version", "flags"}


def lies(value: int, bits: int) -> Iterator[int]:
    """What a field may claim instead."""
    top = 1 << bits
    near = (value - 1, value + 1, value + 8, value * 2, value + 0x1000, top - value)
    for lie in (0, 1, 2, 7, 63, 0xFFF, 0x1000, 0x1001, top // 2, top - 1, *near):
        if 0 <= lie < top and lie != value:
            yield lie
    if bits == 64:
        yield from (1 << 38, (1 << 38) - 0x1000, top - 0x1000)


def liars(make: Callable[[], Elf]) -> Iterator[tuple[str, bytes]]:
    """The file with one field of its headers changed, for each field and each lie; and cut short."""
    honest = make()
    honest.build()
    for field in EHDR.subcons:
        if field.name == "ident":
            for index in range(16):
                for value in (0, 1, 2, 3, 9, 83, 255):
                    file = make()
                    file.header.ident = honest.header.ident[:index] + bytes([value]) + honest.header.ident[index + 1 :]
                    yield f"ident[{index}]={value}", file.build()
            continue
        bits = 16 if field.name in HALVES else 32 if field.name in WORDS else 64
        for lie in lies(int(honest.header[field.name]), bits):
            file = make()
            file.header.phnum = len(file.segments)
            file.header[field.name] = lie
            yield f"{field.name}={lie:#x}", build(file)
    for number in range(len(honest.segments)):
        for field in PHDR.subcons:
            bits = 32 if field.name in ("type", "flags") else 64
            for lie in [*lies(int(honest.segments[number][field.name]), bits), *((3, 4, 6) if field.name == "type" else ())]:
                file = make()
                file.segments[number][field.name] = lie
                yield f"segment {number} {field.name}={lie:#x}", file.build()
    whole = honest.build()
    for length in (0, 1, 4, 16, 63, 64, 119, 120, 0x1000, 0x1003, len(whole) - 1):
        yield f"cut to {length}", whole[:length]


def build(file: Elf) -> bytes:
    """As Elf.build, with e_phnum as it is."""
    content = bytearray(file.content)
    table = EHDR.build(file.header) + b"".join(PHDR.build(Container(segment)) for segment in file.segments)
    content[: len(table)] = table
    return bytes(content)


@pytest.mark.parametrize("kind", KINDS)
def test_lying_headers_are_judged_as_they_should_be(tree: Tree, kind: str) -> None:
    files = 0
    for name, data in liars(KINDS[kind][0]):
        result = inspected(tree, data)
        assert (result.findings[-1].winner or None) == oracle.judge(data), name
        assert result.findings[-1].facts, name
        files += 1
    assert files > 300


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "dynamic"])
def test_exec_does_what_inspect_says(kind: str) -> None:
    """One lie in seven, for each is a whole exec. A sound file may still not fit into memory."""

    def body(program: Program) -> None:
        for number, (name, data) in enumerate(liars(KINDS[kind][0])):
            if number % 7:
                continue
            if number:
                program.tree.unlink(b"/program")  # it may be running
            result = inspected(program.tree, data)
            happened = outcome(execute, program.task, b"/program", [b"program"], [])
            if result.code:
                assert happened == "ENOEXEC", name
            elif result.findings[-1].winner:
                assert happened in ("ok", "ENOMEM", "ENOENT", "EEXIST"), f"{name}: {happened}"
                assert happened != "ok" or program.task.abi.name == result.findings[-1].winner, name

    linux(body)
