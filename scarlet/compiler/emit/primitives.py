"""The C text of primitive operations (ir.Prim) that need no more than their operands."""
# ruff: noqa: E501  (C text and tables)

SIMPLE: dict[str, str] = {
    "add": "(uint64_t)({0}) + (uint64_t)({1})", "sub": "(uint64_t)({0}) - (uint64_t)({1})", "mul": "(uint64_t)({0}) * (uint64_t)({1})",
    "and": "({0}) & ({1})", "or": "({0}) | ({1})", "xor": "({0}) ^ ({1})", "invert": "~({0})", "not": "!({0})", "nonzero": "({0}) != 0",
    "eq": "({0}) == ({1})", "ne": "({0}) != ({1})", "lt": "({0}) < ({1})", "le": "({0}) <= ({1})", "gt": "({0}) > ({1})", "ge": "({0}) >= ({1})",
    "eq_su": "(int64_t)({0}) >= 0 && (uint64_t)({0}) == ({1})", "ne_su": "(int64_t)({0}) < 0 || (uint64_t)({0}) != ({1})",
    "lt_su": "(int64_t)({0}) < 0 || (uint64_t)({0}) < ({1})", "le_su": "(int64_t)({0}) < 0 || (uint64_t)({0}) <= ({1})",
    "gt_su": "(int64_t)({0}) >= 0 && (uint64_t)({0}) > ({1})", "ge_su": "(int64_t)({0}) >= 0 && (uint64_t)({0}) >= ({1})",
    "eq_us": "(int64_t)({1}) >= 0 && (uint64_t)({1}) == ({0})", "ne_us": "(int64_t)({1}) < 0 || (uint64_t)({1}) != ({0})",
    "lt_us": "(int64_t)({1}) >= 0 && ({0}) < (uint64_t)({1})", "le_us": "(int64_t)({1}) >= 0 && ({0}) <= (uint64_t)({1})",
    "gt_us": "(int64_t)({1}) < 0 || ({0}) > (uint64_t)({1})", "ge_us": "(int64_t)({1}) < 0 || ({0}) >= (uint64_t)({1})",
    "shl_wrap": "(uint64_t)({1}) > 63 ? 0UL : (uint64_t)({0}) << ((uint64_t)({1}) & 63)",
    "range_more": "({2}) > 0 ? ({0}) < ({1}) : ({0}) > ({1})", "range_next": "range_next({0}, {1}, {2})", "range_count": "range_count({0}, {1}, {2})",
    "is_null": "({0}) == 0", "not_null": "({0}) != 0", "same": "(const void *)({0}) == (const void *)({1})",
    "identity_hash": "(int64_t)((uint64_t)({0}) >> 4)", "address": "(uint64_t)({0})",
    "class_of": "((Obj *)({0}))->type", "same_class": "((Obj *)({0}))->type == ((Obj *)({1}))->type",
    "refcount": "((Obj *)({0}))->rc & COUNT",
    "site_line": "({0}) ? (int64_t)((const Site *)({0}))->line : 0",
    "likely": "LIKELY({0})", "unlikely": "UNLIKELY({0})",
    "load8": "*(const uint8_t *)({0})", "load16": "*(const u16u *)({0})", "load32": "*(const u32u *)({0})", "load64": "*(const u64u *)({0})",
    "load16be": "__builtin_bswap16(*(const u16u *)({0}))", "load32be": "__builtin_bswap32(*(const u32u *)({0}))", "load64be": "__builtin_bswap64(*(const u64u *)({0}))",
    "mmio_read8": "*(volatile uint8_t *)({0})", "mmio_read16": "*(volatile uint16_t *)({0})", "mmio_read32": "*(volatile uint32_t *)({0})",
    "mmio_read64": "*(volatile uint64_t *)({0})", "memcmp": "memcmp((const void *)({0}), (const void *)({1}), {2})",
    "frame_pointer": "(uint64_t)__builtin_frame_address(0)", "return_address": "(uint64_t)__builtin_return_address(0)",
}  # fmt: skip
"""Expressions; the result is cast to the target's type."""

