"""The vDSO: the shared object that the Linux ABI maps into every program, made here and kept as bytes in vdso_image.py.

It is a real ELF file of one page with a dynamic symbol table, a System V hash table and the version LINUX_4.15, so
that glibc, musl and Go find its functions (vdso(7), "riscv functions"). The page before it is the data page, which
the kernel writes and the functions read (VvarLayout). clock_gettime and gettimeofday read the `time` register and
scale it, without a trap; the others are the plain system call, as on Linux.

Linux unwinders recognise a signal frame by the two instructions of __vdso_rt_sigreturn (`li a7, 139; ecall`), which
therefore must stay as they are.
"""

import struct

from scarlet.cli.assembler import Code

PAGE = 4096
VERSION = "LINUX_4.15"
SONAME = "linux-vdso.so.1"

# The data page, one page below the image. All fields are 64 bits.
SEQUENCE = 0
"""Odd while the kernel writes the page, changed by every write: a reader that met a change reads again."""
MULTIPLIER = 8
"""Nanoseconds a tick, times 2 to the 32; 0 when the time register cannot be read in user mode."""
REALTIME = 16
"""Added to the scaled ticks: nanoseconds since 1970."""
MONOTONIC = 24
"""Added to the scaled ticks: nanoseconds since boot."""

REALTIME_CLOCKS = 1 << 0 | 1 << 5 | 1 << 11
"""CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI (clock_gettime(2); no leap seconds are known, so TAI equals UTC)."""
MONOTONIC_CLOCKS = 1 << 1 | 1 << 4 | 1 << 6 | 1 << 7
"""CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME."""

NR_RT_SIGRETURN = 139
NR_CLOCK_GETTIME = 113
NR_CLOCK_GETRES = 114
NR_GETTIMEOFDAY = 169
NR_GETCPU = 168
NR_RISCV_HWPROBE = 258
NR_RISCV_FLUSH_ICACHE = 259


def _system_call(code: Code, number: int) -> None:
    code.li("a7", number)
    code.ecall()


def _read_clock(code: Code, again: str, fallback: str) -> None:
    """t1 = nanoseconds of the clock whose offset field is at t6; the data page is at t0. Clobbers a2 to a6, t2."""
    code.label(again)
    code.ld("a4", SEQUENCE, "t0")
    code.andi("a5", "a4", 1)
    code.bnez("a5", again)
    code.fence_read_read()
    code.ld("a3", MULTIPLIER, "t0")
    code.beqz("a3", fallback)
    code.ld("a6", 0, "t6")
    code.rdtime("a2")
    code.fence_read_read()
    code.ld("a5", SEQUENCE, "t0")
    code.bne("a4", "a5", again)
    code.mulhu("t1", "a2", "a3")
    code.mul("t2", "a2", "a3")
    code.srli("t2", "t2", 32)
    code.slli("t1", "t1", 32)
    code.or_("t1", "t1", "t2")
    code.add("t1", "t1", "a6")


def _split_seconds(code: Code) -> None:
    """t3 = seconds, t4 = nanoseconds of the t1 nanoseconds."""
    code.li("t2", 1_000_000_000)
    code.divu("t3", "t1", "t2")
    code.remu("t4", "t1", "t2")


def _clock_gettime(code: Code) -> None:
    """int __vdso_clock_gettime(clockid_t a0, struct timespec *a1)"""
    code.li("t2", 12)
    code.bltu("a0", "t2", "known_clock")
    code.label("call_clock_gettime")
    _system_call(code, NR_CLOCK_GETTIME)
    code.ret()
    code.label("known_clock")
    code.la("t0", -PAGE)
    code.addi("t6", "t0", REALTIME)
    code.li("t3", 1)
    code.sll("t3", "t3", "a0")
    code.li("t4", REALTIME_CLOCKS)
    code.and_("t4", "t3", "t4")
    code.bnez("t4", "read_clock")
    code.addi("t6", "t0", MONOTONIC)
    code.andi("t4", "t3", MONOTONIC_CLOCKS)
    code.beqz("t4", "call_clock_gettime")
    _read_clock(code, "read_clock", "call_clock_gettime")
    _split_seconds(code)
    code.sd("t3", 0, "a1")
    code.sd("t4", 8, "a1")
    code.li("a0", 0)
    code.ret()


