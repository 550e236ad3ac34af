"""The vDSO: an ELF file that C libraries accept, and functions that compute what the kernel's clock says."""

import io
import struct

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_RISCV, UC_HOOK_CODE, UC_HOOK_INTR, UC_MODE_RISCV64, Uc
from unicorn.riscv_const import (
    UC_RISCV_REG_A0,
    UC_RISCV_REG_A1,
    UC_RISCV_REG_A2,
    UC_RISCV_REG_A7,
    UC_RISCV_REG_PC,
    UC_RISCV_REG_RA,
)

from abi_modules.linux_riscv64.vdso_image import DATA_MONOTONIC, DATA_MULTIPLIER, DATA_REALTIME, DATA_SEQUENCE, IMAGE, SIGRETURN_OFFSET
from scarlet.cli.vdso import system_v_hash

NAMES = {
    "__vdso_rt_sigreturn",
    "__vdso_clock_gettime",
    "__vdso_gettimeofday",
    "__vdso_clock_getres",
    "__vdso_getcpu",
    "__vdso_flush_icache",
    "__vdso_riscv_hwprobe",
}
BASE = 0x10000
MEMORY = 0x40000
END = 0x50000
RDTIME_A2 = 0xC0102673


def symbols() -> dict[str, int]:
    dynamic = next(segment for segment in ELFFile(io.BytesIO(IMAGE)).iter_segments() if isinstance(segment, DynamicSegment))
    return {symbol.name: symbol["st_value"] for symbol in dynamic.iter_symbols() if symbol.name}


def test_elf_file_defines_the_functions() -> None:
    elf = ELFFile(io.BytesIO(IMAGE))
    assert elf["e_type"] == "ET_DYN" and elf["e_machine"] == "EM_RISCV" and len(IMAGE) <= 4096
    assert set(symbols()) == NAMES
    assert symbols()["__vdso_rt_sigreturn"] == SIGRETURN_OFFSET


def test_unwinders_recognise_the_signal_trampoline() -> None:
    assert IMAGE[SIGRETURN_OFFSET : SIGRETURN_OFFSET + 8] == struct.pack("<II", 0x08B00893, 0x00000073)


def dynamic_value(tag: str) -> int:
    dynamic = next(segment for segment in ELFFile(io.BytesIO(IMAGE)).iter_segments() if isinstance(segment, DynamicSegment))
    return next(entry.entry.d_val for entry in dynamic.iter_tags() if entry.entry.d_tag == tag)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_hash_table_leads_to_the_symbol(name: str) -> None:
    """As a dynamic linker looks it up: bucket, chain, name, version."""
    table, symtab, strtab = dynamic_value("DT_HASH"), dynamic_value("DT_SYMTAB"), dynamic_value("DT_STRTAB")
    buckets, _chains = struct.unpack_from("<II", IMAGE, table)
    index = struct.unpack_from("<I", IMAGE, table + 8 + 4 * (system_v_hash(name) % buckets))[0]
    while index:
        string = strtab + struct.unpack_from("<I", IMAGE, symtab + 24 * index)[0]
        if IMAGE[string : IMAGE.index(b"\0", string)] == name.encode():
            break
        index = struct.unpack_from("<I", IMAGE, table + 8 + 4 * buckets + 4 * index)[0]
    assert index
    assert struct.unpack_from("<H", IMAGE, dynamic_value("DT_VERSYM") + 2 * index)[0] == 2


def test_version_is_linux_4_15() -> None:
    """glibc looks for this hash, Go too."""
    verdef = dynamic_value("DT_VERDEF")
    following = struct.unpack_from("<I", IMAGE, verdef + 16)[0]
    assert struct.unpack_from("<I", IMAGE, verdef + following + 8)[0] == 0xAE77F75 == system_v_hash("LINUX_4.15")


