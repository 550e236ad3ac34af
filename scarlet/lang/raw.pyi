"""Raw memory and the machine: what the compiler gives to scarlet/runtime and scarlet/machine, and to nobody else.

Compiled only: there is no CPython twin. Nothing here is checked (a wrong address is a wrong address), everything is a few instructions.
Object references that cross this border follow one rule: a Ptr[T] slot of an object type owns one reference.
"""

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

from scarlet.lang.ints import i32, i64, u8, u16, u32, u64

T = TypeVar("T")
F = TypeVar("F")

# --- pointers -----------------------------------------------------------------------------------------------------------

class Ptr(Generic[T]):
    """An address that is read and written as elements of T: an integer, bool, Ptr, tuple, `X | None` or object reference.

    The element size is that of T (a reference is 8 bytes). Ptr itself is a plain value: copying one counts nothing.
    """

    def __init__(self, address: u64) -> None: ...
    @property
    def address(self) -> u64: ...
    @property
    def item_size(self) -> int:
        """sizeof(T), a compile-time constant (T may be a type variable)."""
    @property
    def counted(self) -> bool:
        """Whether T holds references (so that elements must be released); a compile-time constant."""
    def __getitem__(self, index: int) -> T:
        """Load element `index`; a reference is counted for whoever keeps it."""
    def __setitem__(self, index: int, value: T) -> None:
        """Store, releasing the reference that was there before."""
    def init(self, index: int, value: T) -> None:
        """Store into a slot that holds no reference yet."""
    def take(self, index: int) -> T:
        """Move the element out: its reference becomes the result's; the slot then holds garbage."""
    def drop(self, index: int) -> None:
        """Release the reference in the slot; the slot then holds garbage. Nothing for integers."""
    def __add__(self, elements: int) -> Ptr[T]: ...
    def __sub__(self, elements: int) -> Ptr[T]: ...
    def __bool__(self) -> bool:
        """False for address 0."""
    def __eq__(self, other: object) -> bool: ...

def sizeof(kind: type[T]) -> int:
    """Bytes of a value of that type in memory (an object reference: 8); compile-time constant."""

def static_bytes(size: int, align: int = 16) -> Ptr[u8]:
    """Zeroed static storage; only as the value of a module-level Final: `POOL: Final = static_bytes(4096)`."""

def symbol(name: str) -> u64:
    """The address of a linker symbol; `name` is a literal."""

def address_of(function: Callable[..., object]) -> u64:
    """The code address of a module-level function or naked function (its plain C entry: an exported one does not return errors)."""

def memcpy(target: Ptr[u8], source: Ptr[u8], count: u64) -> None: ...
def memmove(target: Ptr[u8], source: Ptr[u8], count: u64) -> None: ...
def memset(target: Ptr[u8], value: int, count: u64) -> None: ...
def memcmp(left: Ptr[u8], right: Ptr[u8], count: u64) -> int:
    """Below, equal to or above 0, as C's."""

# --- objects ------------------------------------------------------------------------------------------------------------
# An object is {u64 count; typeinfo *type} and then its fields in declared order, base class first.
# Count: bit 63 immortal (never counted), bit 62 weakly referenced (weakref.clear is called at its death), the rest the count.

def address(thing: object) -> u64:
    """The address of an object; counts nothing."""

def from_address(kind: type[T], address: u64) -> T:
    """The object at an address, as a new counted reference; the class is not checked."""

def adopt(kind: type[T], address: u64) -> T:
    """The object at an address whose reference is already counted for the caller (the reverse of `release_to_address`)."""

def release_to_address(thing: object) -> u64:
    """An address that keeps one counted reference until `adopt` takes it back."""

def unchecked_cast(kind: type[T], thing: object) -> T:
    """The same reference as another class; not checked."""

def allocate_trailing(kind: type[T], payload_bytes: u64) -> T:
    """A new object of that class with `payload_bytes` more bytes after its fields; fields are zero, __init__ is not run.

    The class must define `def __payload_size__(self) -> u64`, from which its size is known when it dies. MemoryError when out of memory.
    In a generic class, write the class with its parameters: allocate_trailing(Node[T], n)."""

def payload(thing: object) -> Ptr[u8]:
    """The first byte after the fields of an object made by allocate_trailing; its exact class must be known statically."""

def incref(thing: object) -> None: ...
def decref(thing: object) -> None: ...
def refcount(thing: object) -> u64: ...
def make_immortal(thing: object) -> None:
    """Never counted, never destroyed from now on."""

def mark_weak(thing: object) -> None:
    """Have scarlet.runtime.weakref.clear(address) called when the object dies, before its __del__'s fields go."""

def resurrect_weak(address: u64) -> bool:
    """Count one more reference of the object at `address` unless it is dying already (its count reached zero)."""

def class_name(thing: object) -> str:
    """The Python name of the object's real class."""

def same_class(left: object, right: object) -> bool:
    """Whether two objects have exactly the same class."""

def raise_file(error: BaseException) -> str:
    """The file that raised the exception, "" when unknown."""

def raise_line(error: BaseException) -> int:
    """The line that raised the exception, 0 when unknown."""

def less(left: T, right: T) -> bool:
    """Plain `left < right` once T is known; for containers, whose T mypy cannot be told to be ordered."""

# --- declarations -------------------------------------------------------------------------------------------------------

def inline(function: F) -> F:
    """Always inline this function into its callers, across modules."""