def _gettimeofday(code: Code) -> None:
    """int __vdso_gettimeofday(struct timeval *a0, struct timezone *a1): a time zone or no timeval is the kernel's business."""
    code.beqz("a0", "call_gettimeofday")
    code.beqz("a1", "only_timeval")
    code.label("call_gettimeofday")
    _system_call(code, NR_GETTIMEOFDAY)
    code.ret()
    code.label("only_timeval")
    code.la("t0", -PAGE)
    code.addi("t6", "t0", REALTIME)
    _read_clock(code, "read_time_of_day", "call_gettimeofday")
    _split_seconds(code)
    code.li("t2", 1000)
    code.divu("t4", "t4", "t2")
    code.sd("t3", 0, "a0")
    code.sd("t4", 8, "a0")
    code.li("a0", 0)
    code.ret()


def assemble() -> tuple[Code, list[str]]:
    """The functions, and the names of those that are exported, in the order of the code."""
    code = Code()
    code.label("__vdso_rt_sigreturn")
    _system_call(code, NR_RT_SIGRETURN)
    for name, number in (
        ("__vdso_clock_getres", NR_CLOCK_GETRES),
        ("__vdso_getcpu", NR_GETCPU),
        ("__vdso_flush_icache", NR_RISCV_FLUSH_ICACHE),
        ("__vdso_riscv_hwprobe", NR_RISCV_HWPROBE),
    ):
        code.label(name)
        _system_call(code, number)
        code.ret()
    code.label("__vdso_clock_gettime")
    _clock_gettime(code)
    code.label("__vdso_gettimeofday")
    _gettimeofday(code)
    return code, [name for name in code.labels if name.startswith("__vdso_")]


# --- the ELF file: System V ABI, chapters 4 and 5; versions: Linux Standard Base, "Symbol Versioning" -----------------------

ET_DYN, EM_RISCV, EV_CURRENT = 3, 243, 1
EF_RISCV_RVC_DOUBLE_FLOAT = 0x5
PT_LOAD, PT_DYNAMIC = 1, 2
PF_X, PF_R = 1, 4
DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_SONAME = 4, 5, 6, 10, 11, 14
DT_VERSYM, DT_VERDEF, DT_VERDEFNUM = 0x6FFFFFF0, 0x6FFFFFFC, 0x6FFFFFFD
STB_GLOBAL_STT_FUNC = 1 << 4 | 2
VER_FLG_BASE = 1
SECTION = 1
"""Any section number but 0: the symbol is defined. There are no section headers."""


def system_v_hash(name: str) -> int:
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high
    return value & 0xFFFFFFFF


def _hash_table(names: list[str]) -> bytes:
    """One bucket: every chain begins at symbol 1 and runs through all of them."""
    count = len(names) + 1
    chain = [0] + [index + 1 for index in range(1, count - 1)] + [0]
    return struct.pack(f"<{3 + count}I", 1, count, 1, *chain)


def _version_definitions(strings: "Strings") -> bytes:
    """Two entries, 28 bytes each: the file itself (index 1) and LINUX_4.15 (index 2)."""
    out = b""
    for index, (name, flags, following) in enumerate([(SONAME, VER_FLG_BASE, 28), (VERSION, 0, 0)], 1):
        out += struct.pack("<HHHHIII", 1, flags, index, 1, system_v_hash(name), 20, following)
        out += struct.pack("<II", strings.add(name), 0)
    return out


