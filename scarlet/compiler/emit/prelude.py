"""The C text every generated file begins with: object headers, reference counts, integer helpers."""
# ruff: noqa: E501  (C text and tables)

PRELUDE = r"""
typedef unsigned char uint8_t; typedef unsigned short uint16_t; typedef unsigned int uint32_t; typedef unsigned long uint64_t;
typedef signed char int8_t; typedef short int16_t; typedef int int32_t; typedef long int64_t; typedef _Bool bool;
typedef struct Obj Obj; typedef struct Type Type; typedef struct Closure Closure;
struct Obj { uint64_t rc; const Type *type; };
struct Closure { uint64_t rc; const Type *type; uint64_t code; };
struct Type { uint64_t size; void (*drop)(Obj *); uint64_t *free; const void *name; const void *fullname; const Type *display[8]; const void *slots[]; };
typedef struct { const void *file; uint64_t line; } Site;
#define IMMORTAL 0x8000000000000000UL
#define WEAK 0x4000000000000000UL
#define ENDED 0x2000000000000000UL
#define COUNT 0x1fffffffffffffffUL
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
/* Without debug information, which would take as much time as the code: what is inlined keeps the line that it is called from. */
#define HIDDEN __attribute__((nodebug))
#define INLINE static inline __attribute__((unused, nodebug))
/* None of these is a call to the C compiler: what they call takes its object in t1, returns through t0 and keeps all registers but t0 to t3, so that a function
   that makes no other call needs no frame. An indirect jump costs an emulator as much as ten other instructions: only the last reference to go makes a call. */
INLINE void scarlet_decref(Obj *o) { __asm__ volatile(
    "ld t2, 0(%0)\n bltz t2, 1f\n addi t2, t2, -1\n sd t2, 0(%0)\n slli t3, t2, 3\n bnez t3, 1f\n mv t1, %0\n call t0, scarlet_reclaim\n1:"
    :: "r"(o) : "t0", "t1", "t2", "t3", "memory"); }
/* The same where something went wrong: there size is what counts. */
INLINE void scarlet_decref_rare(Obj *o) { register Obj *a __asm__("t1") = o; __asm__ volatile("call t0, scarlet_release" : "+r"(a) :: "t0", "t2", "t3", "memory"); }
typedef struct { uint64_t v; Obj *e; } Cold;
INLINE Cold scarlet_cold(uint64_t code, uint64_t argument) {
    register uint64_t a __asm__("a0") = argument; register uint64_t b __asm__("a1"); register uint64_t c __asm__("t1") = code;
    __asm__ volatile("call t0, scarlet_cold_call" : "+r"(a), "=r"(b), "+r"(c) :: "t0", "t2", "memory");
    return (Cold){ a, (Obj *)b };
}
#define scarlet_call_changing_all(function, argument) ({ register uint64_t a __asm__("a0") = argument; __asm__ volatile("call " #function : "+r"(a) :: \
    "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5", "a6", "a7", \
    "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory"); a; })
INLINE void scarlet_xdecref(Obj *o) { if (o) scarlet_decref(o); }
INLINE void scarlet_xdecref_rare(Obj *o) { if (o) scarlet_decref_rare(o); }
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

CALLER_SAVED = ("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t3", "t4", "t5", "t6")
"""Besides t0 to t2: what a C function may change."""


def _assembly(name: str, text: str) -> str:
    lines = "".join(f'    "{line.strip()}\\n"\n' for line in text.strip().splitlines())
    return f'__asm__(".pushsection .text.{name}, \\"ax\\", @progbits\\n.p2align 2\\n.globl {name}\\n.type {name}, @function\\n{name}:\\n"\n{lines}    ".size {name}, . - {name}\\n.popsection\\n");\n'


def _move(instruction: str, registers: tuple[str, ...]) -> str:
    return "\n".join(f"{instruction} {register}, {8 * index}(sp)" for index, register in enumerate(registers))


DEEP = 40
"""How many ends of objects may lie within each other on the stack."""

RELEASE = f"""
ld t2, 0(t1)
bltz t2, 1f
addi t2, t2, -1
sd t2, 0(t1)
slli t3, t2, 3
beqz t3, scarlet_reclaim
1: jr t0
.globl scarlet_reclaim
scarlet_reclaim:
bnez t2, 4f
ld t3, 8(t1)
ld t2, 16(t3)
beqz t2, 4f
andi t2, t2, 1
bnez t2, 3f
ld t2, 16(t3)
ld t3, 0(t2)
sd t3, 0(t1)
sd t1, 0(t2)
jr t0
3: ld t2, 16(t1)
ld t3, 0(t3)
add t2, t2, t3
addi t2, t2, -512
bgtz t2, 4f
addi t2, t2, 527
srli t2, t2, 4
slli t2, t2, 3
ld t3, 8(t1)
ld t3, 16(t3)
add t2, t2, t3
ld t3, -1(t2)
sd t3, 0(t1)
sd t1, -1(t2)
jr t0
4: addi sp, sp, -128
{_move("sd", CALLER_SAVED)}
sd ra, 96(sp)
sd t0, 120(sp)
sd s0, 112(sp)
addi s0, sp, 128
mv a0, t1
lla a1, scarlet_depth
lw a2, 0(a1)
li a3, {DEEP}
bge a2, a3, 5f
addi a2, a2, 1
sw a2, 0(a1)
ld a3, 8(a0)
ld a3, 8(a3)
jalr a3
lla a1, scarlet_depth
lw a2, 0(a1)
addi a2, a2, -1
sw a2, 0(a1)
j 6f
5: call scarlet_end_deep
6:
{_move("ld", CALLER_SAVED)}
ld ra, 96(sp)
ld s0, 112(sp)
ld t0, 120(sp)
addi sp, sp, 128
jr t0
"""
"""One reference less to the object at t1; the last one ends it: scarlet_reclaim, with the count, which may keep flags (it has weak
references; its __del__ has run), in t2. What has no more to do at its end than to give its memory back, and no weak references, is freed on
the spot: `Type.free` (at 16) is the head of its free list, or, odd, the array of all heads for a str or bytes, whose payload is as long as
its first field says. Others are ended by `Type.drop` (at 8)."""

COLD_CALL = f"""
addi sp, sp, -16
sd ra, 8(sp)
sd s0, 0(sp)
addi s0, sp, 16
addi sp, sp, -112
sd t0, 104(sp)
sd s0, 96(sp)
addi s0, sp, 112
{_move("sd", CALLER_SAVED[2:])}
jalr t1
{_move("ld", CALLER_SAVED[2:])}
ld t0, 104(sp)
addi sp, sp, 112
ld s0, 0(sp)
ld ra, 8(sp)
addi sp, sp, 16
jr t0
"""
"""Call the function at t1 with a0; two frame records, because the caller may have none."""

FREED_AT_ONCE = 512
"""The largest object that RELEASE frees itself: the heap serves them from lists by multiples of 16 bytes (SMALL_LIMIT, runtime/heap.py)."""

END = """
__attribute__((used)) int scarlet_depth;
static Obj *scarlet_waiting; static int scarlet_draining;
__attribute__((used)) void scarlet_end_deep(Obj *o) {
    if (o->rc != 0) { o->type->drop(o); return; }
    o->rc = (uint64_t)scarlet_waiting;
    scarlet_waiting = o;
    if (scarlet_draining) return;
    scarlet_draining = 1;
    while (scarlet_waiting) { Obj *n = scarlet_waiting; scarlet_waiting = (Obj *)n->rc; n->rc = 0; n->type->drop(n); }
    scarlet_draining = 0;
}
"""
"""End an object {DEEP} levels deep inside the ends of others: it waits in a list (through the count, which is 0), so that a long chain does not
overflow the stack; an object with a flag there does not wait. A destructor may sleep, hence `scarlet_draining`."""

SUPPORT = END + _assembly("scarlet_release", RELEASE) + _assembly("scarlet_cold_call", COLD_CALL)
