"""ELF executables: their headers, checked once and for all, so that nothing after this file has to distrust a number.

parse() accepts 64-bit little-endian RISC-V programs (ET_EXEC, ET_DYN) and raises ENOEXEC with the reason for
everything else: other classes and machines, truncated files, tables of the wrong size, segments that overlap, wrap
around, reach out of user space or claim bytes the file has not.

Sources: System V ABI, chapters 4 and 5; RISC-V ELF psABI; elf(5).
"""

from typing import Annotated, Final

from executor.image import Image
from executor.notes import Note, parse_notes
from scarlet.lang import Errno, struct, u16, u32, u64
from scarlet.lang.errno import ENOEXEC

ELF_MAGIC: Final = b"\x7fELF"
EI_CLASS: Final = 4
EI_DATA: Final = 5
EI_VERSION: Final = 6
EI_OSABI: Final = 7
ELFCLASS64: Final = 2
ELFDATA2LSB: Final = 1
EV_CURRENT: Final = 1
ELFOSABI_NONE: Final = 0
ELFOSABI_GNU: Final = 3

ET_EXEC: Final = 2
ET_DYN: Final = 3
EM_RISCV: Final = 243

PT_LOAD: Final = 1
PT_INTERP: Final = 3
PT_NOTE: Final = 4
PT_PHDR: Final = 6
PT_TLS: Final = 7
PT_GNU_STACK: Final = 0x6474E551

PF_X: Final = 1
PF_W: Final = 2
PF_R: Final = 4

PATH_MAX: Final = 4096
MAX_HEADER_BYTES: Final = 65536
"""Largest table of program headers, as Linux has it."""
MAX_NOTE_BYTES: Final = 4096
PAGE_SIZE: Final = 4096
ADDRESS_LIMIT: Final = 1 << 38
"""Where user space ends (Sv39)."""


@struct
class ElfHeader:
    """Elf64_Ehdr"""

    e_ident: Annotated[bytes, 16]
    e_type: u16
    e_machine: u16
    e_version: u32
    e_entry: u64
    e_phoff: u64
    e_shoff: u64
    e_flags: u32
    e_ehsize: u16
    e_phentsize: u16
    e_phnum: u16
    e_shentsize: u16
    e_shnum: u16
    e_shstrndx: u16


@struct
class ProgramHeader:
    """Elf64_Phdr"""

    p_type: u32
    p_flags: u32
    p_offset: u64
    p_vaddr: u64
    p_paddr: u64
    p_filesz: u64
    p_memsz: u64
    p_align: u64


class Segment:
    """One PT_LOAD, in plain numbers that fit: address + memory_bytes <= ADDRESS_LIMIT and offset + file_bytes <= the file's size."""

    def __init__(self, header: ProgramHeader) -> None:
        self.address = int(header.p_vaddr)
        self.memory_bytes = int(header.p_memsz)
        self.offset = int(header.p_offset)
        self.file_bytes = int(header.p_filesz)
        self.alignment = int(header.p_align)
        self.readable = header.p_flags & PF_R != 0
        self.writable = header.p_flags & PF_W != 0
        self.executable = header.p_flags & PF_X != 0
        self.congruent = self.address % PAGE_SIZE == self.offset % PAGE_SIZE
        """Address and offset agree within the page, so that pages of the file can be mapped; else the bytes have to be copied."""

    @property
    def end(self) -> int:
        return self.address + self.memory_bytes


class Elf:
    """What the headers of one file say."""

    def __init__(self, header: ElfHeader) -> None:
        self.type = int(header.e_type)
        self.machine = int(header.e_machine)
        self.os_abi = int(header.e_ident[EI_OSABI])
        self.flags = int(header.e_flags)
        self.entry: u64 = header.e_entry
        self.header_count = int(header.e_phnum)
        self.header_offset: u64 = header.e_phoff
        self.segments: list[Segment] = []
        self.interpreter: bytes | None = None
        self.has_tls = False
        self.has_stack_header = False
        self.executable_stack = False
        self.notes: list[Note] = []
        self.header_address = 0
        """Where the program headers will lie in memory, before relocation; 0 when no segment holds them (AT_PHDR)."""

    @property
    def gnu_system(self) -> int:
        """The system that GNU's ABI tag names (0 is Linux), -1 without such a note."""
        for note in self.notes:
            system = note.gnu_system()
            if system >= 0:
                return system
        return -1

    def has_note_of(self, owner: bytes) -> bool:
        """Is there a note, of whatever kind, of this owner?"""
        return any(note.owner == owner for note in self.notes)

    @property
    def lowest(self) -> int:
        return min(segment.address for segment in self.segments)

    @property
    def highest(self) -> int:
        return max(segment.end for segment in self.segments)

    @property
    def congruent(self) -> bool:
        """Can every segment be mapped from the file's pages?"""
        return all(segment.congruent for segment in self.segments)

    @property
    def alignment(self) -> int:
        """The strictest alignment a segment asks for; a page at least."""
        return max(PAGE_SIZE, max(segment.alignment for segment in self.segments))


def is_elf(image: Image) -> bool:
    """Does the file begin as every ELF file does?"""
    return image.head.startswith(ELF_MAGIC)