def noinline(function: F) -> F:
    """Never inline (cold paths)."""

def export(name: str, section: str = "") -> Callable[[F], F]:
    """Give a function this unmangled symbol and the plain C calling convention. An exception that leaves it goes to
    scarlet.machine.power.uncaught(error), which does not return."""

def naked(section: str = ".text", align: int = 4, symbol: str = "", keeps: bool = True) -> Callable[[F], F]:
    """A function without prologue whose body is its docstring, beginning with `asm:`. Arguments arrive in a0..a7, the result leaves in a0
    (a void function returns nothing). Its symbol is `symbol`, or else the function's name. `{SYMBOL}` of an exported function is just its
    name.
    With keeps=False it may change all registers but sp, s0, gp and tp: its caller, which gives it one word and gets one, keeps what it
    needs."""

def run_module_initialisers() -> None:
    """Run the top-level statements of all modules in import order, once. The kernel's boot calls it when its heap can work;
    a linux-user program has it called before its main module."""

# --- control ------------------------------------------------------------------------------------------------------------

def unreachable() -> NoReturn: ...
def trap() -> NoReturn:
    """Execute an illegal instruction."""

def likely(condition: bool) -> bool: ...
def unlikely(condition: bool) -> bool: ...
def frame_pointer() -> u64: ...
def return_address() -> u64: ...
def stack_pointer() -> u64: ...
def hart_pointer() -> u64:
    """The tp register."""

def set_hart_pointer(value: u64) -> None: ...

# --- privileged architecture --------------------------------------------------------------------------------------------
# CSR names are literals ("sstatus", "stimecmp", or a number as text, "0x14d").

def csr_read(name: str) -> u64: ...
def csr_write(name: str, value: u64) -> None: ...
def csr_set(name: str, bits: u64) -> None: ...
def csr_clear(name: str, bits: u64) -> None: ...
def csr_swap(name: str, value: u64) -> u64:
    """Write and give the old value in one instruction (csrrw)."""

def csr_read_set(name: str, bits: u64) -> u64:
    """Set bits and give the old value (csrrs)."""

def csr_read_clear(name: str, bits: u64) -> u64:
    """Clear bits and give the old value (csrrc): disabling interrupts and knowing whether they were on."""

def fence() -> None:
    """fence rw, rw"""

def fence_io() -> None:
    """fence iorw, iorw"""

def fence_i() -> None: ...
def sfence_vma_all() -> None: ...
def sfence_vma(address: u64, asid: u64) -> None: ...
def sfence_vma_address(address: u64) -> None: ...
def sfence_vma_asid(asid: u64) -> None: ...
def wfi() -> None: ...
def rdtime() -> u64: ...
def rdcycle() -> u64: ...
def rdinstret() -> u64: ...
def compiler_barrier() -> None: ...
def sbi_call(
    extension: u64, function: u64, a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, a4: u64 = 0, a5: u64 = 0
) -> tuple[i64, u64]:
    """An SBI call: (error, value)."""

def linux_call(number: u64, a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, a4: u64 = 0, a5: u64 = 0) -> i64:
    """A Linux system call of the linux-user target: the result, or minus the errno."""

def native_call(number: u64, a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, a4: u64 = 0, a5: u64 = 0) -> tuple[i64, u64]:
    """A call of Scarlet's native ABI: (status, value)."""

# --- memory-mapped I/O (volatile, exactly one access, not reordered by the compiler) ----------------------------------------

def mmio_read8(address: u64) -> u8: ...
def mmio_read16(address: u64) -> u16: ...
def mmio_read32(address: u64) -> u32: ...
def mmio_read64(address: u64) -> u64: ...
def mmio_write8(address: u64, value: u8) -> None: ...
def mmio_write16(address: u64, value: u16) -> None: ...
def mmio_write32(address: u64, value: u32) -> None: ...
def mmio_write64(address: u64, value: u64) -> None: ...

# --- plain loads and stores by address (may be misaligned) --------------------------------------------------------------

def load8(address: u64) -> u8: ...
def load16(address: u64) -> u16: ...
def load32(address: u64) -> u32: ...
def load64(address: u64) -> u64: ...
def store8(address: u64, value: u8) -> None: ...
def store16(address: u64, value: u16) -> None: ...
def store32(address: u64, value: u32) -> None: ...
def store64(address: u64, value: u64) -> None: ...

# --- atomics (sequentially consistent unless said otherwise; on naturally aligned u32, i32, u64, i64 words) -------------------

W = TypeVar("W", u32, i32, u64, i64)

def atomic_load(target: Ptr[W]) -> W:
    """acquire"""

def atomic_store(target: Ptr[W], value: W) -> None:
    """release"""

def atomic_swap(target: Ptr[W], value: W) -> W: ...
def atomic_add(target: Ptr[W], value: W) -> W:
    """The old value."""

def atomic_or(target: Ptr[W], value: W) -> W: ...
def atomic_and(target: Ptr[W], value: W) -> W: ...
def atomic_compare_swap(target: Ptr[W], expected: W, value: W) -> bool: ...

# --- the symbol table of the running program (function names and lines for panics) ------------------------------------------

def symbol_name(address: u64) -> str:
    """`module.Class.function` of the code at an address, "" when unknown."""

def symbol_place(address: u64) -> str:
    """`file:line` of the code at an address, "" when unknown."""
