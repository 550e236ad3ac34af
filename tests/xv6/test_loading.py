"""Which files are xv6 programs, and what one finds in memory and registers when it starts."""

import pytest

from abi_modules.xv6_riscv64.abi import Xv6Abi
from abi_modules.xv6_riscv64.limits import CEILINGS
from abi_modules.xv6_riscv64.module import Xv6Module
from executor.evidence import Strength
from executor.protocol import Program, Request, judge
from objects.credentials import Credentials
from objects.limits import first_limits
from scarlet.kernel.memory.area import Access, Protection
from scarlet.kernel.memory.user import load_bytes, load_u64
from scarlet.lang import Errno, u64
from scarlet.lang.errno import E2BIG
from tests.executor.support import ET_DYN, PT_INTERP, PT_LOAD, PT_TLS, Change, Elf, image_of
from tests.vfs.support import Tree
from tests.xv6.support import xv6

PAGE = 4096


def at_zero() -> Elf:
    """A program as newer xv6 links it: text at 0, data with bss a page above."""
    elf = Elf()
    for segment in elf.segments:
        segment.vaddr -= 0x10000
    elf.header.entry = 0x400
    return elf


def packed() -> Elf:
    """A program as older xv6 links it (ld -N): one segment that can be written and run, at an odd place of the file."""
    elf = at_zero()
    elf.segments = [Elf.segment(PT_LOAD, 7, 0xB0, 0, 0x800, 0x1100, 8)]
    elf.content[0xB0:0xB4] = b"text"
    elf.content[0xB0 + 0x7FC : 0xB0 + 0x800] = b"data"
    return elf


def strength(elf: Elf, change: Change | None = None) -> Strength:
    if change is not None:
        change(elf)
    tree = Tree()
    return judge(Xv6Module(), image_of(tree, elf.build())).strength


def load(elf: Elf, arguments: list[bytes]) -> Program:
    tree = Tree()
    image = image_of(tree, elf.build())
    request = Request(image, b"/program", b"/program", arguments, [], tree.view, Credentials(0, 0), first_limits(64).under(CEILINGS))
    return Xv6Module().load(request, Xv6Abi(0))


@pytest.mark.parametrize("build", [at_zero, packed])
def test_a_fixed_program_at_address_0_is_xv6s(memory: None, build: object) -> None:
    assert callable(build)
    assert strength(build()) == Strength.LIKELY


@pytest.mark.parametrize(
    "change",
    [
        lambda elf: setattr(elf.header, "type", ET_DYN),
        lambda elf: setattr(elf.header, "ident", elf.header.ident[:7] + b"\x03" + bytes(8)),
        lambda elf: setattr(elf.header, "ident", elf.header.ident[:7] + b"\x53" + bytes(8)),
        lambda elf: elf.add(PT_INTERP, b"/lib/ld.so\0", 0x200),
        lambda elf: elf.add(PT_TLS, b"", 0x200),
        lambda elf: elf.note(),
        lambda elf: setattr(elf.segments[0], "vaddr", 0x10000),
        lambda elf: setattr(elf.segments[1], "vaddr", 0x1008) or setattr(elf.segments[1], "offset", 0x1008),
        lambda elf: setattr(elf.header, "machine", 62),
    ],
)
def test_every_mark_of_another_system_rules_it_out(memory: None, change: Change) -> None:
    assert strength(at_zero(), change) == Strength.NONE


def test_memory_is_text_data_guard_and_one_page_of_stack() -> None:
    def body(_: object) -> None:
        program = load(at_zero(), [b"name"])
        areas = program.space.areas.items
        assert [(area.start, area.end, area.protection) for area in areas] == [
            (0, PAGE, Protection.READ | Protection.EXEC),
            (PAGE, 2 * PAGE, Protection.READ | Protection.WRITE),
            (2 * PAGE, 4 * PAGE, Protection.READ | Protection.WRITE),
            (4 * PAGE, 5 * PAGE, Protection.NONE),
            (5 * PAGE, 6 * PAGE, Protection.READ | Protection.WRITE),
        ]
        assert isinstance(program.abi, Xv6Abi)
        assert program.abi.size == 6 * PAGE
        assert program.entry == 0x400
        assert load_bytes(program.space, u64(PAGE), 6) == b"data\0\0"

    xv6(body)


def test_a_packed_program_is_copied_into_place() -> None:
    def body(_: object) -> None:
        program = load(packed(), [b"name"])
        assert load_bytes(program.space, u64(0), 4) == b"text"
        assert load_bytes(program.space, u64(0x7FC), 8) == b"data" + bytes(4)
        program.space.translate(u64(0), Access.WRITE)
        assert isinstance(program.abi, Xv6Abi)
        assert program.abi.size == 4 * PAGE

    xv6(body)


def test_a_gap_between_segments_is_memory() -> None:
    def body(_: object) -> None:
        elf = at_zero()
        elf.segments[1].vaddr = 0x5000
        program = load(elf, [b"name"])
        assert load_bytes(program.space, u64(0x2FFC), 8) == bytes(8)

    xv6(body)


@pytest.mark.parametrize("arguments", [[b"one"], [b"program", b"", b"x" * 15, b"y" * 16, b"z" * 17], [b"a"] * 31])
def test_arguments_lie_aligned_on_the_stack(arguments: list[bytes]) -> None:
    def body(_: object) -> None:
        program = load(at_zero(), arguments)
        assert program.a0 == len(arguments)
        assert program.a1 == program.stack_pointer and program.stack_pointer % 16 == 0
        for index, text in enumerate(arguments):
            pointer = load_u64(program.space, u64(program.a1 + 8 * index))
            assert pointer % 16 == 0
            assert load_bytes(program.space, pointer, len(text) + 1) == text + b"\0"
        assert load_u64(program.space, u64(program.a1 + 8 * len(arguments))) == 0

    xv6(body)


@pytest.mark.parametrize("arguments", [[b"a"] * 32, [b"x" * 4096], [b"x" * 2000, b"y" * 2000, b"z" * 80]])
def test_what_does_not_fit_on_the_stack_page_is_refused(arguments: list[bytes]) -> None:
    def body(_: object) -> None:
        code = 0
        try:
            load(at_zero(), arguments)
        except Errno as error:
            code = error.code
        assert code == E2BIG

    xv6(body)
