"""The xv6 ABI to the executor: which files are its programs, and how one is loaded.

xv6 marks its programs with nothing, so they are known by what they lack: an ET_EXEC file of OSABI 0 that begins at address 0 and has
neither ABI note, interpreter nor thread-local storage. No other system's linker makes such files.

    0 | text, data, bss | guard page | stack: one page | heap, grown by sbrk
"""

from typing import Final

from abi_modules.xv6_riscv64.abi import Xv6Abi
from abi_modules.xv6_riscv64.limits import CEILINGS, PAGE_SIZE
from abi_modules.xv6_riscv64.stack import fill_stack
from executor.elf import ELFOSABI_NONE, ET_EXEC, Elf, Segment, is_elf, parse
from executor.evidence import Evidence, Strength
from executor.image import Image
from executor.mapping import limited_space, map_program, page_ceiling, protection_of
from executor.protocol import AbiModule, Program, Request
from objects.abi import Abi
from objects.process import Region
from scarlet.kernel.memory.area import Protection
from scarlet.kernel.memory.space import AddressSpace
from scarlet.kernel.memory.user import UserBytes
from scarlet.lang import Errno, u64
from scarlet.lang.errno import ENOEXEC

READ_WRITE: Final = Protection.READ | Protection.WRITE


class Xv6Module(AbiModule):
    """Loads xv6 programs."""

    def __init__(self) -> None:
        super().__init__("xv6-riscv64")
        self.has_environment = False
        self.ceilings = CEILINGS

    def recognise(self, image: Image) -> Evidence:
        evidence = Evidence()
        if not is_elf(image):
            evidence.rule_out("not an ELF file")
            return evidence
        elf = parse(image)
        _judge_system(evidence, elf)
        if elf.type != ET_EXEC:
            evidence.rule_out("position-independent")
        elif elf.lowest != 0:
            evidence.rule_out(f"its first address is 0x{elf.lowest:x}")
        else:
            evidence.support(Strength.LIKELY, "a fixed program that begins at address 0")
        if any(segment.address % PAGE_SIZE != 0 for segment in elf.segments):
            evidence.rule_out("a segment does not begin at a page")
        return evidence

    def load(self, request: Request, previous: Abi) -> Program:
        elf = parse(request.image)
        space = limited_space(request.limits)
        space.lowest_address = 0
        if elf.congruent:
            map_program(space, request.image, elf, 0, request.path)
        else:
            for segment in elf.segments:
                _copy_segment(space, request.image, segment)
        _fill_gaps(space, elf)
        guard = page_ceiling(elf.highest)
        space.map_area(u64(guard), u64(PAGE_SIZE), Protection.NONE, fixed=True)
        bottom = guard + PAGE_SIZE
        space.map_area(u64(bottom), u64(PAGE_SIZE), READ_WRITE, fixed=True, name=b"[stack]")
        pointer = fill_stack(space, bottom, request.arguments)
        program = Program(space, elf.entry, u64(pointer), Xv6Abi(bottom + PAGE_SIZE))
        program.a0 = u64(len(request.arguments))
        program.a1 = u64(pointer)
        program.arguments = Region(text=b"".join([text + b"\0" for text in request.arguments]))
        return program


def _judge_system(evidence: Evidence, elf: Elf) -> None:
    """The marks that would name another system."""
    if elf.os_abi == ELFOSABI_NONE:
        evidence.support(Strength.POSSIBLE, "OSABI 0")
    else:
        evidence.rule_out(f"OSABI {elf.os_abi} is another system's")
    if elf.interpreter is not None:
        evidence.rule_out("it asks for a dynamic linker")
    if elf.has_tls:
        evidence.rule_out("it has thread-local storage")
    if elf.gnu_system >= 0:
        evidence.rule_out("it has an ABI note of owner GNU")
    elif len(elf.notes) > 0:
        evidence.oppose("it has notes")
    else:
        evidence.support(Strength.POSSIBLE, "no notes")


def _copy_segment(space: AddressSpace, image: Image, segment: Segment) -> None:
    """Load a segment whose pages do not lie on pages of the file, as linked with `ld -N`."""
    size = page_ceiling(segment.memory_bytes)
    space.map_area(u64(segment.address), u64(size), READ_WRITE, fixed=True)
    done = image.inode.read_at(UserBytes(space, u64(segment.address), u64(segment.file_bytes)), segment.offset)
    if done != segment.file_bytes:
        raise Errno(ENOEXEC, "the file is shorter than its headers say")
    space.protect(u64(segment.address), u64(size), protection_of(segment) | Protection.READ)


def _fill_gaps(space: AddressSpace, elf: Elf) -> None:
    """Between segments there is memory, not a hole: a process is one piece."""
    end = 0
    for segment in sorted(elf.segments, key=lambda segment: segment.address):
        if segment.address > end:
            space.map_area(u64(end), u64(segment.address - end), protection_of(segment) | Protection.READ, fixed=True)
        end = page_ceiling(segment.end)