class Caller:
    """Runs a function of the vDSO with a time register of our own."""

    def __init__(self, ticks: int, multiplier: int, realtime: int, monotonic: int = 0) -> None:
        self.uc = Uc(UC_ARCH_RISCV, UC_MODE_RISCV64)
        self.uc.mem_map(BASE - 0x1000, 0x2000)
        self.uc.mem_map(MEMORY, 0x1000)
        self.uc.mem_map(END, 0x1000)
        self.uc.mem_write(BASE, IMAGE)
        for offset, value in ((DATA_SEQUENCE, 2), (DATA_MULTIPLIER, multiplier), (DATA_REALTIME, realtime), (DATA_MONOTONIC, monotonic)):
            self.uc.mem_write(BASE - 0x1000 + offset, struct.pack("<Q", value))
        self.ticks = ticks
        self.system_call: int | None = None
        self.sequence_reads = 0
        self.uc.hook_add(UC_HOOK_CODE, self._code)
        self.uc.hook_add(UC_HOOK_INTR, self._interrupt)

    def _code(self, uc: Uc, address: int, size: int, _data: object) -> None:
        if struct.unpack("<I", uc.mem_read(address, 4))[0] == RDTIME_A2:
            uc.reg_write(UC_RISCV_REG_A2, self.ticks)
            uc.reg_write(UC_RISCV_REG_PC, address + 4)

    def _interrupt(self, uc: Uc, number: int, _data: object) -> None:
        self.system_call = uc.reg_read(UC_RISCV_REG_A7)
        uc.emu_stop()

    def call(self, name: str, a0: int, a1: int) -> int:
        self.uc.reg_write(UC_RISCV_REG_A0, a0)
        self.uc.reg_write(UC_RISCV_REG_A1, a1)
        self.uc.reg_write(UC_RISCV_REG_RA, END)
        self.uc.emu_start(BASE + symbols()[name], END, count=1000)
        return int(self.uc.reg_read(UC_RISCV_REG_A0))

    def pair(self) -> tuple[int, int]:
        return struct.unpack("<qq", self.uc.mem_read(MEMORY, 16))


TEN_MEGAHERTZ = 100 << 32


@pytest.mark.parametrize(
    ("clock", "expected"),
    [(0, (1_700_000_012, 345_678_900)), (5, (1_700_000_012, 345_678_900)), (11, (1_700_000_012, 345_678_900)),
     (1, (12, 345_678_900)), (4, (12, 345_678_900)), (6, (12, 345_678_900)), (7, (12, 345_678_900))],
)  # fmt: skip
def test_clock_gettime_scales_the_time_register(clock: int, expected: tuple[int, int]) -> None:
    caller = Caller(123_456_789, TEN_MEGAHERTZ, 1_700_000_000 * 10**9)
    assert caller.call("__vdso_clock_gettime", clock, MEMORY) == 0
    assert caller.system_call is None and caller.pair() == expected


def test_scaling_does_not_overflow_after_centuries() -> None:
    ticks = 10**7 * 86400 * 365 * 200
    caller = Caller(ticks, TEN_MEGAHERTZ, 0)
    assert caller.call("__vdso_clock_gettime", 1, MEMORY) == 0
    assert caller.pair() == (ticks // 10**7, 0)


@pytest.mark.parametrize("clock", [2, 3, 8, 9, 10, 12, 1 << 31, (1 << 64) - 6])
def test_other_clocks_are_the_system_call(clock: int) -> None:
    caller = Caller(1, TEN_MEGAHERTZ, 0)
    caller.call("__vdso_clock_gettime", clock, MEMORY)
    assert caller.system_call == 113


def test_without_a_readable_time_register_it_is_the_system_call() -> None:
    caller = Caller(1, 0, 0)
    caller.call("__vdso_clock_gettime", 0, MEMORY)
    assert caller.system_call == 113
    caller = Caller(1, 0, 0)
    caller.call("__vdso_gettimeofday", MEMORY, 0)
    assert caller.system_call == 169


def test_gettimeofday_gives_microseconds() -> None:
    caller = Caller(123_456_789, TEN_MEGAHERTZ, 1_700_000_000 * 10**9)
    assert caller.call("__vdso_gettimeofday", MEMORY, 0) == 0
    assert caller.pair() == (1_700_000_012, 345_678)


@pytest.mark.parametrize(
    ("name", "number"),
    [("__vdso_rt_sigreturn", 139), ("__vdso_clock_getres", 114), ("__vdso_getcpu", 168), ("__vdso_flush_icache", 259),
     ("__vdso_riscv_hwprobe", 258)],
)  # fmt: skip
def test_plain_functions_are_the_system_call(name: str, number: int) -> None:
    caller = Caller(0, 0, 0)
    caller.call(name, 0, 0)
    assert caller.system_call == number


def test_reader_waits_while_the_data_is_being_written() -> None:
    caller = Caller(1, TEN_MEGAHERTZ, 0)
    caller.uc.mem_write(BASE - 0x1000 + DATA_SEQUENCE, struct.pack("<Q", 3))
    caller.uc.reg_write(UC_RISCV_REG_A0, 1)
    caller.uc.reg_write(UC_RISCV_REG_A1, MEMORY)
    caller.uc.reg_write(UC_RISCV_REG_RA, END)
    caller.uc.emu_start(BASE + symbols()["__vdso_clock_gettime"], END, count=500)
    assert BASE <= caller.uc.reg_read(UC_RISCV_REG_PC) < BASE + 0x1000
