"""The device tree parser on the blob of QEMU's virt machine (made by `qemu-system-riscv64 -machine virt,dumpdtb=FILE`),
whole and damaged."""

import contextlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scarlet.machine.bootinfo import BootInfo
from scarlet.machine.devicetree import DeviceTree, Header, Node, used_size
from scarlet.machine.discovery import describe


def build(node: Node, strings: dict[bytes, int], pool: bytearray) -> bytes:
    """The structure block of a tree: the reverse of the parser."""

    def padded(data: bytes) -> bytes:
        return data + bytes(-len(data) % 4)

    out = (1).to_bytes(4, "big") + padded(node.name + b"\0")
    for name, value in node.properties.items():
        if name not in strings:
            strings[name] = len(pool)
            pool += name + b"\0"
        out += (3).to_bytes(4, "big") + len(value).to_bytes(4, "big") + strings[name].to_bytes(4, "big") + padded(value)
    for child in node.children:
        out += build(child, strings, pool)
    return out + (2).to_bytes(4, "big")


def blob_of(root: Node, reserved: list[tuple[int, int]]) -> bytes:
    pool = bytearray()
    structure = build(root, {}, pool) + (9).to_bytes(4, "big")
    reservations = b"".join(a.to_bytes(8, "big") + s.to_bytes(8, "big") for a, s in [*reserved, (0, 0)])
    start = 40 + len(reservations)
    header = Header(
        magic=0xD00DFEED,
        totalsize=start + len(structure) + len(pool),
        off_dt_struct=start,
        off_dt_strings=start + len(structure),
        off_mem_rsvmap=40,
        version=17,
        last_comp_version=16,
        size_dt_strings=len(pool),
        size_dt_struct=len(structure),
    )
    return header.pack() + reservations + structure + bytes(pool)


def node(name: bytes, *children: Node, **properties: bytes | int | list[int]) -> Node:
    out = Node(name)
    for key, value in properties.items():
        if isinstance(value, int):
            value = [value]
        if isinstance(value, list):
            value = b"".join(cell.to_bytes(4, "big") for cell in value)
        out.properties[key.replace("__", ",").encode()] = value
    out.children = list(children)
    return out


def cells_node(name: bytes, address: int, size: int, *children: Node) -> Node:
    out = node(name, *children)
    out.properties = {b"#address-cells": address.to_bytes(4, "big"), b"#size-cells": size.to_bytes(4, "big")}
    return out


def virt() -> Node:
    """The shape of QEMU's tree with two harts, of which the second boots."""
    cpus = cells_node(
        b"cpus",
        1,
        0,
        *[
            node(
                b"cpu@%d" % number,
                node(b"interrupt-controller", phandle=10 + number),
                device_type=b"cpu\0",
                reg=number,
                status=b"okay\0",
                riscv__isa=b"rv64imafdc_sstc\0",
            )
            for number in (0, 1)
        ],
    )
    cpus.properties[b"timebase-frequency"] = (10_000_000).to_bytes(4, "big")
    plic = node(b"plic@c000000", compatible=b"sifive,plic-1.0.0\0riscv,plic0\0", reg=[0, 0xC00_0000, 0, 0x60_0000])
    plic.properties[b"interrupts-extended"] = b"".join(cell.to_bytes(4, "big") for cell in (10, 11, 10, 9, 11, 11, 11, 9))
    serial = node(b"serial@10000000", compatible=b"ns16550a\0", reg=[0, 0x1000_0000, 0, 0x100], interrupts=10)
    serial.properties[b"clock-frequency"] = (3_686_400).to_bytes(4, "big")
    virtio = [virtio_slot(number) for number in (2, 1)]
    test = node(b"test@100000", compatible=b"sifive,test1\0sifive,test0\0syscon\0", reg=[0, 0x10_0000, 0, 0x1000])
    rtc = node(b"rtc@101000", compatible=b"google,goldfish-rtc\0", reg=[0, 0x10_1000, 0, 0x1000], interrupts=11)
    soc = cells_node(b"soc", 2, 2, serial, plic, *virtio, test, rtc)
    chosen = node(b"chosen", bootargs=b"run log=uart\0")
    chosen.properties[b"linux,initrd-start"] = (0x8420_0000).to_bytes(4, "big")
    chosen.properties[b"linux,initrd-end"] = (0x8420_2710).to_bytes(8, "big")
    chosen.properties[b"rng-seed"] = bytes(range(32))
    reserved = cells_node(b"reserved-memory", 2, 2, node(b"mmode_resv0@80000000", reg=[0, 0x8000_0000, 0, 0x8_0000]))
    memory = node(b"memory@80000000", device_type=b"memory\0", reg=[0, 0x8000_0000, 1, 0])
    root = cells_node(b"", 2, 2, memory, cpus, soc, chosen, reserved)
    root.properties[b"model"] = b"riscv-virtio,qemu\0"
    return root


