"""What a file is, as facts for a person to read: the same marks that the ABI modules judge by, also of files that nobody can run.

Where elf.py stops at the first thing that is wrong, this names what can still be named: the machine a foreign program was made for,
the class of a 32-bit one, and what is wrong.

Sources: elf(5); RISC-V ELF psABI, "File Header" (e_flags).
"""

from typing import Final

from executor.elf import EI_CLASS, EI_DATA, EI_OSABI, ELFCLASS64, ELFDATA2LSB, Elf, is_elf, parse
from executor.image import Image
from executor.notes import GNU, NT_GNU_ABI_TAG, Note
from executor.script import parse_script
from scarlet.lang import Errno

ELF_HEADER_BYTES: Final = 64
SMALL_HEADER_BYTES: Final = 52
"""Of a 32-bit file."""

MACHINES: Final = {
    2: "SPARC", 3: "x86", 8: "MIPS", 20: "PowerPC", 21: "PowerPC64", 22: "S390", 40: "ARM", 43: "SPARC V9", 62: "x86-64",
    183: "AArch64", 243: "RISC-V", 247: "BPF", 258: "LoongArch",
}  # fmt: skip
TYPES: Final = {0: "ET_NONE", 1: "ET_REL, relocatable", 2: "ET_EXEC", 3: "ET_DYN", 4: "ET_CORE, core dump"}
SYSTEMS: Final = {
    0: "0, none named", 1: "1, HP-UX", 2: "2, NetBSD", 3: "3, GNU/Linux", 6: "6, Solaris", 9: "9, FreeBSD", 12: "12, OpenBSD",
    83: "83, Scarlet",
}  # fmt: skip
GNU_SYSTEMS: Final = ["Linux", "Hurd", "Solaris", "FreeBSD", "NetBSD", "Syllable", "NaCl"]
FLOAT_ABIS: Final = ["soft float", "single float", "double float", "quad float"]
EF_RISCV_RVC: Final = 1
EF_RISCV_FLOAT_ABI: Final = 6
EF_RISCV_RVE: Final = 8
EF_RISCV_TSO: Final = 16


class Fact:
    """One line of the description."""

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value


def facts_of(image: Image) -> list[Fact]:
    """The description of a file. Raises what reading it raises, never ENOEXEC."""
    if image.size == 0:
        return [Fact("kind", "an empty file")]
    if image.head.startswith(b"#!"):
        return _script_facts(image)
    if not is_elf(image):
        return [Fact("kind", "neither ELF nor a script")]
    facts = [Fact("kind", "ELF")]
    _header_facts(facts, image.head)
    try:
        _program_facts(facts, parse(image))
    except Errno as error:
        facts.append(Fact("damage" if _is_ours(image.head) else "foreign", error.reason))
    return facts


def _script_facts(image: Image) -> list[Fact]:
    try:
        script = parse_script(image)
    except Errno as error:
        return [Fact("kind", "script"), Fact("damage", error.reason)]
    assert script is not None
    facts = [Fact("kind", "script"), Fact("interpreter", script.interpreter.decode(errors="replace"))]
    if script.argument:
        facts.append(Fact("argument", script.argument.decode(errors="replace")))
    return facts


def _is_ours(head: bytes) -> bool:
    """Of the class, order and machine that elf.py goes on to read."""
    return len(head) >= ELF_HEADER_BYTES and head[EI_CLASS] == ELFCLASS64 and head[EI_DATA] == ELFDATA2LSB and _half(head, 18) == 243


def _header_facts(facts: list[Fact], head: bytes) -> None:
    """The part of the header that lies at the same place in every ELF file."""
    if len(head) < SMALL_HEADER_BYTES:
        return
    width = "64" if head[EI_CLASS] == ELFCLASS64 else "32" if head[EI_CLASS] == 1 else f"class {head[EI_CLASS]},"
    order = "little" if head[EI_DATA] == ELFDATA2LSB else "big" if head[EI_DATA] == 2 else "unknown"
    facts.append(Fact("class", f"{width} bits, {order}-endian"))
    facts.append(Fact("machine", _named(MACHINES, _half(head, 18))))
    facts.append(Fact("type", _named(TYPES, _half(head, 16))))
    facts.append(Fact("OSABI", SYSTEMS.get(int(head[EI_OSABI]), str(head[EI_OSABI]))))


def _half(head: bytes, offset: int) -> int:
    """A 16-bit field, in the file's own order."""
    return int.from_bytes(head[offset : offset + 2], "little" if head[EI_DATA] != 2 else "big")


def _named(names: dict[int, str], number: int) -> str:
    return names.get(number, f"number {number}")


def _program_facts(facts: list[Fact], elf: Elf) -> None:
    facts.append(Fact("flags", _flags(elf.flags)))
    segments = "1 segment" if len(elf.segments) == 1 else f"{len(elf.segments)} segments"
    facts.append(Fact("memory", f"0x{elf.lowest:x} to 0x{elf.highest:x} in {segments}, entry 0x{int(elf.entry):x}"))
    if not elf.congruent:
        facts.append(Fact("layout", "a segment's address and offset differ within the page"))
    facts.append(Fact("interpreter", "none" if elf.interpreter is None else elf.interpreter.decode(errors="replace")))
    facts.append(Fact("notes", ", ".join([_note(note) for note in elf.notes]) if elf.notes else "none"))
    facts.append(Fact("TLS", "yes" if elf.has_tls else "no"))


def _flags(flags: int) -> str:
    words = [FLOAT_ABIS[(flags & EF_RISCV_FLOAT_ABI) >> 1]]
    if flags & EF_RISCV_RVC:
        words.append("compressed instructions")
    if flags & EF_RISCV_RVE:
        words.append("16 registers")
    if flags & EF_RISCV_TSO:
        words.append("total store order")
    return ", ".join(words)


def _note(note: Note) -> str:
    owner = note.owner.decode(errors="replace")
    system = note.gnu_system()
    if 0 <= system < len(GNU_SYSTEMS):
        return f"ABI tag of {owner}: {GNU_SYSTEMS[system]}"
    if note.owner == GNU and note.kind == NT_GNU_ABI_TAG:
        return f"ABI tag of {owner}"
    if note.owner == GNU and note.kind == 3:
        return f"build number of {owner}"
    return f"{owner} {note.kind}"
