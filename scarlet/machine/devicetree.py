"""The flattened device tree, as the firmware hands it over.

Source: Devicetree Specification v0.4, chapter 5 "Flattened Devicetree (DTB) Format"; section 2.3 for the standard properties.
Invariant: a blob that lies about its sizes raises ValueError; nothing outside it is read.
"""

from typing import Final

from scarlet.lang import struct, u32, u64

MAGIC: Final = 0xD00DFEED
LAST_COMPATIBLE_VERSION: Final = 16

BEGIN_NODE: Final = 1
END_NODE: Final = 2
PROPERTY: Final = 3
NOP: Final = 4
END: Final = 9


@struct(big_endian=True)
class Header:
    """struct fdt_header."""

    magic: u32
    totalsize: u32
    off_dt_struct: u32
    off_dt_strings: u32
    off_mem_rsvmap: u32
    version: u32
    last_comp_version: u32
    boot_cpuid_phys: u32
    size_dt_strings: u32
    size_dt_struct: u32


@struct(big_endian=True)
class ReserveEntry:
    """struct fdt_reserve_entry: a range of memory that must be left alone."""

    address: u64
    size: u64


class Node:
    """A device: its properties by name, its children in order. `name` includes the unit address ("uart@10000000")."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.properties: dict[bytes, bytes] = {}
        self.children: list[Node] = []
        self.address_cells = 2
        """How many cells an address in `reg` of this node's children has (#address-cells)."""
        self.size_cells = 1

    def child(self, name: bytes) -> "Node | None":
        """The child of that name; the unit address may be left out."""
        for node in self.children:
            if node.name == name or node.name.startswith(name + b"@"):
                return node
        return None

    def cells(self, name: bytes) -> list[int]:
        """A property as 32-bit numbers; empty when there is no such property."""
        value = self.properties.get(name, b"")
        return [cell(value, offset) for offset in range(0, len(value) - 3, 4)]

    def number(self, name: bytes, default: int) -> int:
        """A property of one or two cells."""
        value = self.properties.get(name, b"")
        if len(value) == 4:
            return cell(value, 0)
        return cell(value, 0) << 32 | cell(value, 4) if len(value) == 8 else default

    def strings(self, name: bytes) -> list[bytes]:
        """A property that is a list of strings."""
        value = self.properties.get(name, b"")
        return value.split(b"\0")[:-1] if value.endswith(b"\0") else []

    def text(self, name: bytes) -> bytes:
        """A property that is one string; empty when there is none."""
        found = self.strings(name)
        return found[0] if found else b""

    def compatible(self, name: bytes) -> bool:
        return name in self.strings(b"compatible")

    def enabled(self) -> bool:
        """Whether the device is there: no status, or okay."""
        return self.text(b"status") in (b"", b"okay", b"ok")

    def registers(self, parent: "Node") -> list[tuple[int, int]]:
        """The ranges of `reg`, each base and size, as the parent's cell counts say."""
        cells = self.cells(b"reg")
        step = parent.address_cells + parent.size_cells
        if step == 0:
            return []
        out: list[tuple[int, int]] = []
        for start in range(0, len(cells) - step + 1, step):
            middle = start + parent.address_cells
            out.append((combine(cells[start:middle]), combine(cells[middle : start + step])))
        return out


class DeviceTree:
    """A parsed blob: the root node and the memory reservation block (addresses and sizes)."""

    def __init__(self, blob: bytes) -> None:
        header = Header.parse(blob)
        if header.magic != MAGIC or header.last_comp_version > LAST_COMPATIBLE_VERSION:
            raise ValueError("not a device tree blob that can be read")
        structure = int(header.off_dt_struct)
        strings = int(header.off_dt_strings)
        if structure + int(header.size_dt_struct) > len(blob) or strings + int(header.size_dt_strings) > len(blob):
            raise ValueError("the device tree's blocks lie outside it")
        self.reserved = _reservations(blob, int(header.off_mem_rsvmap))
        self.root = _parse(blob, structure, structure + int(header.size_dt_struct), strings, strings + int(header.size_dt_strings))


def used_size(start: bytes) -> int:
    """How much of the blob that begins with these bytes (a header's worth) is in use: firmware leaves room behind.
    ValueError when it is none."""
    header = Header.parse(start)
    if header.magic != MAGIC:
        raise ValueError("not a device tree blob")
    return max(int(header.off_dt_struct) + int(header.size_dt_struct), int(header.off_dt_strings) + int(header.size_dt_strings))


def cell(data: bytes, offset: int) -> int:
    """The big-endian 32-bit number at an offset."""
    return data[offset] << 24 | data[offset + 1] << 16 | data[offset + 2] << 8 | data[offset + 3]


def combine(cells: list[int]) -> int:
    """Cells as one number, the most significant first. ValueError when it needs more than 63 bits."""
    value = 0
    for part in cells:
        if value >= 1 << 31:
            raise ValueError("a number in the device tree is too large")
        value = value << 32 | part
    return value


def _reservations(blob: bytes, offset: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    while True:
        entry = ReserveEntry.parse(blob, offset)
        if entry.size == 0:
            return out
        out.append((int(entry.address), int(entry.size)))
        offset += ReserveEntry.SIZE


def _string(blob: bytes, start: int, end: int) -> bytes:
    """The zero-terminated string at `start`, which must end before `end`."""
    stop = blob.find(b"\0", start, end)
    if start >= end or stop < 0:
        raise ValueError("a string in the device tree has no end")
    return blob[start:stop]


def _token(blob: bytes, offset: int, end: int) -> int:
    if offset + 4 > end:
        raise ValueError("the device tree ends too soon")
    return cell(blob, offset)


def _parse(blob: bytes, offset: int, end: int, strings: int, strings_end: int) -> Node:
    """The structure block: tokens, each aligned to 4 bytes. `open_nodes` are the nodes that have begun and not ended."""
    root: Node | None = None
    open_nodes: list[Node] = []
    while True:
        token = _token(blob, offset, end)
        offset += 4
        if token == BEGIN_NODE:
            name = _string(blob, offset, end)
            offset = (offset + len(name) + 4) & ~3
            node = Node(name)
            if open_nodes:
                open_nodes[-1].children.append(node)
            elif root is None:
                root = node
            else:
                raise ValueError("the device tree has two roots")
            open_nodes.append(node)
        elif token == END_NODE:
            if not open_nodes:
                raise ValueError("a node of the device tree ends before it begins")
            open_nodes.pop()
        elif token == PROPERTY:
            length = _token(blob, offset, end)
            name = _string(blob, strings + _token(blob, offset + 4, end), strings_end)
            offset += 8
            if offset + length > end or not open_nodes:
                raise ValueError("a property of the device tree lies outside it")
            _set_property(open_nodes[-1], name, blob[offset : offset + length])
            offset = (offset + length + 3) & ~3
        elif token == END:
            if root is None or open_nodes:
                raise ValueError("the device tree is not complete")
            return root
        elif token != NOP:
            raise ValueError("the device tree holds an unknown token")


def _set_property(node: Node, name: bytes, value: bytes) -> None:
    node.properties[name] = value
    if name == b"#address-cells":
        node.address_cells = node.number(name, 2)
    elif name == b"#size-cells":
        node.size_cells = node.number(name, 1)
