"""The Linux ABI to the executor: which files are its programs, and how one is loaded.

A Linux program says so with OSABI GNU, an ABI note of owner GNU, an interpreter or thread-local storage; a program of
OSABI 0 without any of these is taken when it is position-independent or begins at 0x10000 or above, where Linux's
linkers put programs (others begin at 0).

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
from executor.files import open_program
from executor.image import Image
from executor.mapping import map_program, page_ceiling
from executor.protocol import AbiModule, Evidence, Program, Request, Strength
from objects.abi import Abi
from objects.limits import Resource
from objects.random import random_bytes
from scarlet.kernel.memory.space import AddressSpace
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOEXEC

LOWEST_PROGRAM: Final = 0x10000
"""Where Linux's linkers place the first segment of an ET_EXEC file, and the lowest address that may be mapped (vm.mmap_min_addr)."""
POSITION_INDEPENDENT_BASE: Final = 0x2A_AAAA_A000
"""Two thirds of the address space: where ET_DYN programs go (asm/elf.h, ELF_ET_DYN_BASE)."""


class LinuxModule(AbiModule):
    """Loads Linux riscv64 programs."""

    def __init__(self) -> None:
        super().__init__("linux-riscv64")

    def recognise(self, image: Image) -> Evidence:
        if not is_elf(image):
            return Evidence(Strength.NONE, "not an ELF file")
        elf = parse(image)
        if elf.os_abi == ELFOSABI_GNU:
            return Evidence(Strength.CERTAIN, "OSABI is GNU/Linux")
        if elf.os_abi != ELFOSABI_NONE:
            return Evidence(Strength.NONE, f"OSABI {elf.os_abi} is another system's")
        if elf.has_gnu_note:
            return Evidence(Strength.CERTAIN, "it has an ABI note of owner GNU")
        if elf.interpreter is not None:
            return Evidence(Strength.CERTAIN, "it asks for a dynamic linker")
        if elf.has_tls:
            return Evidence(Strength.LIKELY, "it has thread-local storage")
        if elf.type == ET_DYN:
            return Evidence(Strength.LIKELY, "it is position-independent")
        if elf.lowest >= LOWEST_PROGRAM:
            return Evidence(Strength.POSSIBLE, "OSABI 0, first address at or above 0x10000")
        return Evidence(Strength.NONE, "its first address lies below 0x10000")

    def load(self, request: Request, previous: Abi) -> Program:
        elf = parse(request.image)
        space = AddressSpace()
        space.limit_stack = request.limits.soft(Resource.STACK)
        space.limit_data = request.limits.soft(Resource.DATA)
        space.limit_address_space = request.limits.soft(Resource.ADDRESS_SPACE)
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
