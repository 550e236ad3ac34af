"""ELF headers: what is read from good files, and that every kind of broken one is ENOEXEC and nothing else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abi_modules.linux_riscv64.module import LinuxModule
from executor.elf import parse
from executor.evidence import Strength
from executor.protocol import judge
from scarlet.lang.errno import ENOEXEC, Errno
from tests.executor.support import BASE, ET_DYN, PT_GNU_STACK, PT_INTERP, PT_NOTE, PT_TLS, Change, Elf, image_of
from tests.vfs.support import Tree, outcome


def test_good_file_says_what_it_is(tree: Tree) -> None:
    elf = parse(image_of(tree, Elf().build()))
    assert (elf.entry, elf.lowest, elf.highest) == (BASE + 0x400, BASE, BASE + 0x1000 + 4 + 0x2000)
    assert elf.header_address == BASE + 64 and elf.header_count == 2
    assert [(s.address, s.offset, s.file_bytes, s.readable, s.writable, s.executable) for s in elf.segments] == [
        (BASE, 0, 0x404, True, False, True),
        (BASE + 0x1000, 0x1000, 4, True, True, False),
    ]
    assert elf.interpreter is None and not elf.has_tls and elf.gnu_system == -1 and not elf.executable_stack


def test_interpreter_note_tls_and_stack_are_seen(tree: Tree) -> None:
    file = Elf().note().add(PT_INTERP, b"/lib/ld.so\0", 0x200).add(PT_TLS, b"tls!", 0x220).add(PT_GNU_STACK, b"", 0, flags=7)
    elf = parse(image_of(tree, file.build()))
    assert elf.interpreter == b"/lib/ld.so" and elf.gnu_system == 0 and elf.has_tls and elf.executable_stack


def change_header(**fields: object) -> Change:
    return lambda elf: elf.header.update(fields)


def change_segment(index: int, **fields: object) -> Change:
    return lambda elf: elf.segments[index].update(fields)


def ident(index: int, value: int) -> Change:
    def change(elf: Elf) -> None:
        elf.header.ident = elf.header.ident[:index] + bytes([value]) + elf.header.ident[index + 1 :]

    return change


def interpreter(name: bytes, **fields: object) -> Change:
    def change(elf: Elf) -> None:
        elf.add(PT_INTERP, name, 0x200)
        elf.segments[-1].update(fields)

    return change


BROKEN: dict[str, Change] = {
    "magic": ident(0, 0x7E),
    "32 bits": ident(4, 1),
    "no class": ident(4, 0),
    "big endian": ident(5, 2),
    "ident version": ident(6, 0),
    "x86": change_header(machine=62),
    "relocatable": change_header(type=1),
    "core file": change_header(type=4),
    "header size 0": change_header(phentsize=0),
    "header size 32": change_header(phentsize=32),
    "too many headers": change_header(phnum=1171),
    "most headers": change_header(phnum=65535),
    "headers past the end": change_header(phoff=0x1FF0),
    "headers far past the end": change_header(phoff=1 << 63),
    "headers at the largest offset": change_header(phoff=(1 << 64) - 8),
    "no segment to load": lambda elf: [segment.update({"type": PT_NOTE}) for segment in elf.segments],
    "file larger than memory": change_segment(1, filesz=0x900, memsz=0x800),
    "segment past the end": change_segment(1, filesz=0x1001, memsz=0x2000),
    "segment offset past the end": change_segment(1, offset=0x100000),
    "segment offset wraps": change_segment(1, offset=(1 << 64) - 0x1000),
    "file size wraps": change_segment(1, filesz=(1 << 64) - 0x1000, memsz=(1 << 64) - 0x1000),
    "memory size wraps": change_segment(1, memsz=(1 << 64) - BASE),
    "address in the kernel": change_segment(1, vaddr=0xFFFFFFFF00001000),
    "address just too high": change_segment(1, vaddr=(1 << 38) - 0x1000),
    "overlap": change_segment(1, vaddr=BASE),
    "overlap by memory size": change_segment(0, memsz=0x1001),
    "alignment is no power of two": change_segment(1, align=0x1800),
    "alignment is huge": change_segment(1, align=1 << 63),
    "interpreter without an end": interpreter(b"/lib/ld.so"),
    "interpreter too short": interpreter(b"\0"),
    "interpreter too long": interpreter(b"/lib/ld.so\0", filesz=4097),
    "interpreter past the end": interpreter(b"/lib/ld.so\0", offset=0x1FFC),
    "interpreter far past the end": interpreter(b"/lib/ld.so\0", offset=1 << 63),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_enoexec(tree: Tree, name: str) -> None:
    file = Elf()
    BROKEN[name](file)
    assert outcome(parse, image_of(tree, file.build())) == "ENOEXEC"


@pytest.mark.parametrize("length", [0, 1, 4, 16, 63, 64, 100, 119, 120, 175, 0x403, 0x1000, 0x1003])
def test_truncated_file_is_enoexec(tree: Tree, length: int) -> None:
    assert outcome(parse, image_of(tree, Elf().build()[:length])) == "ENOEXEC"


@pytest.mark.parametrize("field", ["offset", "filesz"])
def test_lying_note_is_no_evidence(tree: Tree, field: str) -> None:
    file = Elf().note()
    file.segments[-1].update({field: 1 << 62})
    assert parse(image_of(tree, file.build())).gnu_system == -1


def test_notes_with_lying_sizes_end_the_search(tree: Tree) -> None:
    file = Elf().add(PT_NOTE, b"\xff" * 64, 0x300)
    assert parse(image_of(tree, file.build())).gnu_system == -1


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 0x120), st.binary(min_size=1, max_size=9)), min_size=1, max_size=4))
def test_no_header_makes_the_kernel_fail(tree: Tree, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(Elf().note().add(PT_INTERP, b"/lib/ld.so\0", 0x200).build())
    for offset, piece in changes:
        data[offset : offset + len(piece)] = piece
    image = image_of(tree, bytes(data))
    try:
        elf = parse(image)
    except Errno as error:
        assert error.code == ENOEXEC
    else:
        for segment in elf.segments:
            assert 0 <= segment.address <= segment.end <= 1 << 38
            assert segment.offset + segment.file_bytes <= image.size
            assert segment.file_bytes <= segment.memory_bytes


def lowest_at_zero(elf: Elf) -> None:
    for segment in elf.segments:
        segment.vaddr -= BASE


@pytest.mark.parametrize(
    ("change", "strength"),
    [
        (ident(7, 3), Strength.CERTAIN),
        (lambda elf: elf.note(), Strength.CERTAIN),
        (interpreter(b"/lib/ld.so\0"), Strength.CERTAIN),
        (lambda elf: elf.add(PT_TLS, b"tls!", 0x220), Strength.LIKELY),
        (change_header(type=ET_DYN), Strength.LIKELY),
        (lambda elf: None, Strength.POSSIBLE),
        (lowest_at_zero, Strength.NONE),
        (ident(7, 83), Strength.NONE),
        (change_segment(1, vaddr=BASE + 0x1008), Strength.NONE),
        (ident(7, 9), Strength.NONE),
    ],
)
def test_linux_module_judges_by_evidence(tree: Tree, change: Change, strength: Strength) -> None:
    file = Elf()
    change(file)
    evidence = judge(LinuxModule(), image_of(tree, file.build()))
    assert evidence.strength is strength and evidence.summary()


def test_other_files_are_not_linux(tree: Tree) -> None:
    assert LinuxModule().recognise(image_of(tree, b"#!/bin/sh\n")).strength is Strength.NONE
