"""The way into user mode and back in the built kernel: no two of its blocks may share a slot of QEMU's table of blocks (trap.py).

Source: QEMU 7.2, accel/tcg/tb-hash.h (tb_jmp_cache_hash_func) and tb-jmp-cache.h: 4,096 slots, 64 for each page. What follows an
access to a CSR is a block of its own.
"""

from collections import Counter

from elftools.elf.elffile import ELFFile

from scarlet.cli import kernel

RETURN = 0x8082
SYSTEM = 0x73


def slot(address: int) -> int:
    mixed = address ^ address >> 6
    return mixed >> 6 & 0xFC0 | mixed & 0x3F


def blocks(address: int, code: bytes) -> list[int]:
    """Where a function's blocks begin that are looked up: its entry, and what follows each access to a CSR, up to its first return."""
    found = [address]
    at = 0
    while at < len(code):
        word = int.from_bytes(code[at : at + 4], "little")
        if word & 0xFFFF == RETURN:
            break
        size = 4 if word & 3 == 3 else 2
        at += size
        if size == 4 and word & 0x7F == SYSTEM and word >> 12 & 7 != 0:
            found.append(address + at)
    return found


def test_no_two_blocks_share_a_slot() -> None:
    with kernel.ensure().open("rb") as file:
        elf = ELFFile(file)
        text = elf.get_section_by_name(".text")
        found = []
        for name in ("enter_user_mode", "trap_entry"):
            symbol = elf.get_section_by_name(".symtab").get_symbol_by_name(name)[0]
            start = symbol["st_value"] - text["sh_addr"]
            found += blocks(symbol["st_value"], text.data()[start : start + symbol["st_size"]])
    assert len(found) == 8
    shared = {number: count for number, count in Counter(map(slot, found)).items() if count > 1}
    assert not shared, [hex(address) for address in found if slot(address) in shared]
