"""The C text every generated file begins with: object headers, reference counts, integer helpers."""
# ruff: noqa: E501  (C text and tables)

PRELUDE = r"""
typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned int uint32_t; typedef unsigned long uint64_t;
typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long int64_t; typedef _Bool bool;
typedef struct Obj Obj; typedef struct Type Type; typedef struct Closure Closure;
struct Obj { uint64_t rc; const Type *type; };
struct Closure { uint64_t rc; const Type *type; uint64_t code; };
struct Type { uint64_t size; void (*drop)(Obj *); const void *name; const void *fullname; const Type *display[8]; const void *slots[]; };
typedef struct { const void *file; uint64_t line; } Site;
#define IMMORTAL 0x8000000000000000UL
#define WEAK 0x4000000000000000UL
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define INLINE static inline __attribute__((unused))
/* scarlet_release keeps all registers but t0 and t1: a caller's values stay where they are. */
INLINE void scarlet_decref(Obj *o) { register Obj *a __asm__("a0") = o; __asm__ volatile("call scarlet_release" : "+r"(a) :: "ra", "t0", "t1", "memory"); }
INLINE void scarlet_xdecref(Obj *o) { if (o) scarlet_decref(o); }
INLINE void scarlet_incref(Obj *o) { uint64_t c = o->rc; if (LIKELY((int64_t)c >= 0)) o->rc = c + 1; }
INLINE void scarlet_xincref(Obj *o) { if (o) scarlet_incref(o); }
#define SHR_S(a, c) ((uint64_t)(c) > 63 ? ((int64_t)(a) < 0 ? -1L : 0L) : (int64_t)(a) >> (uint64_t)(c))
#define SHR_U(a, c) ((uint64_t)(c) > 63 ? 0UL : (uint64_t)(a) >> (uint64_t)(c))
INLINE int64_t floordiv_s(int64_t a, int64_t b) { int64_t q = a / b; return (a % b != 0) && ((a < 0) != (b < 0)) ? q - 1 : q; }
INLINE int64_t floormod_s(int64_t a, int64_t b) { if (b == -1) return 0; int64_t r = a % b; return r != 0 && ((r < 0) != (b < 0)) ? r + b : r; }
INLINE int64_t range_next(int64_t i, int64_t step, int64_t stop) { int64_t r; return __builtin_add_overflow(i, step, &r) ? stop : r; }
INLINE int64_t range_count(int64_t a, int64_t b, int64_t s) { return s > 0 ? (a < b ? (int64_t)(((uint64_t)b - (uint64_t)a - 1) / (uint64_t)s + 1) : 0) : (a > b ? (int64_t)(((uint64_t)a - (uint64_t)b - 1) / (0 - (uint64_t)s) + 1) : 0); }
typedef uint16_t __attribute__((aligned(1), may_alias)) u16u; typedef uint32_t __attribute__((aligned(1), may_alias)) u32u; typedef uint64_t __attribute__((aligned(1), may_alias)) u64u;
void *memcpy(void *, const void *, unsigned long); void *memmove(void *, const void *, unsigned long); void *memset(void *, int, unsigned long);
int memcmp(const void *, const void *, unsigned long); void scarlet_run_initialisers(void);
"""

SAVED = ("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t2", "t3", "t4", "t5", "t6")
"""What scarlet_release keeps for its caller while it ends an object."""

SUPPORT = f"""
__asm__(".pushsection .text.scarlet_release,\\"ax\\",@progbits\\n.p2align 2\\n.globl scarlet_release\\n.type scarlet_release, @function\\nscarlet_release:\\n"
    "ld t0, 0(a0)\\n bltz t0, 1f\\n addi t0, t0, -1\\n sd t0, 0(a0)\\n slli t1, t0, 2\\n beqz t1, 2f\\n 1: ret\\n"
    "2: addi sp, sp, -128\\n sd ra, 120(sp)\\n sd s0, 112(sp)\\n addi s0, sp, 128\\n"
    "{' '.join(f'sd {reg}, {8 * index}(sp)' + chr(92) + 'n' for index, reg in enumerate(SAVED))}"
    "ld t0, 8(a0)\\n ld t0, 8(t0)\\n jalr t0\\n"
    "{' '.join(f'ld {reg}, {8 * index}(sp)' + chr(92) + 'n' for index, reg in enumerate(SAVED))}"
    "ld s0, 112(sp)\\n ld ra, 120(sp)\\n addi sp, sp, 128\\n ret\\n"
    ".size scarlet_release, . - scarlet_release\\n.popsection\\n");
"""
"""Reference counting out of line: the one function that ends objects."""