class Strings:
    """A string table."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def build() -> tuple[bytes, int]:
    """The image (one page at most) and the offset of __vdso_rt_sigreturn in it."""
    code, names = assemble()
    strings = Strings()
    soname = strings.add(SONAME)
    symbol_names = [strings.add(name) for name in names]
    verdef = _version_definitions(strings)
    hash_table = _hash_table(names)
    versym = struct.pack(f"<{len(names) + 1}H", 0, *[2] * len(names))

    offset = 64 + 2 * 56
    places: dict[str, int] = {}
    for part, size in (
        ("dynamic", 10 * 16),
        ("symbols", 24 * (len(names) + 1)),
        ("hash", len(hash_table)),
        ("versym", len(versym)),
        ("verdef", len(verdef)),
        ("strings", len(strings.data)),
        ("code", 4 * len(code.words)),
    ):
        offset = (offset + 15) & ~15
        places[part] = offset
        offset += size
    if offset > PAGE:
        raise ValueError("the vDSO is larger than its page")

    machine_code = code.bytes(places["code"])
    ends = [code.labels[name] for name in names[1:]] + [len(machine_code)]
    symbols = bytes(24)
    for name, name_offset, end in zip(names, symbol_names, ends):
        start = code.labels[name]
        symbols += struct.pack("<IBBHQQ", name_offset, STB_GLOBAL_STT_FUNC, 0, SECTION, places["code"] + start, end - start)
    dynamic = b"".join(
        struct.pack("<QQ", tag, value)
        for tag, value in (
            (DT_SONAME, soname),
            (DT_HASH, places["hash"]),
            (DT_STRTAB, places["strings"]),
            (DT_SYMTAB, places["symbols"]),
            (DT_STRSZ, len(strings.data)),
            (DT_SYMENT, 24),
            (DT_VERSYM, places["versym"]),
            (DT_VERDEF, places["verdef"]),
            (DT_VERDEFNUM, 2),
            (0, 0),
        )
    )
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01", ET_DYN, EM_RISCV, EV_CURRENT, places["code"], 64, 0, EF_RISCV_RVC_DOUBLE_FLOAT, 64, 56, 2, 64, 0, 0,
    )  # fmt: skip
    segments = struct.pack("<IIQQQQQQ", PT_LOAD, PF_R | PF_X, 0, 0, 0, offset, offset, PAGE)
    segments += struct.pack("<IIQQQQQQ", PT_DYNAMIC, PF_R, places["dynamic"], places["dynamic"], places["dynamic"], 160, 160, 8)

    image = bytearray(offset)
    image[: len(header + segments)] = header + segments
    for part, data in (
        ("dynamic", dynamic), ("symbols", symbols), ("hash", hash_table), ("versym", versym),
        ("verdef", verdef), ("strings", strings.data), ("code", machine_code),
    ):  # fmt: skip
        image[places[part] : places[part] + len(data)] = data
    return bytes(image), places["code"] + code.labels["__vdso_rt_sigreturn"]


def source() -> str:
    """The text of abi_modules/linux_riscv64/vdso_image.py."""
    image, sigreturn = build()
    rows = [image[start : start + 32] for start in range(0, len(image), 32)]
    literal = "\n".join('    b"' + "".join(f"\\x{byte:02x}" for byte in row) + '"' for row in rows)
    return f'''"""The vDSO as bytes. Generated by `scarlet abi generate` from scarlet/cli/vdso.py; do not edit."""

from typing import Final

SIGRETURN_OFFSET: Final = {sigreturn}
"""Where __vdso_rt_sigreturn lies in the image."""

DATA_SEQUENCE: Final = {SEQUENCE}
DATA_MULTIPLIER: Final = {MULTIPLIER}
DATA_REALTIME: Final = {REALTIME}
DATA_MONOTONIC: Final = {MONOTONIC}
"""Offsets of the fields of the data page."""

IMAGE: Final = (
{literal}
)
'''


if __name__ == "__main__":
    print(source())
