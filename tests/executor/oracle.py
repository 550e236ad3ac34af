"""What exec should think of an ELF file, told a second time and in another way: read by pyelftools, judged by a list of rules.

Only for files whose first kilobyte holds the headers, as the generated ones have.
"""

from io import BytesIO

from elftools.common.exceptions import ELFError
from elftools.construct.lib.container import Container
from elftools.elf.structs import ELFStructs

PAGE, TOP = 4096, 1 << 38
KNOWN_SYSTEMS = (0, 3, 83)
"""OSABI values that a module takes."""


def judge(data: bytes) -> str | None:
    """The module that takes the file, None when nobody does."""
    try:
        header, segments = _read(data)
    except (ELFError, UnicodeDecodeError):
        return None
    if header is None or not _is_sound(data, header, segments):
        return None
    return _choose(data, header, segments)


def _read(data: bytes) -> tuple[Container | None, list[Container]]:
    if len(data) < 64 or data[:4] != b"\x7fELF" or data[4:7] != b"\x02\x01\x01":
        return None, []
    structs = ELFStructs(little_endian=True, elfclass=64)
    structs.create_basic_structs()
    structs.create_advanced_structs(e_type="ET_EXEC", e_machine="EM_RISCV", e_ident_osabi="ELFOSABI_SYSV")
    stream = BytesIO(data)
    header = structs.Elf_Ehdr.parse_stream(stream)
    if header.e_machine != "EM_RISCV" or header.e_type not in ("ET_EXEC", "ET_DYN") or header.e_phentsize != 56:
        return None, []
    if not 0 < header.e_phnum * 56 <= 65536 or header.e_phoff + header.e_phnum * 56 > len(data):
        return None, []
    stream.seek(header.e_phoff)
    return header, [structs.Elf_Phdr.parse_stream(stream) for _ in range(header.e_phnum)]


def _of(segments: list[Container], *kinds: object) -> list[Container]:
    return [segment for segment in segments if segment.p_type in kinds]


def _loads(segments: list[Container]) -> list[Container]:
    return [segment for segment in _of(segments, "PT_LOAD") if segment.p_memsz]


def _is_sound(data: bytes, header: Container, segments: list[Container]) -> bool:
    loads = sorted(_loads(segments), key=lambda segment: segment.p_vaddr)
    rules = [
        bool(loads),
        all(segment.p_filesz <= segment.p_memsz for segment in loads),
        all(segment.p_offset + segment.p_filesz <= len(data) for segment in loads),
        all(segment.p_vaddr + segment.p_memsz <= TOP for segment in loads),
        all(segment.p_align <= TOP and segment.p_align & segment.p_align - 1 == 0 for segment in loads),
        all(low.p_vaddr + low.p_memsz <= high.p_vaddr for low, high in zip(loads, loads[1:], strict=False)),
        all(_is_name(data, segment) for segment in _of(segments, "PT_INTERP")[:1]),
    ]
    return all(rules)


def _is_name(data: bytes, segment: Container) -> bool:
    size: int = segment.p_filesz
    end: int = segment.p_offset + size
    return 2 <= size <= 4096 and end <= len(data) and data[end - 1] == 0


def _notes(data: bytes, segments: list[Container]) -> list[tuple[bytes, int, bytes]]:
    found = []
    for segment in _of(segments, "PT_NOTE"):
        if segment.p_filesz > 4096 or segment.p_offset + segment.p_filesz > len(data):
            continue
        rest = data[segment.p_offset : segment.p_offset + segment.p_filesz]
        while len(rest) >= 12:
            name, size, kind = (int.from_bytes(rest[at : at + 4], "little") for at in (0, 4, 8))
            begin = 12 + -(-name // 4) * 4
            if begin + size > len(rest):
                break
            found.append((rest[12 : 12 + name].split(b"\0")[0], kind, rest[begin : begin + size]))
            rest = rest[begin + -(-size // 4) * 4 :]
    return found


def _choose(data: bytes, header: Container, segments: list[Container]) -> str | None:
    loads = _loads(segments)
    lowest = min(segment.p_vaddr for segment in loads)
    congruent = all(segment.p_vaddr % PAGE == segment.p_offset % PAGE for segment in loads)
    notes = _notes(data, segments)
    systems = [int.from_bytes(text[:4], "little") for owner, kind, text in notes if owner == b"GNU" and kind == 1 and len(text) >= 4]
    interpreter, tls = bool(_of(segments, "PT_INTERP")), bool(_of(segments, "PT_TLS"))
    os_abi, is_dynamic = data[7], header.e_type == "ET_DYN"
    foreign = any(owner in (b"FreeBSD", b"NetBSD", b"OpenBSD", b"DragonFly") for owner, _, _ in notes) or any(systems[:1])
    if os_abi == 83:
        return "native" if congruent and not interpreter and not tls else None
    if os_abi not in KNOWN_SYSTEMS:
        return None
    marks = os_abi == 3 or systems[:1] == [0] or interpreter or tls or is_dynamic or any(owner == b"Go" for owner, _, _ in notes)
    if congruent and not foreign and (marks or lowest >= 0x10000):
        return "linux-riscv64"
    pages = all(segment.p_vaddr % PAGE == 0 for segment in loads)
    if os_abi == 0 and lowest == 0 and pages and not (is_dynamic or interpreter or tls or systems):
        return "xv6-riscv64"
    return None