STATEMENTS: dict[str, str] = {
    "incref": "scarlet_xincref((Obj *)({0}));", "decref": "scarlet_xdecref((Obj *)({0}));",
    "make_immortal": "((Obj *)({0}))->rc = IMMORTAL;", "mark_weak": "if ((int64_t)((Obj *)({0}))->rc >= 0) ((Obj *)({0}))->rc |= WEAK;",
    "store8": "*(uint8_t *)({0}) = {1};", "store16": "*(u16u *)({0}) = {1};", "store32": "*(u32u *)({0}) = {1};", "store64": "*(u64u *)({0}) = {1};",
    "store16be": "*(u16u *)({0}) = __builtin_bswap16({1});", "store32be": "*(u32u *)({0}) = __builtin_bswap32({1});",
    "store64be": "*(u64u *)({0}) = __builtin_bswap64({1});",
    "mmio_write8": "*(volatile uint8_t *)({0}) = {1};", "mmio_write16": "*(volatile uint16_t *)({0}) = {1};", "mmio_write32": "*(volatile uint32_t *)({0}) = {1};",
    "mmio_write64": "*(volatile uint64_t *)({0}) = {1};",
    "memcpy": "memcpy((void *)({0}), (const void *)({1}), {2});", "memmove": "memmove((void *)({0}), (const void *)({1}), {2});",
    "memset": "memset((void *)({0}), (int)({1}), {2});",
    "fence": '__asm__ volatile("fence rw, rw" ::: "memory");', "fence_io": '__asm__ volatile("fence iorw, iorw" ::: "memory");',
    "fence_i": '__asm__ volatile(".word 0x0000100f" ::: "memory");', "wfi": '__asm__ volatile("wfi" ::: "memory");',
    "sfence_vma_all": '__asm__ volatile("sfence.vma" ::: "memory");',
    "sfence_vma": '__asm__ volatile("sfence.vma %0, %1" :: "r"({0}), "r"({1}) : "memory");',
    "sfence_vma_address": '__asm__ volatile("sfence.vma %0, zero" :: "r"({0}) : "memory");',
    "sfence_vma_asid": '__asm__ volatile("sfence.vma zero, %0" :: "r"({0}) : "memory");',
    "compiler_barrier": '__asm__ volatile("" ::: "memory");', "trap": "__builtin_trap();",
    "set_hart_pointer": '__asm__ volatile("mv tp, %0" :: "r"({0}) : "memory");',
    "rdtime": '__asm__ volatile("rdtime %0" : "=r"({d}));', "rdcycle": '__asm__ volatile("rdcycle %0" : "=r"({d}));',
    "rdinstret": '__asm__ volatile("rdinstret %0" : "=r"({d}));', "stack_pointer": '__asm__ volatile("mv %0, sp" : "=r"({d}));',
    "hart_pointer": '__asm__ volatile("mv %0, tp" : "=r"({d}));',
    "csr_read": '__asm__ volatile("csrr %0, {t}" : "=r"({d}) :: "memory");', "csr_write": '__asm__ volatile("csrw {t}, %0" :: "r"({0}) : "memory");',
    "csr_set": '__asm__ volatile("csrs {t}, %0" :: "r"({0}) : "memory");', "csr_clear": '__asm__ volatile("csrc {t}, %0" :: "r"({0}) : "memory");',
    "csr_swap": '__asm__ volatile("csrrw %0, {t}, %1" : "=r"({d}) : "r"({0}) : "memory");',
    "csr_read_set": '__asm__ volatile("csrrs %0, {t}, %1" : "=r"({d}) : "r"({0}) : "memory");',
    "csr_read_clear": '__asm__ volatile("csrrc %0, {t}, %1" : "=r"({d}) : "r"({0}) : "memory");',
    "resurrect_weak": "{d} = ((Obj *)({0}))->rc & COUNT ? (scarlet_incref((Obj *)({0})), 1) : 0;",
    "linux_call": "{{ register uint64_t r7 __asm__(\"a7\") = {0}; register uint64_t r0 __asm__(\"a0\") = {1}; register uint64_t r1 __asm__(\"a1\") = {2};"
    " register uint64_t r2 __asm__(\"a2\") = {3}; register uint64_t r3 __asm__(\"a3\") = {4}; register uint64_t r4 __asm__(\"a4\") = {5}; register uint64_t r5 __asm__(\"a5\") = {6};"
    " __asm__ volatile(\"ecall\" : \"+r\"(r0) : \"r\"(r7), \"r\"(r1), \"r\"(r2), \"r\"(r3), \"r\"(r4), \"r\"(r5) : \"memory\"); {d} = (int64_t)r0; }}",
    "native_call": "{{ register uint64_t r7 __asm__(\"a7\") = {0}; register uint64_t r0 __asm__(\"a0\") = {1}; register uint64_t r1 __asm__(\"a1\") = {2};"
    " register uint64_t r2 __asm__(\"a2\") = {3}; register uint64_t r3 __asm__(\"a3\") = {4}; register uint64_t r4 __asm__(\"a4\") = {5}; register uint64_t r5 __asm__(\"a5\") = {6};"
    " __asm__ volatile(\"ecall\" : \"+r\"(r0), \"+r\"(r1) : \"r\"(r7), \"r\"(r2), \"r\"(r3), \"r\"(r4), \"r\"(r5) : \"memory\"); {d}.f0 = (int64_t)r0; {d}.f1 = r1; }}",
    "sbi_call": "{{ register uint64_t r7 __asm__(\"a7\") = {0}; register uint64_t r6 __asm__(\"a6\") = {1}; register uint64_t r0 __asm__(\"a0\") = {2};"
    " register uint64_t r1 __asm__(\"a1\") = {3}; register uint64_t r2 __asm__(\"a2\") = {4}; register uint64_t r3 __asm__(\"a3\") = {5};"
    " register uint64_t r4 __asm__(\"a4\") = {6}; register uint64_t r5 __asm__(\"a5\") = {7};"
    " __asm__ volatile(\"ecall\" : \"+r\"(r0), \"+r\"(r1) : \"r\"(r7), \"r\"(r6), \"r\"(r2), \"r\"(r3), \"r\"(r4), \"r\"(r5) : \"memory\");"
    " {d}.f0 = (int64_t)r0; {d}.f1 = r1; }}",
    "atomic_store": "__atomic_store_n(({p})({0}), {1}, __ATOMIC_RELEASE);",
    "atomic_load": "{d} = __atomic_load_n(({p})({0}), __ATOMIC_ACQUIRE);", "atomic_swap": "{d} = __atomic_exchange_n(({p})({0}), {1}, __ATOMIC_SEQ_CST);",
    "atomic_add": "{d} = __atomic_fetch_add(({p})({0}), {1}, __ATOMIC_SEQ_CST);", "atomic_or": "{d} = __atomic_fetch_or(({p})({0}), {1}, __ATOMIC_SEQ_CST);",
    "atomic_and": "{d} = __atomic_fetch_and(({p})({0}), {1}, __ATOMIC_SEQ_CST);",
    "atomic_compare_swap": "{{ __typeof__({1}) expected = {1}; {d} = __atomic_compare_exchange_n(({p})({0}), &expected, {2}, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }}",
}  # fmt: skip
"""Statements: {d} the target, {t} the literal text, {p} the pointer type of the first operand's items."""