def parse(image: Image) -> Elf:
    """The checked headers, kept with the image. ENOEXEC with the reason."""
    elf = image.elf
    if elf is None:
        elf = _parse(image)
        image.elf = elf
    return elf


def _parse(image: Image) -> Elf:
    header = _header(image)
    elf = Elf(header)
    table = _table(image, header)
    for index in range(int(header.e_phnum)):
        _take(image, elf, ProgramHeader.parse(table, index * ProgramHeader.SIZE))
    if not elf.segments:
        raise Errno(ENOEXEC, "no PT_LOAD segment")
    _check_overlaps(elf.segments)
    if elf.header_address == 0:
        elf.header_address = _address_of_offset(elf, int(header.e_phoff))
    return elf


def _header(image: Image) -> ElfHeader:
    if len(image.head) < ElfHeader.SIZE or not is_elf(image):
        raise Errno(ENOEXEC, "not an ELF file")
    header = ElfHeader.parse(image.head)
    if header.e_ident[EI_CLASS] != ELFCLASS64 or header.e_ident[EI_DATA] != ELFDATA2LSB or header.e_ident[EI_VERSION] != EV_CURRENT:
        raise Errno(ENOEXEC, "not a 64-bit little-endian file of version 1")
    if header.e_machine != EM_RISCV:
        raise Errno(ENOEXEC, "made for another machine than RISC-V")
    if header.e_type != ET_EXEC and header.e_type != ET_DYN:
        raise Errno(ENOEXEC, "neither an executable nor a shared object")
    return header


def _table(image: Image, header: ElfHeader) -> bytes:
    """The program headers' bytes."""
    if int(header.e_phentsize) != ProgramHeader.SIZE:
        raise Errno(ENOEXEC, "program headers of another size")
    size = int(header.e_phnum) * ProgramHeader.SIZE
    if not 0 < size <= MAX_HEADER_BYTES:
        raise Errno(ENOEXEC, "no program headers, or more than 64 KiB of them")
    if header.e_phoff > image.size:
        raise Errno(ENOEXEC, "the program headers lie past the end of the file")
    return image.read(int(header.e_phoff), size)


def _take(image: Image, elf: Elf, header: ProgramHeader) -> None:
    kind = int(header.p_type)
    if kind == PT_LOAD and header.p_memsz != 0:
        _check_segment(image, header)
        elf.segments.append(Segment(header))
    elif kind == PT_INTERP and elf.interpreter is None:
        elf.interpreter = _interpreter(image, header)
    elif kind == PT_NOTE:
        elf.notes += _notes(image, header)
    elif kind == PT_PHDR and header.p_vaddr < ADDRESS_LIMIT:
        elf.header_address = int(header.p_vaddr)
    elif kind == PT_TLS:
        elf.has_tls = True
    elif kind == PT_GNU_STACK:
        elf.has_stack_header = True
        elf.executable_stack = header.p_flags & PF_X != 0


def _check_segment(image: Image, header: ProgramHeader) -> None:
    if header.p_filesz > header.p_memsz:
        raise Errno(ENOEXEC, "a segment is larger in the file than in memory")
    if header.p_offset > image.size or header.p_filesz > image.size - int(header.p_offset):
        raise Errno(ENOEXEC, "a segment lies past the end of the file")
    if header.p_vaddr > ADDRESS_LIMIT or header.p_memsz > ADDRESS_LIMIT - int(header.p_vaddr):
        raise Errno(ENOEXEC, "a segment reaches out of user space")
    if header.p_align > ADDRESS_LIMIT or int(header.p_align).bit_count() > 1:
        raise Errno(ENOEXEC, "a segment's alignment is not a power of two")


def _interpreter(image: Image, header: ProgramHeader) -> bytes:
    if not 2 <= header.p_filesz <= PATH_MAX or header.p_offset > image.size:
        raise Errno(ENOEXEC, "the interpreter's name has an impossible length")
    name = image.read(int(header.p_offset), int(header.p_filesz))
    if name[-1] != 0:
        raise Errno(ENOEXEC, "the interpreter's name does not end")
    return name[: name.find(b"\0")]


def _notes(image: Image, header: ProgramHeader) -> list[Note]:
    """A segment that lies about its size holds no evidence, nothing else."""
    if header.p_filesz > MAX_NOTE_BYTES or header.p_offset > image.size or header.p_filesz > image.size - int(header.p_offset):
        return []
    return parse_notes(image.read(int(header.p_offset), int(header.p_filesz)))


def _check_overlaps(segments: list[Segment]) -> None:
    ordered = sorted(segments, key=lambda segment: segment.address)
    for index in range(1, len(ordered)):
        if ordered[index].address < ordered[index - 1].end:
            raise Errno(ENOEXEC, "segments overlap")


def _address_of_offset(elf: Elf, offset: int) -> int:
    """The address at which the byte at `offset` of the file will lie; 0 when no segment holds it."""
    for segment in elf.segments:
        if segment.offset <= offset < segment.offset + segment.file_bytes:
            return segment.address + offset - segment.offset
    return 0
