"""The Linux ABI to the executor: which files are its programs, and how one is loaded.

A Linux program says so with OSABI GNU, an ABI note of owner GNU that names Linux, or an interpreter. Thread-local storage, a note of
Go's linker and position independence are likely marks of one (static programs of musl, klibc and Go have no ABI note); a program of
OSABI 0 without any of these is possible when it begins at 0x10000 or above, where Linux's linkers put programs. Other systems' OSABI
or notes rule it out.

Sources: execve(2), ld.so(8), elf(5).
"""

from typing import Final

from abi_modules.linux_riscv64.abi import LinuxAbi
from abi_modules.linux_riscv64.signal_frame import MIN_SIGNAL_STACK
from abi_modules.linux_riscv64.stack import (
    AT_BASE,
    AT_CLKTCK,
    AT_EGID,
    AT_ENTRY,
    AT_EUID,
    AT_FLAGS,
    AT_GID,
    AT_HWCAP,
    AT_HWCAP2,
    AT_MINSIGSTKSZ,
    AT_PAGESZ,
    AT_PHDR,
    AT_PHENT,
    AT_PHNUM,
    AT_SECURE,
    AT_SYSINFO_EHDR,
    AT_UID,
    CLOCK_TICKS,
    HWCAP,
    PAGE_SIZE,
    build_stack,
)
from abi_modules.linux_riscv64.vdso import sigreturn_address, vdso
from executor.elf import ELFOSABI_GNU, ELFOSABI_NONE, ET_DYN, Elf, ProgramHeader, is_elf, parse
from executor.evidence import Evidence, Strength
from executor.files import open_program
from executor.image import Image
from executor.mapping import limited_space, map_program, page_ceiling
from executor.notes import GNU_OS_LINUX
from executor.protocol import AbiModule, Program, Request
from objects.abi import Abi
from objects.random import random_bytes
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOEXEC

LOWEST_PROGRAM: Final = 0x10000
"""Where Linux's linkers place the first segment of an ET_EXEC file, and the lowest address that may be mapped (vm.mmap_min_addr)."""
OTHER_SYSTEMS: Final = [b"FreeBSD", b"NetBSD", b"OpenBSD", b"DragonFly"]
"""Owners of notes with which other systems' toolchains mark their programs."""
GO: Final = b"Go"
POSITION_INDEPENDENT_BASE: Final = 0x2A_AAAA_A000
"""Two thirds of the address space: where ET_DYN programs go (asm/elf.h, ELF_ET_DYN_BASE)."""


class LinuxModule(AbiModule):
    """Loads Linux riscv64 programs."""

    def __init__(self) -> None:
        super().__init__("linux-riscv64")

    def recognise(self, image: Image) -> Evidence:
        evidence = Evidence()
        if not is_elf(image):
            evidence.rule_out("not an ELF file")
            return evidence
        elf = parse(image)
        _judge_system(evidence, elf)
        _judge_shape(evidence, elf)
        return evidence

    def load(self, request: Request, previous: Abi) -> Program:
        elf = parse(request.image)
        space = limited_space(request.limits)
        bias = map_program(space, request.image, elf, POSITION_INDEPENDENT_BASE, request.path)
        space.start_break(page_ceiling(elf.highest + bias))
        entry = u64(elf.entry + u64(bias))
        interpreter_base = 0
        start = entry
        if elf.interpreter is not None:
            interpreter = open_program(request.view, request.credentials, None, elf.interpreter)
            image = Image(interpreter)
            linker = _parse_interpreter(image)
            interpreter_base = map_program(space, image, linker, 0, elf.interpreter)
            start = u64(linker.entry + u64(interpreter_base))
        vdso_base = vdso.map(space)
        auxiliary = _auxiliary_vector(request, elf, bias, entry, interpreter_base, vdso_base)
        stack = build_stack(space, request, auxiliary, random_bytes(16), executable=elf.executable_stack)
        program = Program(space, start, stack.pointer, LinuxAbi(sigreturn_address(vdso_base)))
        program.arguments = stack.arguments
        program.environment = stack.environment
        return program


def _judge_system(evidence: Evidence, elf: Elf) -> None:
    """The marks that name a system."""
    if elf.os_abi == ELFOSABI_GNU:
        evidence.support(Strength.CERTAIN, "OSABI is GNU/Linux")
    elif elf.os_abi != ELFOSABI_NONE:
        evidence.rule_out(f"OSABI {elf.os_abi} is another system's")
    system = elf.gnu_system
    if system == GNU_OS_LINUX:
        evidence.support(Strength.CERTAIN, "the ABI note of owner GNU names Linux")
    elif system > GNU_OS_LINUX:
        evidence.rule_out("the ABI note of owner GNU names another system")
    for note in elf.notes:
        if note.owner in OTHER_SYSTEMS:
            evidence.rule_out("a note names another system")
        elif note.owner == GO:
            evidence.support(Strength.LIKELY, "it was linked by Go")


def _judge_shape(evidence: Evidence, elf: Elf) -> None:
    """The marks of how programs are built for Linux."""
    if not elf.congruent:
        evidence.rule_out("a segment's address and offset differ within the page")
    if elf.interpreter is not None:
        evidence.support(Strength.CERTAIN, "it asks for a dynamic linker")
    if elf.has_tls:
        evidence.support(Strength.LIKELY, "it has thread-local storage")
    if elf.type == ET_DYN:
        evidence.support(Strength.LIKELY, "it is position-independent")
    elif elf.lowest >= LOWEST_PROGRAM:
        evidence.support(Strength.POSSIBLE, "its first address is 0x10000 or above")
    elif evidence.strength == Strength.NONE:
        evidence.rule_out("its first address lies below 0x10000")
    else:
        evidence.oppose("its first address lies below 0x10000")


def _parse_interpreter(image: Image) -> Elf:
    """The dynamic linker itself: it must be loadable and ask for no other."""
    linker = parse(image)
    if linker.interpreter is not None:
        raise Errno(ENOEXEC, "the interpreter asks for an interpreter")
    return linker


def _auxiliary_vector(request: Request, elf: Elf, bias: int, entry: u64, interpreter_base: int, vdso_base: u64) -> list[tuple[int, u64]]:
    """In the order Linux gives them (getauxval(3))."""
    who = request.credentials
    return [
        (AT_SYSINFO_EHDR, vdso_base),
        (AT_MINSIGSTKSZ, u64(MIN_SIGNAL_STACK)),
        (AT_HWCAP, u64(HWCAP)),
        (AT_PAGESZ, u64(PAGE_SIZE)),
        (AT_CLKTCK, u64(CLOCK_TICKS)),
        (AT_PHDR, u64(elf.header_address + bias) if elf.header_address != 0 else u64(0)),
        (AT_PHENT, u64(ProgramHeader.SIZE)),
        (AT_PHNUM, u64(elf.header_count)),
        (AT_BASE, u64(interpreter_base)),
        (AT_FLAGS, u64(0)),
        (AT_ENTRY, entry),
        (AT_UID, u64(who.uid)),
        (AT_EUID, u64(who.euid)),
        (AT_GID, u64(who.gid)),
        (AT_EGID, u64(who.egid)),
        (AT_SECURE, u64(1 if request.secure else 0)),
        (AT_HWCAP2, u64(0)),
    ]
