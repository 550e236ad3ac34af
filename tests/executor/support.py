"""ELF files built with construct, whole and broken, and images of them."""

from collections.abc import Callable

from construct import Bytes, Container, Int16ul, Int32ul, Int64ul, Struct

from executor.image import Image
from tests.vfs.support import Tree

EHDR = Struct(
    "ident" / Bytes(16), "type" / Int16ul, "machine" / Int16ul, "version" / Int32ul, "entry" / Int64ul, "phoff" / Int64ul,
    "shoff" / Int64ul, "flags" / Int32ul, "ehsize" / Int16ul, "phentsize" / Int16ul, "phnum" / Int16ul, "shentsize" / Int16ul,
    "shnum" / Int16ul, "shstrndx" / Int16ul,
)  # fmt: skip
PHDR = Struct(
    "type" / Int32ul, "flags" / Int32ul, "offset" / Int64ul, "vaddr" / Int64ul, "paddr" / Int64ul, "filesz" / Int64ul,
    "memsz" / Int64ul, "align" / Int64ul,
)  # fmt: skip
PT_LOAD, PT_INTERP, PT_NOTE, PT_TLS, PT_GNU_STACK = 1, 3, 4, 7, 0x6474E551
ET_EXEC, ET_DYN = 2, 3
BASE = 0x10000


class Elf:
    """A small, correct ET_EXEC file: text at BASE, data with bss a page above. Change its headers, then build()."""

    def __init__(self, code: bytes = b"\x73\0\0\0", data: bytes = b"data", bss: int = 0x2000) -> None:
        self.header = Container(
            ident=b"\x7fELF\x02\x01\x01" + bytes(9), type=ET_EXEC, machine=243, version=1, entry=BASE + 0x400, phoff=64, shoff=0,
            flags=5, ehsize=64, phentsize=56, phnum=0, shentsize=64, shnum=0, shstrndx=0,
        )  # fmt: skip
        self.content = bytearray(0x2000)
        self.content[0x400 : 0x400 + len(code)] = code
        self.content[0x1000 : 0x1000 + len(data)] = data
        self.segments = [
            self.segment(PT_LOAD, 5, 0, BASE, 0x400 + len(code)),
            self.segment(PT_LOAD, 6, 0x1000, BASE + 0x1000, len(data), len(data) + bss),
        ]

    @staticmethod
    def segment(kind: int, flags: int, offset: int, vaddr: int, filesz: int, memsz: int | None = None, align: int = 0x1000) -> Container:
        return Container(
            type=kind, flags=flags, offset=offset, vaddr=vaddr, paddr=vaddr, filesz=filesz,
            memsz=filesz if memsz is None else memsz, align=align,
        )  # fmt: skip

    def add(self, kind: int, data: bytes, offset: int, flags: int = 4) -> "Elf":
        """A segment of another kind with its bytes at an offset of the text segment."""
        self.content[offset : offset + len(data)] = data
        self.segments.append(self.segment(kind, flags, offset, BASE + offset, len(data)))
        return self

    def note(self, name: bytes = b"GNU\0", kind: int = 1) -> "Elf":
        header = len(name).to_bytes(4, "little") + (16).to_bytes(4, "little") + kind.to_bytes(4, "little")
        return self.add(PT_NOTE, header + name + bytes(16), 0x300)

    def build(self) -> bytes:
        if self.header.phnum == 0:
            self.header.phnum = len(self.segments)
        content = bytearray(self.content)
        table = EHDR.build(self.header) + b"".join(PHDR.build(segment) for segment in self.segments)
        content[: len(table)] = table
        return bytes(content)


Change = Callable[[Elf], object]


def image_of(tree: Tree, data: bytes, path: bytes = b"/program") -> Image:
    tree.write(path, data, mode=0o755)
    return Image(tree.walk(path))