def virtio_slot(number: int) -> Node:
    registers = [0, 0x1000_0000 + 0x1000 * number, 0, 0x1000]
    return node(b"virtio_mmio@1000%d000" % number, compatible=b"virtio,mmio\0", reg=registers, interrupts=number)


def ranges(ranges: list) -> list[tuple[int, int]]:  # type: ignore[type-arg]
    return [(item.base, item.size) for item in ranges]


@pytest.fixture
def info() -> BootInfo:
    return describe(DeviceTree(blob_of(virt(), [(0x8700_0000, 0x1000)])), 1)


def test_memory_and_what_of_it_is_taken(info: BootInfo) -> None:
    assert ranges(info.memory) == [(0x8000_0000, 0x1_0000_0000)]
    assert sorted(ranges(info.reserved)) == [(0x8000_0000, 0x8_0000), (0x8420_0000, 0x2710), (0x8700_0000, 0x1000)]


def test_chosen(info: BootInfo) -> None:
    assert info.initrd is not None
    assert (info.initrd.base, info.initrd.size, info.initrd.end) == (0x8420_0000, 0x2710, 0x8420_2710)
    assert info.command_line == b"run log=uart"
    assert info.rng_seed == bytes(range(32))


def test_harts_and_the_boot_harts_context(info: BootInfo) -> None:
    assert (info.hart_count, info.boot_hart, info.plic_context) == (2, 1, 3)
    assert info.extensions == b"rv64imafdc_sstc"


def test_devices(info: BootInfo) -> None:
    assert (info.uart_base, info.uart_irq, info.uart_clock) == (0x1000_0000, 10, 3_686_400)
    assert (info.plic_base, info.rtc_base, info.rtc_irq, info.finisher_base) == (0xC00_0000, 0x10_1000, 11, 0x10_0000)
    assert [(slot.base, slot.irq) for slot in info.virtio] == [(0x1000_2000, 2), (0x1000_1000, 1)]


def test_disabled_device_is_not_there() -> None:
    root = virt()
    serial = root.children[2].children[0]
    serial.properties[b"status"] = b"disabled\0"
    assert describe(DeviceTree(blob_of(root, [])), 0).uart_base == 0


def test_used_size_leaves_out_the_room_behind() -> None:
    blob = blob_of(virt(), [])
    assert used_size(blob[:40]) == len(blob)


@pytest.mark.parametrize("blob", [b"", b"\xd0\x0d\xfe\xed", bytes(64), b"\xd0\x0d\xfe\xed" + b"\xff" * 60])
def test_what_is_no_tree_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        DeviceTree(blob)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_tree_is_refused_or_parsed_but_never_more(data: st.DataObject) -> None:
    blob = bytearray(blob_of(virt(), []))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(blob[: data.draw(st.integers(0, len(blob)))])
    with contextlib.suppress(ValueError):
        describe(DeviceTree(cut), 0)


@pytest.mark.qemu
def test_tree_of_this_machines_qemu(tmp_path: Path) -> None:
    path = tmp_path / "virt.dtb"
    command = ["qemu-system-riscv64", "-nographic", "-m", "96M", "-smp", "2", "-machine", f"virt,dumpdtb={path}"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    blob = path.read_bytes()
    info = describe(DeviceTree(blob[: used_size(blob[:40])]), 0)
    assert ranges(info.memory) == [(0x8000_0000, 96 << 20)]
    assert (info.hart_count, info.uart_base, info.plic_context, len(info.virtio)) == (2, 0x1000_0000, 1, 8)
